"""Markets: kept by administrators and boards, with zones, traders, plates, and the account fees go to."""
