"""Where log lines go and how they look: lines for people, or one JSON object a line for machines.

Either carries the number of the request or job it belongs to. What looks like a person's is struck out: phone numbers,
long rows of digits (accounts, papers), mail addresses, and the values that PostgreSQL quotes when a rule is broken.
"""

import json
import logging
import logging.config
import re
from datetime import UTC, datetime

from kit.origin import origin

STRUCK = "…"
_PERSONAL = re.compile(
    r"(?<![\w.:-])(?:\+84|84|0)(?:[ .-]?[0-9]){9}(?![0-9])"  # a Vietnamese phone number
    r"|(?<![\w.-])[0-9]{9,19}(?![\w-])"  # accounts and papers
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # mail
)
# Controls (C0, DEL, C1) and the two separators of Unicode, as Python writes them.
_SPELLED_OUT = {n: ascii(chr(n))[1:-1] for n in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
_QUOTED_BY_DATABASE = re.compile(r"(DETAIL: +|Failing row contains |Key \([^)]*\)=)\(?.*")


class PersonalOut(logging.Formatter):
    """Formats a line and strikes out what looks like a person's, in the text and in the traceback.

    What is logged cannot begin a line of its own: marks that break or steer lines are spelled out in the text, and a
    traceback's lines are set in.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The line before a traceback."""
        record.message = record.message.translate(_SPELLED_OUT)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """One line (a traceback: several)."""
        text = super().format(record)
        line, *rest = (text if is_of_a_request(record) else without_personal(text)).split("\n")
        marked = line + "".join(f" [{one}]" for one in origin() if one)
        return "\n    ".join([marked, *(one.translate(_SPELLED_OUT) for one in rest)])


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, text, request, job, and a traceback as `fault`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        here = origin()
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "text": without_personal(record.getMessage()),
            "request": here.request_id,
            "job": here.job,
            "fault": without_personal(self.formatException(record.exc_info)) if record.exc_info else "",
        }
        return json.dumps({name: one for name, one in said.items() if one}, ensure_ascii=False)


def is_of_a_request(record: logging.LogRecord) -> bool:
    """The many lines of requests hold only a route's pattern and figures (kit/web/headers.py)."""
    return record.name == "web" and record.levelno == logging.INFO


def without_personal(text: str) -> str:
    """The text with what looks like a person's struck out."""
    return _PERSONAL.sub(STRUCK, _QUOTED_BY_DATABASE.sub(rf"\1{STRUCK}", text))


def logging_for(log_format: str) -> dict[str, object]:
    """The configuration of this process's log lines; `log_format` is line or json."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": PersonalOut,
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            },
            "json": {"()": JsonLines},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format}},
        "root": {"level": "INFO", "handlers": ["console"]},
        "loggers": {
            "tortoise": {"level": "WARNING"},
            "arq.worker": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "uvicorn.error": {"level": "WARNING"},
            "alembic": {"level": "WARNING"},
            "opentelemetry": {"level": "ERROR"},
        },
    }


def set_up_logs(log_format: str = "line") -> None:
    """Log lines of this process to the console."""
    logging.config.dictConfig(logging_for(log_format))
