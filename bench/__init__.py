"""Measurements of the market under load; see docs/bench.md. Nothing here is imported by the market or its tests."""
