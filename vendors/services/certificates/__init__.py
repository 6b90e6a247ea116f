"""OCOP certificates: confirmed, at their end, and found in registries."""
