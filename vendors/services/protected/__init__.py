"""Protected names: the names and who may use them."""
