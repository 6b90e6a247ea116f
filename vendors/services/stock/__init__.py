"""The shelf: pieces reserved and sold, the lots they come from, and what is traced or unsold of them."""
