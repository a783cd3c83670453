"""Types a command about the test's site."""

from __future__ import annotations

from click.testing import CliRunner, Result

from moderation.cli.main import main


def run(*words: str) -> Result:
    """Run one of our commands at the gazette."""
    return CliRunner().invoke(main, [*words, "--site", "gazette"])
