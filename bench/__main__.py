"""All measurements one after the other: `python -m bench`. Takes about five minutes."""

from bench import imports, ledger, matching, notices, orders, pages, qr

for one in (qr, matching, ledger, pages, notices, orders, imports):
    one.main([])
