"""Payments: VietQR codes, provider gates, bank notices, matching, the ledger."""
