"""Pretend carriers: their interfaces and their quirks, a page to push a parcel along. Refused in production."""
