"""The service as a command opens it: put together, not served."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from moderation import create_app
from moderation.audit import actors
from moderation.audit.actions import AuditAction
from moderation.audit.actors import Actor, ActorKind
from moderation.audit.log import record
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.sites import sites
from moderation.web.services import Services, services, services_of


def open_app(site: str | None = None, *, is_recorded: bool = True) -> Services:
    """Open the service as the environment sets it, until the command ends.

    The first time, the audit log records that the command is run.

    Parameters
    ----------
    site
        Name of the site that the command is about, as it was typed.
    is_recorded
        False for a command that must do something before: it calls `record_run`.
    """
    root = click.get_current_context().find_root()
    if root.obj is None:
        root.obj = root.with_resource(_opened())
        act_on_command_line()
        if is_recorded:
            record_run(site)
    return services_of(root.obj)


def act_on_command_line() -> None:
    """Let the user of the operating system act in the session at hand."""
    actor = Actor(kind=ActorKind.COMMAND_LINE, id=os.getuid())
    actors.act_as(db.session(), actor, services().audit_key)


def record_run(site: str | None = None) -> None:
    """Record that the current command is run, without what else was typed."""
    session, site_id = db.session(), None
    if site is not None:
        with contextlib.suppress(NotFound):  # which the command itself will tell
            site_id = sites.get_by_name(session, site).id
    start_writing(session)
    record(
        session,
        AuditAction.COMMAND_RUN,
        site_id=site_id,
        command=_name(click.get_current_context()),
    )
    session.commit()


def _name(context: click.Context) -> str:
    """Return the name of a command with those of its groups, as it is typed."""
    names = []
    while context.parent is not None:
        names.append(context.command.name or "")
        context = context.parent
    return " ".join(reversed(names))


@contextmanager
def _opened() -> Iterator[Flask]:
    app = create_app()
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
