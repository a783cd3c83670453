"""`python -m moderation`: the same as the `moderation` command."""

from __future__ import annotations

from moderation.cli import main

main()
