"""Market fees: billed by a market's board, paid by its traders into the market's account."""
