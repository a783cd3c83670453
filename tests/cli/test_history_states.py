"""What another system has decided about authors and articles comes in, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.policy.standings import Standing
from moderation.tables.authors import Author
from tests.builders import Newsroom
from tests.cli.test_history import BRIDGE
from tests.cli.typed import run
from tests.importing.reading import SAMPLES
from tests.refusals import on_sqlite

pytestmark = [
    on_sqlite,
    pytest.mark.usefixtures("commands_find_the_database"),
]
LATE, EARLY = "2123-03-05T12:00:00Z", "2023-03-05T12:00:00Z"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Copy the sample of Coral, of whose authors one is banned."""
    folder = tmp_path / "coral"
    folder.mkdir()
    for path in (SAMPLES / "coral").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def change(path: Path, number: int, fields: dict[str, Any]) -> None:
    """Change an object of a collection."""
    values = lines(path)
    values[number].update(fields)
    path.write_text("\n".join(json.dumps(value) for value in values))


def standing_of(newsroom: Newsroom, name: str) -> dict[str, Any] | None:
    db.session.remove()
    number = db.session.scalar(sa.select(Author.id).where(Author.name == name))
    answer = newsroom.as_staff(Role.LEAD).get(f"/api/v1/authors/{number}")
    assert answer.status_code == 200, answer.text
    current: dict[str, Any] | None = answer.json["current"]
    return current


def test_a_ban_is_taken_over_once(newsroom: Newsroom, export: Path) -> None:
    result = run("import", "coral", str(export))
    assert "standing of 1 authors" in result.output
    current = standing_of(newsroom, "Harsh")
    assert current is not None
    assert (current["standing"], current["by"]) == ("banned", None)
    assert standing_of(newsroom, "Ada O'Neil") is None
    lead = newsroom.as_staff(Role.LEAD)
    number = db.session.scalar(sa.select(Author.id).where(Author.name == "Harsh"))
    path = f"/api/v1/authors/{number}"
    (entry,) = lead.get(f"{path}/timeline?kind=standing").json["entries"]
    assert (entry["standing"], entry["by"]) == ("banned", None)
    assert lead.delete(f"{path}/standing").status_code < 300
    assert run("import", "coral", str(export)).exit_code == 0
    assert standing_of(newsroom, "Harsh") is None  # lifted here, and it stays so


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ({"premod": {"active": True}}, Standing.PREMODERATED),
        ({"suspension": {"history": [{"from": {"finish": LATE}}]}}, Standing.SUSPENDED),
        ({"suspension": {"history": [{"from": {"finish": EARLY}}]}}, None),
        ({"ban": {"active": False}}, None),
        ({}, None),
    ],
)
def test_other_restrictions_become_standings_while_they_last(
    newsroom: Newsroom,
    export: Path,
    status: dict[str, Any],
    standing: Standing | None,
) -> None:
    change(export / "users.json", 1, {"status": status})
    run("import", "coral", str(export))
    current = standing_of(newsroom, "Harsh")
    assert (current and current["standing"]) == (standing and standing.value)


@pytest.mark.parametrize(
    ("closed_at", "setting"),
    [({"$date": EARLY}, "closed"), ({"$date": LATE}, "policy"), (False, "policy")],
)
def test_closed_stories_are_closed_articles(
    newsroom: Newsroom, export: Path, closed_at: Any, setting: str
) -> None:
    change(export / "stories.json", 0, {"closedAt": closed_at})
    run("import", "coral", str(export))
    path = f"/api/v1/sites/gazette/articles/{BRIDGE}/openness"
    staff = newsroom.as_staff(Role.MODERATOR)
    assert staff.get(path).json["setting"] == setting
    assert staff.put(path, {"setting": "open"}).status_code == 200
    run("import", "coral", str(export))
    assert staff.get(path).json["setting"] == "open"  # opened here


def test_a_post_that_is_read_only_is_closed(newsroom: Newsroom) -> None:
    result = run("import", "remark42", str(SAMPLES / "remark42.jsonl"))
    assert "1 closed articles" in result.output
