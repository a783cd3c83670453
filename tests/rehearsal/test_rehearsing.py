"""Past comments are replayed, as docs/rehearsal.md says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.learning import lineage
from moderation.rehearsal import past_decisions, proposals, rehearsing, report
from moderation.rehearsal.load import DecisionSeconds, choose_seconds
from moderation.rehearsal.rehearsing import RehearsalOrder
from moderation.tables.comments import Comment
from moderation.tables.models import Model
from moderation.web.services import services_of
from tests.builders import NOTHING_HELD, Newsroom
from tests.cli.typed import run
from tests.refusals import on_sqlite
from tests.rehearsal.history import (
    CLEAN,
    FIRST,
    HARSH,
    HOUR,
    decided,
    import_records,
    perspective,
    record,
    work_on_rehearsals,
)
from tests.renamed_model import renamed, renamed_file

# Those that ask the database in their own way run on PostgreSQL, too.
pytestmark = pytest.mark.usefixtures("commands_find_the_database")

HELD_WHEN_HARSH: Any = {"toxicity": {"review_at": 0.6, "reject_at": None}}


def rehearsed(*more: str) -> dict[str, Any]:
    result = run("rehearse", "--json", *more)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def cells(found: dict[str, Any]) -> dict[tuple[str, str | None], tuple[int, ...]]:
    return {
        (row["then"], row["by"]): tuple(
            row[name] for name in ("approved", "held", "rejected", "refused")
        )
        for row in found["decided"]
    }


def test_what_would_be_is_counted_against_what_was_decided_and_by_whom(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(HELD_WHEN_HARSH)
    import_records(
        [
            record(0),
            record(1, body=HARSH),
            record(2, body=HARSH, **decided("reject", "person", by="mo")),
            record(
                3,
                article="https://gazette.example/cup",
                article_section="Sport",
                **decided("reject", "person", by="mo"),
            ),
            record(4, **decided("reject", "filter", reasons=["spam"])),
            record(5, **decided("approve", "unknown")),
            record(6, status="pending", decision=None),
        ]
    )
    newsroom.send()
    found = rehearsed()
    assert cells(found) == {
        ("rejected", "moderator"): (1, 1, 0, 0),
        ("rejected", "filter"): (1, 0, 0, 0),
        ("approved", "moderator"): (1, 1, 0, 0),
        ("approved", "unknown"): (1, 0, 0, 0),
        ("approved", "automatic"): (1, 0, 0, 0),
        ("pending", None): (1, 0, 0, 0),
    }
    total = found["total"]
    assert (total["missed"], total["wrongly_held"], total["rejected_then"]) == (1, 1, 2)
    sections = {row["section"]: row["missed"] for row in found["sections"]}
    assert sections == {None: 0, "Sport": 1}
    months = [(row["month"], row["comments"]) for row in found["months"]]
    assert months[0] == ("2023-12", 7)
    assert [number for _, number in months[1:]] == [1]
    assert found["held_because"] == {"toxicity": 2}
    missed = find_examples(found, "rejected", "moderator", "approved")
    assert identifiers.moment_of(identifiers.decode(missed[0])) == FIRST + 3 * HOUR


def find_examples(
    found: dict[str, Any], then: str, by: str | None, would_be: str
) -> list[str]:
    (kind,) = (
        kind
        for kind in found["examples"]
        if (kind["then"], kind["by"], kind["would_be"]) == (then, by, would_be)
    )
    return [comment["id"] for comment in kind["comments"]]


@on_sqlite
def test_the_newest_decision_about_the_text_as_it_stands_counts(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    import_records([record(0, **decided("reject", "filter")), record(1)])
    ids = [row.id for row in db.session.scalars(sa.select(Comment).order_by("id"))]
    path = f"/api/v1/comments/{identifiers.encode(ids[0])}/decisions"
    answer = newsroom.as_staff().post(path, {"verdict": "approve", "version": 1})
    assert answer.status_code in (200, 201), answer.json
    session = db.session()
    start_writing(session)
    session.execute(
        sa.update(Comment).where(Comment.id == ids[1]).values(revision=2, body=CLEAN)
    )
    session.commit()
    assert cells(rehearsed()) == {
        ("approved", "moderator"): (1, 0, 0, 0),
        ("pending", None): (1, 0, 0, 0),
    }


@on_sqlite
def test_rules_closed_sections_and_trust_count(newsroom: Newsroom) -> None:
    newsroom.set_policy(
        HELD_WHEN_HARSH,
        sections={"Sport": "closed", "Politics": "pre"},
        trusted_authors=["u5"],
    )
    rule = {
        "name": "Bridge",
        "action": "reject",
        "mode": "on",
        "conditions": [{"kind": "words", "entries": ["bridge"]}],
    }
    answer = newsroom.as_staff(Role.ADMIN).post("/api/v1/sites/gazette/rules", rule)
    assert answer.status_code == 201, answer.json
    import_records(
        [
            record(1, body="The bridge again."),
            record(2, article="https://g.example/2", article_section="Sport"),
            record(3, article="https://g.example/3", article_section="Politics"),
            record(4, body=HARSH),
            record(5, body=HARSH),
        ]
    )
    found = rehearsed()
    assert cells(found) == {("approved", "moderator"): (1, 2, 1, 1)}
    assert found["held_because"] == {"premoderation": 1, "toxicity": 1}


def test_an_authors_record_counts_as_of_the_time(newsroom: Newsroom) -> None:
    newsroom.set_policy(
        {"toxicity": {"review_at": 0.6, "reject_at": 1.0}},
        earned_trust={"approved": 2, "days": 0},
    )
    same = {"author_id": "regular", "body": HARSH}
    import_records([record(number, **same) for number in range(5)])
    found = rehearsed()
    assert cells(found) == {("approved", "moderator"): (3, 2, 0, 0)}


@on_sqlite
def test_other_services_scores_are_compared_and_their_silence_is_a_no(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(HELD_WHEN_HARSH)
    rejection = decided("reject", "person", by="mo")
    spam = {"scores": [{"from": "akismet", "attribute": "spam", "value": 1.0}]}
    import_records(
        [
            record(0, body=HARSH, **rejection, **perspective(0.9)),
            record(1, **rejection, **perspective(0.75)),
            record(2, **perspective(0.1)),
            record(3, **rejection, **spam),
        ]
    )
    newsroom.send()  # no import: nothing is known of it
    services = {row["service"]: row for row in rehearsed()["services"]}
    theirs = services["perspective"]
    assert theirs["threshold"] == rehearsing.GIVEN_THRESHOLD
    assert (theirs["flagged"]["held"], theirs["flagged"]["rejected_then"]) == (1, 1)
    assert (theirs["passed"]["approved"], theirs["passed"]["missed"]) == (2, 1)
    flagged, passed = (services["akismet"][side] for side in ("flagged", "passed"))
    assert (flagged["approved"], flagged["missed"]) == (1, 1)
    assert (passed["approved"], passed["held"], passed["rejected_then"]) == (2, 1, 2)
    lower = rehearsed("--service-threshold", "TOXICITY=0.7")["services"][1]
    assert lower["flagged"]["rejected_then"] == 2


def add_model(newsroom: Newsroom, trained_on: list[int], **report: Any) -> str:
    keys = services_of(newsroom.app).lineage_key
    session = db.session()
    start_writing(session)
    version = renamed("own").version
    model = Model(
        site_id=newsroom.site_id,
        version=version,
        base_version=version,
        artifact=renamed_file("own"),
        learnt_from=lineage.pack_marks(keys, trained_on) if trained_on else None,
        learnt_with=keys.current.id,
        report=report,
        created_at=datetime.now(UTC),
    )
    session.add(model)
    session.commit()
    return version


@on_sqlite
def test_what_a_model_was_trained_on_is_left_out(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD)
    import_records([record(number) for number in range(6)])
    ids = list(db.session.scalars(sa.select(Comment.id).order_by(Comment.id)))
    since = (FIRST + 2 * HOUR).isoformat()
    version = add_model(newsroom, [ids[0], ids[4]], held_out_since=since)
    found = rehearsed("--model", version)
    assert (found["comments"], found["held_out_since"]) == (4, since)
    assert (found["total"]["comments"], found["total"]["left_out"]) == (3, 1)
    everything = rehearsed("--model", version, "--since", "2023-01-01")
    assert everything["total"]["left_out"] == 2
    shown = run("rehearse", "--model", version).output
    assert "1 comments that it was trained on are left" in shown


@on_sqlite
def test_an_imported_models_training_is_not_known(newsroom: Newsroom) -> None:
    import_records([record(0)])
    version = add_model(newsroom, [])
    assert not rehearsed("--model", version)["is_lineage_known"]
    assert rehearsed()["is_lineage_known"]  # no comment of a site trained the default


def test_a_sample_is_the_same_each_time_and_says_how_large_it_is(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy({"toxicity": {"review_at": 0.0, "reject_at": None}})
    import_records([record(number) for number in range(120)])
    found, again = rehearsed("--sample", "40"), rehearsed("--sample", "40")
    assert found == again
    assert found["read_share"] == pytest.approx(1 / 3, abs=1e-3)
    assert 15 < found["total"]["comments"] < 70
    load = found["total"]["queue_load"]["comments"]
    assert load["value"] == pytest.approx(120 / found["days"], rel=0.9)
    everything = rehearsed("--sample", "0")["total"]["queue_load"]["comments"]
    assert everything["low"] == everything["high"]


@on_sqlite
def test_kept_rows_do_not_depend_on_the_order(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "MAX_ROWS", 10)
    monkeypatch.setattr(past_decisions, "BATCH_SIZE", 7)
    import_records([record(number) for number in range(50)])
    sessions = sessionmaker(db.engine)
    services = services_of(newsroom.app)
    rehearsal = rehearsing.rehearse(
        sessions,
        RehearsalOrder(site_id=newsroom.site_id),
        services.scoring,
        services.lineage_key,
        lambda share, note=None, /: None,
    )
    assert rehearsal.counts.total.replayed == 50
    kept = rehearsal.rows
    kept.propose(rehearsal.counts, ())
    numbers = sorted(proposals._mixed(each) for each in all_ids())
    assert [number for number, _ in kept._rows] == numbers[:10]
    assert report.to_json(rehearsal, DecisionSeconds())["baselines"] == []


def all_ids() -> list[int]:
    return list(db.session.scalars(sa.select(Comment.id)))


def test_thresholds_are_proposed_for_each_baseline(newsroom: Newsroom) -> None:
    newsroom.set_policy(HELD_WHEN_HARSH)
    rejection = decided("reject", "person", by="mo")
    words = [f"{CLEAN} It is number {n}." for n in range(120)]
    harsh = [f"{HARSH} Number {n}." for n in range(40)]
    import_records(
        [
            *(record(n, body=text, **perspective(0.1)) for n, text in enumerate(words)),
            *(
                record(200 + n, body=text, **rejection, **perspective((140 + n) / 200))
                for n, text in enumerate(harsh)
            ),
        ]
    )
    found = {each["kind"]: each for each in rehearsed()["baselines"]}
    assert [*found] == ["current", "moderators", "service"]
    theirs = found["service"]
    assert theirs["was"]["missed_share"]["value"] == 0.5
    assert theirs["same_load"]["queue_load"]["comments"]["value"] == pytest.approx(
        theirs["was"]["queue_load"]["comments"]["value"], rel=0.05
    )
    assert theirs["same_misses"]["is_met"]
    assert found["current"]["was"]["missed_share"]["value"] == 0
    assert found["moderators"]["same_misses"] is None
    assert found["moderators"]["was"]["missed_share"] is None


@on_sqlite
def test_texts_are_shown_only_if_asked_for_and_without_addresses(
    newsroom: Newsroom,
) -> None:
    import_records([record(0, body="Write to ada@mail.example about the bridge.")])
    assert "bridge" not in run("rehearse", "--examples").output
    shown = run("rehearse", "--texts").output
    assert "about the bridge." in shown
    assert "ada@" not in shown


@on_sqlite
def test_without_comments_or_model_the_command_says_so(newsroom: Newsroom) -> None:
    result = run("rehearse")
    assert (result.exit_code, "no comments" in result.output) == (1, True)
    result = run("rehearse", "--model", "nobodys")
    assert (result.exit_code, "no such model" in result.output) == (1, True)
    assert run("rehearse", "--service-threshold", "TOXICITY=2").exit_code == 2


def test_the_seconds_for_a_decision_are_given_measured_or_assumed() -> None:
    assert choose_seconds(4, 7, 100).seconds == 4
    assert choose_seconds(None, 7, 100).decisions == 100
    assert choose_seconds(None, 7, 29) == DecisionSeconds()
    assert choose_seconds(None, None, 50) == DecisionSeconds()


@on_sqlite
def test_the_sites_own_pace_is_the_load(newsroom: Newsroom) -> None:
    newsroom.set_policy({"toxicity": {"review_at": 0.0, "reject_at": None}})
    import_records([record(n) for n in range(3)])
    load = rehearsed("--seconds", "30")["total"]["queue_load"]
    assert load["minutes"]["value"] == pytest.approx(
        load["comments"]["value"] / 2, abs=1e-3
    )


@on_sqlite
def test_a_worker_rehearses_and_the_report_is_read(newsroom: Newsroom) -> None:
    newsroom.set_policy(HELD_WHEN_HARSH)
    rejection = decided("reject", "person", by="mo")
    import_records([record(0), record(1, body=HARSH, **rejection, **perspective(0.9))])
    admin, site = newsroom.as_staff(Role.ADMIN), "/api/v1/sites/gazette"
    assert admin.get(f"{site}/rehearsal").status_code == 404
    body = {
        "since": "2023-12-31",
        "seconds": 6,
        "service_thresholds": {"TOXICITY": 0.95},
    }
    job = admin.post(f"{site}/rehearsals", body).json
    assert (job["kind"], job["state"]) == ("rehearsal", "queued")
    assert admin.post(f"{site}/rehearsals", {}).json["code"] == "unfinished_job"
    work_on_rehearsals(newsroom.app)
    answer = admin.get(f"{site}/rehearsal").json
    assert answer["job"] == job["id"]
    report = answer["report"]
    assert report["seconds"]["seconds"] == 6
    assert (report["total"]["missed"], report["total"]["held"]) == (0, 1)
    (service,) = report["services"]
    assert (service["threshold"], service["passed"]["held"]) == (0.95, 1)
    (listed,) = admin.get(f"{site}/jobs").json["jobs"]
    assert listed["result"] == {"version": report["version"]}


@on_sqlite
def test_a_bad_order_is_refused_by_field(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    bad = {
        "sample": 0,
        "seconds": 0,
        "since": "soon",
        "service_thresholds": {"TOXICITY": 2},
    }
    answer = admin.post("/api/v1/sites/gazette/rehearsals", bad)
    assert answer.status_code == 422
    assert {name.partition(".")[0] for name in answer.json["fields"]} == {*bad}
    unknown = {"version": "nobodys"}
    answer = admin.post("/api/v1/sites/gazette/rehearsals", unknown)
    assert answer.status_code == 404


@on_sqlite
def test_thresholds_are_carried_over_from_imported_scores(newsroom: Newsroom) -> None:
    newsroom.send()
    import_records(
        [
            record(n, body=f"{HARSH if n % 2 else CLEAN} {n}", **perspective(score))
            for n in range(60)
            for score in [0.9 - n / 500 if n % 2 else n / 500]
        ]
    )
    result = run("carry-thresholds", "--threshold", "0.5")
    assert result.exit_code == 0, result.output
    assert "TOXICITY: 60 texts, fitted on 30, tried on 30" in result.output
    assert "mean error after mapping" in result.output
    ids = all_ids()
    version = add_model(newsroom, [each for each in ids if each % 2])
    left = sum(not each % 2 for each in ids[:60])
    told = run("carry-thresholds", "--model", version).output
    assert f"TOXICITY: {left} texts" in told


@on_sqlite
@pytest.mark.usefixtures("newsroom")
def test_scores_to_carry_over_come_from_a_file_or_a_site() -> None:
    Path("kept.jsonl").write_text("")
    assert run("carry-thresholds", "kept.jsonl").exit_code == 2
    assert "No attribute has scores" in run("carry-thresholds").output
