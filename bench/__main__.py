"""All measurements one after the other: `python -m bench`. Takes about five minutes."""

from bench import carriers, imports, ledger, matching, notices, orders, pages, qr, till

for one in (qr, matching, ledger, pages, notices, orders, imports, till, carriers):
    one.main([])
