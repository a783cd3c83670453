"""Cuts a release: sets its version, and dates the changes under "Unreleased".

    python deploy/cut_release.py VERSION [YYYY-MM-DD]

Commit and tag what it has changed, then run `make dist`.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = re.compile(r"\d+\.\d+\.\d+")
UNRELEASED = "## Unreleased\n"
#: The version, and what is around it, in each file that has it.
PLACES = {
    "pyproject.toml": r'(?m)^(version = ")[^"]+(")$',
    "deploy/compose.yaml": r"(?m)^(  image: moderation:)\S+()$",
}


def cut(root: Path, version: str, day: date) -> None:
    """Set the version of a tree, and date its changelog.

    Raises
    ------
    ValueError
        If it is no version later than the present one, or nothing is unreleased.
        Nothing is changed then.
    """
    texts = {name: (root / name).read_text() for name in (*PLACES, "CHANGELOG.md")}
    present = re.search(PLACES["pyproject.toml"], texts["pyproject.toml"])
    assert present is not None  # noqa: S101 - a test reads the file
    former = present[0].split('"')[1]
    changes = texts["CHANGELOG.md"]
    if not VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version such as 1.2.3")
    is_first = not re.search(r"(?m)^## \d", changes)
    if _parts(version) < _parts(former) or (version == former and not is_first):
        raise ValueError(f"{version} isn't later than {former}")
    before, heading, after = changes.partition(UNRELEASED)
    if not heading or not after.lstrip().startswith("### "):
        raise ValueError("CHANGELOG.md has nothing under 'Unreleased'")
    heading = f"{UNRELEASED}\n## {version} - {day.isoformat()}\n"
    texts["CHANGELOG.md"] = before + heading + after
    for name, pattern in PLACES.items():
        texts[name], count = re.subn(pattern, rf"\g<1>{version}\g<2>", texts[name])
        if count != 1:
            raise ValueError(f"{name} has {count} versions, not one")
    for name, text in texts.items():
        (root / name).write_text(text)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def main() -> None:
    """Cut the release that the command line names."""
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    day = datetime.now(UTC).date()
    if len(sys.argv) == 3:
        day = date.fromisoformat(sys.argv[2])
    try:
        cut(ROOT, sys.argv[1], day)
    except ValueError as error:
        raise SystemExit(f"{error}.") from None
    print(f"Commit this, tag it v{sys.argv[1]}, and run `make dist`.")


if __name__ == "__main__":
    main()
