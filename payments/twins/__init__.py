"""Pretend outside parties for the demo: a bank that moves no money and tells of it as SePay would."""
