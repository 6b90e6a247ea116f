"""Where log lines go and how they look."""

import logging.config

LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {
        "tortoise": {"level": "WARNING"},
        "arq.worker": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "uvicorn.error": {"level": "WARNING"},
        "alembic": {"level": "WARNING"},
    },
}


def set_up_logs() -> None:
    """Log lines of this process to the console."""
    logging.config.dictConfig(LOGGING)
