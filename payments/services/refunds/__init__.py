"""Refunds by use case: pots of money, asking, steps with their bookings, providers, transfers, accounts, reading."""
