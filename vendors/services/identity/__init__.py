"""Who a seller is before the law: told, confirmed, kept sealed, and what becomes due."""
