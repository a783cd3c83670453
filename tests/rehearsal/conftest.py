"""Commands find the database of a test here, too."""

from __future__ import annotations

from tests.cli.conftest import commands_find_the_database

__all__ = ["commands_find_the_database"]
