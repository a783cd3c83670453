"""The service as a command opens it: put together, not served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from moderation import create_app
from moderation.database import db
from moderation.web.services import Services, services_of


def open_app() -> Services:
    """Open the service as the environment sets it, until the command ends."""
    root = click.get_current_context().find_root()
    if root.obj is None:
        root.obj = root.with_resource(_opened())
    return services_of(root.obj)


@contextmanager
def _opened() -> Iterator[Flask]:
    app = create_app()
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
