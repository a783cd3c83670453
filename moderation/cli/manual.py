"""Help that reads like a manual: commands by task, and no line cut off."""

from __future__ import annotations

import click

#: The commands by what they are for; a test holds that each has its place.
SECTIONS: dict[str, tuple[str, ...]] = {
    "Install and run": (
        *("init", "migrate", "serve", "worker", "doctor", "backup", "restore"),
        *("secrets", "demo", "completion"),
    ),
    "Sites and keys": (
        *("add-site", "sites", "keys", "add-key", "rotate-key", "integrate"),
        "coral-secret",
    ),
    "Staff": ("staff", "add-staff", "reset-second-factor"),
    "Rules and thresholds": ("import-words", "what-if", "carry-thresholds"),
    "Models": (
        *("models", "retrain", "promote", "rollback", "rescore", "export-model"),
        *("import-model", "export-examples", "lineage", "rehearse"),
    ),
    "Comments and jobs": ("import", "export", "jobs", "cancel-job", "count-figures"),
    "Law and privacy": ("person", "retention", "law", "transparency", "audit"),
}
OTHERS = "Commands"
WHOLE = 1_000  # characters of a command's first sentence: all of them


class ManualGroup(click.Group):
    """A group that lists its commands with their whole first sentence."""

    def format_commands(
        self, context: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the commands, by section where this group has any."""
        rest = dict(self.commands)
        for title, names in SECTIONS.items() if context.parent is None else ():
            self._write(formatter, title, {n: rest.pop(n) for n in names if n in rest})
        self._write(formatter, OTHERS, rest)

    @staticmethod
    def _write(
        formatter: click.HelpFormatter, title: str, commands: dict[str, click.Command]
    ) -> None:
        rows = [
            (name, each.get_short_help_str(WHOLE)) for name, each in commands.items()
        ]
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)
