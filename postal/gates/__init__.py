"""Gates to carriers, one file for each, and which of them are switched on."""
