"""How goods come to their buyer when not by a parcel of their own: fetched, or in one of several stalls."""
