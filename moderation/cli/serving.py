"""The command that serves requests."""

from __future__ import annotations

import sys

import click
from gunicorn.app.wsgiapp import WSGIApplication

from moderation import config, installation

SETTINGS = "python:moderation.server.gunicorn_settings"
APP = "moderation.server.wsgi:app"


@click.command("serve")
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    show_default=True,
    metavar="ADDRESS",
    help="HOST:PORT, or unix:PATH for a socket",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 512),
    help="Processes; otherwise WEB_CONCURRENCY, or one per core and at least 2",
)
def serve(bind: str, workers: int | None) -> None:
    """Serve the API and the console with gunicorn, until a signal ends it.

    Run `moderation worker` in a second process. Put a reverse proxy with TLS in front:
    docs/deploy.md. Gunicorn's other options are read from GUNICORN_CMD_ARGS.
    """
    config.load(installation.environment())  # a fault reads better here
    command = ["gunicorn", "--config", SETTINGS, "--bind", bind]
    if workers is not None:
        command += ["--workers", str(workers)]
    sys.argv = [*command, APP]
    WSGIApplication().run()
