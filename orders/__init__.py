"""Baskets, orders and their states; the package that joins search, payments and postal."""
