"""A seller's revenue book over all channels: what goes in, what it says, and the forms of the tax office."""
