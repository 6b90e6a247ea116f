"""Help by digital teams: households, their consents, what is done for them and what they see of it."""
