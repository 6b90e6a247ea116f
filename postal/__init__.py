"""Parcels: carriers, parcel codes, labels, tracking and the work lists of postal staff."""
