"""All measurements one after the other: `python -m bench`. Takes about five minutes."""

from bench import imports, matching, notices, orders, pages, qr, till

for one in (qr, matching, pages, notices, orders, imports, till):
    one.main([])
