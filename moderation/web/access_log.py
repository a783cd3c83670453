"""Gunicorn's logs without site keys, cookies, and queries of URLs."""

from __future__ import annotations

import logging
import os
from typing import Any

from gunicorn.glogging import Logger

from moderation.logs import JsonFormatter
from moderation.sites.keys import mask_keys

NOTHING = "-"
SECRET_HEADERS = ("authorization", "cookie", "x-goog-api-key")


class KeyFilter(logging.Filter):
    """Masks keys in the URLs of messages, as of a request that can't be parsed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, masked."""
        message = record.getMessage()
        masked = mask_keys(message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True


class KeylessLogger(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """Writes no key, with any `--access-logformat`."""

    def setup(self, cfg: Any) -> None:
        """Set the logs up as gunicorn does, with a filter."""
        super().setup(cfg)
        self.error_log.addFilter(KeyFilter())
        if os.environ.get("MODERATION_LOG_FORMAT") == "json":
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonFormatter())

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any
    ) -> dict[str, Any]:
        """Return the parts of a line of the access log."""
        masked = dict(environ)
        for name in ("RAW_URI", "PATH_INFO", "HTTP_REFERER", "REQUEST_URI"):
            if name in masked:
                masked[name] = mask_keys(masked[name])
        masked["QUERY_STRING"] = NOTHING
        for header in SECRET_HEADERS:
            masked.pop(f"HTTP_{header.upper().replace('-', '_')}", None)
        parts: dict[str, Any] = super().atoms(resp, req, masked, request_time)
        for name in (*SECRET_HEADERS, "referer"):
            if f"{{{name}}}i" in parts:
                parts[f"{{{name}}}i"] = NOTHING
        return parts
