"""People: sign-in by phone, sessions, roles, and the trail of who did what."""
