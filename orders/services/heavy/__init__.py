"""Goods sold by weight that weighed more: the difference is asked, paid, waived, or packed away."""
