"""Carriers' statements: taken in as they came, matched line by line, what differs worked off by a person."""
