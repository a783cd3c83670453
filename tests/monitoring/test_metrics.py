"""Prometheus's metrics: guarded, complete, without personal data, and documented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from moderation.database import db, start_writing
from moderation.metrics.counters import REGISTRY
from moderation.metrics.verdicts import count_verdicts
from moderation.monitoring.gauges import GAUGES
from moderation.tables.comments import Comment
from moderation.tables.jobs import Heartbeat
from tests.builders import ALL_HELD, Newsroom
from tests.refusals import assert_refused, on_sqlite

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "deploy/grafana/dashboard.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DOCS = ROOT / "docs/monitoring.md"
TOKEN = "only-for-tests-0123456789"
NAME = re.compile(r"\bmoderation_[a-z0-9_]+")
ENDPOINT = re.compile(r'endpoint="([^"]+)"')
ALERT = re.compile(r"^ +- alert: (\w+)$", re.MULTILINE)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service, which shows its metrics."""
    app = make_app(MODERATION_METRICS_TOKEN=TOKEN)
    with app.app_context():
        yield app


def read(app: Flask, token: str = TOKEN) -> Any:
    db.session.remove()
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().get("/metrics", headers=headers)


def families(app: Flask) -> dict[str, Metric]:
    answer = read(app)
    assert answer.status_code == 200
    return {each.name: each for each in text_string_to_metric_families(answer.text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    family = found[name.removesuffix("_total")]
    (number,) = [
        each.value
        for each in family.samples
        if each.name == name and labels.items() <= each.labels.items()
    ]
    return float(number)


def names() -> dict[str, tuple[str, ...]]:
    """Return the name of each metric, as a query writes it, with its labels."""
    counted = {
        each.name + "_total" * (each.type == "counter"): ()
        for each in REGISTRY.collect()
    }
    return {**counted, **{gauge.name: gauge.labels for gauge in GAUGES}}


def in_queries() -> set[str]:
    """Return all that a query may name: of histograms, their series."""
    series = {
        f"{name}_{end}"
        for name in names()
        if name.endswith("_duration_seconds")
        for end in ("bucket", "sum", "count")
    }
    return series | set(names())


@on_sqlite
def test_metrics_are_off_without_a_token(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with app.app_context():
        assert read(app, "").status_code == 404


@on_sqlite
@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN.upper(), "ü"])
def test_metrics_are_shown_for_the_token_alone(app: Flask, token: str) -> None:
    assert_refused(read(app, token.encode().decode("latin-1")), 401)


def test_the_queue_and_the_worker_are_shown(app: Flask, newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    sent = newsroom.send()
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    session.add(Heartbeat(name="worker", beaten_at=now - timedelta(seconds=30)))
    session.execute(
        sa.update(Comment)
        .where(Comment.external_id.is_(None))
        .values(due_at=now - timedelta(hours=1))
    )
    session.commit()
    newsroom.as_staff().put(f"/api/v1/comments/{sent['id']}/claim")
    found = families(app)
    assert value(found, "moderation_pending_comments", site="gazette") == 2
    assert value(found, "moderation_overdue_comments", site="gazette") == 2
    assert value(found, "moderation_claimed_comments", site="gazette") == 1
    assert value(found, "moderation_fault_held_comments", site="gazette") == 0
    assert 30 <= value(found, "moderation_worker_heartbeat_age_seconds") < 600
    assert value(found, "moderation_ready", part="worker") == 1
    assert value(found, "moderation_ready", part="database") == 1
    assert value(found, "moderation_database_bytes") > 1000
    (model,) = found["moderation_model_info"].samples
    assert model.labels["version"].startswith("default-") or model.labels["version"]


@on_sqlite
def test_requests_and_verdicts_are_counted(app: Flask, newsroom: Newsroom) -> None:
    route = {"endpoint": "comments.create_comment", "status": "2xx"}
    verdict = {"source": "policy", "verdict": "approve"}
    newsroom.send()
    before = families(app)
    newsroom.send()
    after = families(app)
    for name, labels in (
        ("moderation_http_requests_total", route),
        ("moderation_verdicts_total", verdict),
    ):
        assert value(after, name, **labels) == value(before, name, **labels) + 1


@on_sqlite
def test_what_is_rolled_back_counts_nothing(app: Flask, newsroom: Newsroom) -> None:
    newsroom.send()
    labels = {"source": "policy", "verdict": "approve"}
    before = value(families(app), "moderation_verdicts_total", **labels)
    session = db.session()
    session.connection()
    count_verdicts(session, labels["source"], labels["verdict"])
    session.rollback()
    session.connection()
    session.commit()
    assert value(families(app), "moderation_verdicts_total", **labels) == before


@on_sqlite
def test_nothing_that_a_client_sends_becomes_a_label(
    app: Flask, newsroom: Newsroom
) -> None:
    secret = "qzsentinel"
    newsroom.send(author_name=secret, author_email=f"{secret}@mail.example")
    client = app.test_client()
    client.get(f"/{secret}?{secret}", headers={"User-Agent": secret})
    client.open("/api/v1/comments", method="QZSENTINEL")
    text = read(app).text
    assert secret not in text.casefold()
    assert 'endpoint="none",status="4xx"' in text


@on_sqlite
def test_every_metric_is_shown(app: Flask, newsroom: Newsroom) -> None:
    newsroom.send()
    answer = read(app)
    described = set(re.findall(r"^# HELP (\S+)", answer.text, re.MULTILINE))
    assert described == set(names())


def queries() -> dict[str, str]:
    """Return the queries of the dashboard and the alerts, by what they are for."""
    board = json.loads(DASHBOARD.read_text())
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel.get("targets", ())
    }
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found[variable["name"]] = variable["query"]["query"]
    rules = ALERTS.read_text()
    for part in rules.split("- alert: ")[1:]:
        name, _, rest = part.partition("\n")
        found[name] = rest.partition("for:")[0]
    return found


def test_the_dashboard_and_the_alerts_name_metrics_that_exist() -> None:
    known = in_queries()
    asked = queries()
    assert len(asked) > 40
    for purpose, query in asked.items():
        mentioned = set(NAME.findall(query))
        assert mentioned or query.strip().startswith("expr: up{"), purpose
        assert mentioned <= known, purpose


def test_they_name_routes_that_exist(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    named = {each for query in queries().values() for each in ENDPOINT.findall(query)}
    assert named
    assert named <= routes


def test_panels_have_places_and_ids_of_their_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells


def test_the_docs_list_every_metric_and_alert() -> None:
    text = DOCS.read_text()
    rows = re.findall(r"^\| `(moderation_\w+)` \| ([^|]*) \|", text, re.MULTILINE)
    meanings = {
        each.name + "_total" * (each.type == "counter"): each.documentation
        for each in REGISTRY.collect()
    } | {gauge.name: gauge.meaning for gauge in GAUGES}
    assert [name for name, _ in rows] == sorted(meanings)
    assert dict(rows) == meanings
    alerts = ALERT.findall(ALERTS.read_text())
    assert re.findall(r"^\| `(Moderation\w+)` \|", text, re.MULTILINE) == alerts
