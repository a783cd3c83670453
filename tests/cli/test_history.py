"""A site's history is imported, exported, and trained on, as docs/importing.md says."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.cli.main import main
from moderation.comments import search_index
from moderation.database import db, start_writing
from moderation.importing import ingestion, runs
from moderation.learning import examples
from moderation.learning.provenance import Provenance
from moderation.learning.training_set import TrainingSet
from moderation.tables.authors import Author
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.importing import HistoryImport, ImportedComment
from moderation.tables.webhooks import Delivery
from tests.builders import Newsroom
from tests.cli.typed import run
from tests.decided_newsroom import sentences
from tests.importing.reading import SAMPLES

pytestmark = pytest.mark.usefixtures("commands_find_the_database")
BRIDGE = "https://news.example/2023/bridge/"


def import_coral(*more: str) -> Result:
    result = run("import", "coral", str(SAMPLES / "coral"), *more)
    assert result.exit_code == 0, result.output
    return result


def reported(result: Result) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])["report"]
    return report


def comments(name: str = "%") -> dict[str, Comment]:
    db.session.remove()
    rows = db.session.scalars(
        sa.select(Comment).where(Comment.external_id.like(name)).order_by(Comment.id)
    )
    return {str(row.external_id): row for row in rows}


def test_an_import_fills_all_that_a_comment_has_and_is_quiet(
    newsroom: Newsroom,
) -> None:
    import_coral("--pending", "queue")
    found = comments()
    assert [*found] == [f"coral:co-{number}" for number in (1, 2, 3, 4, 6)]
    first = found["coral:co-1"]
    assert identifiers.moment_of(first.id) == datetime(2023, 3, 5, 9, 15, tzinfo=UTC)
    assert first.id < 0
    assert found["coral:co-2"].parent_id == first.id
    assert found["coral:co-6"].thread.startswith(first.thread)
    assert first.email_encrypted
    assert "ada@" not in first.email_encrypted
    decisions = db.session.scalars(sa.select(Decision).order_by(Decision.id)).all()
    assert {decision.source for decision in decisions} == {"import"}
    told = {decision.comment_id: decision for decision in decisions}
    rejection = told[found["coral:co-2"].id]
    assert (rejection.verdict, rejection.reasons) == ("reject", [{"code": "insult"}])
    assert rejection.created_at == datetime(2023, 3, 5, 9, 25, tzinfo=UTC)
    authors = db.session.scalars(sa.select(Author).order_by(Author.id)).all()
    counts = {row.name: (row.approved, row.rejected, row.pending) for row in authors}
    assert counts == {"Ada O'Neil": (2, 1, 0), "Harsh": (0, 1, 1)}
    article = db.session.scalars(sa.select(Article)).one()
    assert (article.title, article.section) == ("Bridge & tunnel", "Local news")
    assert db.session.scalar(sa.select(sa.func.count(Delivery.id))) == 0
    assert found["coral:co-4"].due_at > datetime.now(UTC)
    assert search_index.has_backlog(db.session())
    imported = db.session.get_one(ImportedComment, found["coral:co-2"].id)
    assert (imported.evidence, imported.is_harmful) == ("person", True)
    assert imported.decided_by != "us-9"
    assert imported.details["reports"] == {"toxicity": 1}
    exported = run("person", "export", "ada@mail.example")
    assert "The bridge must stay open." in exported.output
    assert examples.count_examples(db.session(), newsroom.site_id, 10) == 3
    setup = newsroom.as_staff(Role.ADMIN).get("/api/v1/sites/gazette/setup").json
    assert (setup["history"], setup["comment"]) == (True, False)
    audit = newsroom.as_staff(Role.ADMIN).get("/api/v1/audit?action=history.imported")
    assert audit.json["entries"][0]["details"]["comments"] == 5


def test_readers_and_the_desk_find_imported_comments_in_order(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy({"toxicity": {"review_at": 1.0, "reject_at": None}})
    newsroom.send(article=BRIDGE, body="Written after the switch.")
    import_coral()
    answer = newsroom.as_site().get(f"/api/v1/articles/{BRIDGE}/comments?limit=1")
    bodies = [each["body"] for each in answer.json["comments"]]
    assert bodies[0].startswith("The bridge")
    page = newsroom.as_site().get(
        f"/api/v1/articles/{BRIDGE}/comments?cursor={answer.json['next']}"
    )
    bodies += [each["body"] for each in page.json["comments"]]
    assert bodies[1:] == ["Nobody has looked at me.", "Written after the switch."]
    session = db.session()
    while search_index.has_backlog(session):
        start_writing(session)
        search_index.index_backlog(session)
        session.commit()
    desk = newsroom.as_staff()
    for query, expected in (
        ("order=oldest&text=nobody", ["Nobody has looked at me."]),
        ("order=newest&limit=1", ["Written after the switch."]),
    ):
        listed = desk.get(f"/api/v1/comments?{query}")
        assert listed.status_code == 200, listed.json
        assert [each["body"] for each in listed.json["comments"]] == expected
    thread = desk.get(f"/api/v1/comments/{answer.json['comments'][0]['id']}/thread")
    assert thread.status_code == 200, thread.json


def test_the_same_again_changes_nothing_and_a_newer_export_adds(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    before = (SAMPLES / "remark42.jsonl").read_text().splitlines()
    half, whole = tmp_path / "half.jsonl", tmp_path / "whole.jsonl"
    half.write_text("\n".join([before[0], before[2], before[4]]))
    changed = before[4].replace("the one who left", "nobody").replace("e5a4", "e5a2")
    whole.write_text("\n".join([*before, changed]))
    first = reported(run("import", "remark42", str(half), "--json"))
    assert first["comments"] == 2
    again = run("import", "remark42", str(half))
    assert "0 added, 2 were here before" in again.output
    third = run("import", "remark42", str(whole))
    assert "1 added, 2 were here before" in third.output
    assert "id twice" in third.output
    found = comments()
    top = found["remark42:e5a1"]
    for name in ("remark42:e5a2", "remark42:e5a4"):
        assert found[name].parent_id == top.id, "their parent came behind them"
        assert found[name].thread == top.thread + identifiers.thread_part(
            found[name].id
        )


def test_an_import_that_was_killed_is_resumed(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion, "BATCH_SIZE", 2)
    stored, calls = runs.store_batch, 0

    def fail(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return stored(*arguments)

    monkeypatch.setattr(runs, "store_batch", fail)
    path = str(SAMPLES / "disqus.xml")
    assert run("import", "disqus", path).exit_code != 0
    assert 0 < len(comments()) < 7
    monkeypatch.setattr(runs, "store_batch", stored)
    result = run("import", "disqus", path, "--resume")
    assert result.exit_code == 0, result.output
    assert len(comments()) == 7
    assert db.session.scalar(sa.select(sa.func.count(HistoryImport.id))) == 1
    assert comments()["disqus:5003"].parent_id == comments()["disqus:5004"].id


def test_an_export_is_imported_again_without_loss(
    newsroom: Newsroom, other_newsroom: Newsroom, tmp_path: Path
) -> None:
    newsroom.send(article=BRIDGE, body="Written after the switch.")
    import_coral()
    assert run("import", "disqus", str(SAMPLES / "disqus.xml")).exit_code == 0
    path = tmp_path / "all.jsonl"
    path.write_text(run("export", "--with-addresses").stdout)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 13
    assert "ada@mail.example" in path.read_text()
    assert "@mail.example" not in run("export").stdout
    result = CliRunner().invoke(main, ["import", "auto", str(path), "--site", "herald"])
    assert result.exit_code == 0, result.output
    again = CliRunner().invoke(main, ["export", "--site", "herald", "--with-addresses"])
    assert [json.loads(line) for line in again.stdout.splitlines()] == lines


def written(tmp_path: Path, count: int) -> Path:
    """Return a CSV file of comments that moderators, and a filter, have decided."""
    path = tmp_path / "history.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["id", "article", "body", "status", "reason", "decided_by", "written_at"]
        )
        for number, made in enumerate(sentences(count)):
            status = ("rejected", "insult") if made.is_insult else ("approved", "")
            day = f"2021-{number % 12 + 1:02}-{number % 28 + 1:02}T12:00:00Z"
            article = f"https://news.example/{number % 20}"
            rows.writerow([number, article, made.text, *status, "desk", day])
        pills = ("Cheap pills, buy them now", "rejected", "spam", "")
        rows.writerow(["s", article, *pills, "2021-05-05T12:00:00Z"])
    return path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is slow
def test_a_first_model_is_trained_on_day_one(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    result = run("import", "csv", str(written(tmp_path, 320)))
    assert result.exit_code == 0, result.output
    assert "enough for a first model" in result.output
    lessons = TrainingSet(
        examples.read_training_examples(db.session(), newsroom.site_id, LABELS)
    )
    lessons.weigh()
    by_kind = {lesson.provenance: lesson.example for lesson in lessons}
    assert {*by_kind} == {Provenance.IMPORTED, Provenance.INFERRED}
    assert by_kind[Provenance.INFERRED].labels == {"spam": True}
    assert by_kind[Provenance.INFERRED].weight < by_kind[Provenance.IMPORTED].weight
    db.session.remove()
    trained = run("retrain")
    assert trained.exit_code == 0, trained.output
    assert "The gate" in trained.output
