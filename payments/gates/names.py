"""The names of the gates that collect, in the order they are offered; what the market calls them everywhere."""

MOMO, ZALOPAY, VNPAY, MOBILE_MONEY, STRIPE = "momo", "zalopay", "vnpay", "mobile_money", "stripe"
NAMES = (MOMO, ZALOPAY, VNPAY, MOBILE_MONEY, STRIPE)
