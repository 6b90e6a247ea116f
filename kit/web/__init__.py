"""The web ground: routes that say who may call them, pages, JSON answers, form tokens, headers."""
