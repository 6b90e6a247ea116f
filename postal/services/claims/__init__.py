"""Claims on carriers for parcels that they lost or damaged: steps, and what a supervisor sees of them."""
