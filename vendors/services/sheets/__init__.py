"""Sheets of listings: taken in with their photos, worked through, given out."""
