"""The stall till: sales, money that comes in for them, what the screen shows, days and their close."""
