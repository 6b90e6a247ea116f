"""Vendors, their stalls and markets, listings, photos, certificates, and the accounts they are paid on."""
