"""`python -m moderation`: the same as the `moderation` command."""

from __future__ import annotations

from moderation.cli.main import main

main()
