"""Messages to sellers' own systems: their endpoints, and the sending."""
