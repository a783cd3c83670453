"""The service as a command opens it: put together, not served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from moderation import create_app
from moderation.database import db


@contextmanager
def opened() -> Iterator[Flask]:
    """Open the service as the environment sets it, and close it in good order."""
    app = create_app()
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
