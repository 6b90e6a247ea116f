"""Ratings: written and answered, shown, moderated."""
