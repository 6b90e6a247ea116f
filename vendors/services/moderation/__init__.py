"""Moderation of what is shown: acts, the desk, and what it shares with ratings."""
