"""Output that commands share: JSON for scripts, and signs of progress."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

QUIET_SECONDS = 2.0  # before the first word that work goes on
STEP_SECONDS = 1.0  # between two
ERASE_LINE = "\r\x1b[2K"

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for scripts"
)


def print_json(value: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Print a value as JSON; moments are in ISO 8601."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_written))


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@contextlib.contextmanager
def busy(label: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that something goes on, and since when, after two seconds.

    Yields a function that changes the label. Where the error output is no terminal,
    nothing is shown.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    labels, ended, began = [label], threading.Event(), time.monotonic()

    def show() -> None:
        pause = QUIET_SECONDS
        while not ended.wait(pause):
            seconds = time.monotonic() - began
            text = f"{ERASE_LINE}{labels[-1]} … {seconds:.0f} s"
            click.echo(text, err=True, nl=False)
            pause = STEP_SECONDS

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield labels.append
    finally:
        ended.set()
        thread.join()
        click.echo(ERASE_LINE, err=True, nl=False)
