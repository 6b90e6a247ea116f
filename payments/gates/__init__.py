"""Gates to providers, one file each behind payments/gate.py, and the register of those that are switched on."""
