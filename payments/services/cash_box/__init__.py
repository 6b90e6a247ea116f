"""Cash of the post's box on its way to the bank: taken out and paid in, told by the bank, read."""
