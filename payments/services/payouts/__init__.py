"""Payouts by use case: what is owed and gathered, steps with their bookings, notices, reading."""
