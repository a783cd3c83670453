"""Traces: a span for each request, its statements below it, and no one's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from moderation.database import db
from moderation.errors import ConfigurationError
from moderation.web import tracing
from tests.builders import comment, open_newsroom
from tests.conftest import absent
from tests.refusals import on_sqlite

SECRET = "qzsentinel"


class Spans:
    """The spans that have ended."""

    def __init__(self, provider: Any, exporter: Any) -> None:
        self._provider, self._exporter = provider, exporter

    def finished(self) -> list[Any]:
        """Return all, also those that are still queued."""
        self._provider.force_flush()
        return list(self._exporter.get_finished_spans())


def is_installed() -> bool:
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.instrumentation.flask  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.fixture
def traced(make_app: Callable[..., Flask]) -> Iterator[Any]:
    """A site of a service whose spans are kept in memory, and where they are."""
    if not is_installed():
        absent("OpenTelemetry (the extra moderation[otel])")
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
        InMemorySpanExporter,
    )

    app, spans = make_app(), InMemorySpanExporter()
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        provider = tracing.trace_app(app, spans, db.engine)
        yield newsroom, Spans(provider, spans)
        provider.shutdown()


@on_sqlite
def test_a_request_has_a_span_with_its_statements_below_it(traced: Any) -> None:
    newsroom, spans = traced
    newsroom.send()
    found = spans.finished()
    (request,) = [span for span in found if span.parent is None]
    assert request.name == "POST /api/v1/comments"
    assert request.resource.attributes["service.name"] == "moderation"
    statements = [span for span in found if span.parent is not None]
    assert len(statements) > 3
    trace = request.get_span_context().trace_id
    assert {span.get_span_context().trace_id for span in statements} == {trace}


@on_sqlite
def test_no_span_holds_anyone_s_data(traced: Any) -> None:
    newsroom, spans = traced
    sent = comment(author_name=SECRET, author_email=f"{SECRET}@mail.example")
    headers = {"User-Agent": SECRET, "Referer": SECRET, "X-Forwarded-For": SECRET}
    newsroom.as_site().post("/api/v1/comments", sent, headers=headers)
    client = newsroom.app.test_client()
    client.get(f"/{SECRET}?q={SECRET}")
    client.get(f"/status/{SECRET}")
    found = spans.finished()
    assert len(found) > 5
    told = " ".join(span.to_json() for span in found)
    assert SECRET not in told
    assert "127.0.0.1" not in told
    assert all(set(span.attributes) <= tracing.KEPT for span in found)


@on_sqlite
def test_health_checks_leave_no_span(traced: Any) -> None:
    newsroom, spans = traced
    newsroom.app.test_client().get("/healthz")
    assert [span for span in spans.finished() if span.parent is None] == []


@on_sqlite
def test_without_the_extra_the_setting_names_it(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    name = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=r"moderation\[otel\]"):
        make_app(MODERATION_TRACES_URL="http://127.0.0.1:4318/v1/traces")
