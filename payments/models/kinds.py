"""Kinds that several tables of payments name."""

from enum import StrEnum


class BankProvider(StrEnum):
    """Who tells of transfers into a seller's account."""

    SEPAY = "sepay"
    CASSO = "casso"
    PAYOS = "payos"
