"""Finding listings: how Vietnamese people type, the index, its two engines and the search page."""
