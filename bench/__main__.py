"""All measurements one after the other: `python -m bench`. Takes about five minutes."""

from bench import notices, orders, pages, qr

for one in (qr, pages, notices, orders):
    one.main([])
