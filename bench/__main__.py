"""All measurements one after the other: `python -m bench`. Takes about five minutes."""

from bench import imports, notices, orders, pages, qr

for one in (qr, pages, notices, orders, imports):
    one.main([])
