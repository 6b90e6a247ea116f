"""All measurements one after the other: `python -m bench`. Takes about twenty minutes."""

from bench import carriers, imports, ledger, matching, notices, orders, pages, qr, search, till

for one in (qr, matching, ledger, pages, notices, orders, imports, till, search, carriers):
    one.main([])
