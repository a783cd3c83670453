"""OpenTelemetry traces of requests and their statements, without anyone's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from flask import Flask

from moderation.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer
    from sqlalchemy import Engine

SERVICE = "moderation"
UNTRACED = "healthz,readyz,metrics"
#: All that leaves of a span: no path, which can hold a token, no address, no name.
#: Statements have placeholders for their values.
KEPT = frozenset(
    {
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.method",
        "http.status_code",
        "db.system",
        "db.system.name",
        "db.statement",
        "db.query.text",
        "error.type",
        "exception.type",
    }
)


def init_tracing(app: Flask, url: str) -> None:
    """Send the spans of an app's requests to a collector, over OTLP and HTTP.

    Parameters
    ----------
    url
        Where the collector takes traces, as `http://127.0.0.1:4318/v1/traces`.

    Raises
    ------
    ConfigurationError
        If the extra `moderation[otel]` isn't installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter,
        )
    except ImportError:
        raise ConfigurationError(
            "MODERATION_TRACES_URL needs the extra moderation[otel]: "
            "pip install 'moderation[otel]'"
        ) from None
    trace_app(app, OTLPSpanExporter(endpoint=url))


def trace_app(
    app: Flask, exporter: SpanExporter, engine: Engine | None = None
) -> TracerProvider:
    """Hand the spans of an app's requests to an exporter, without anyone's data.

    The provider that is returned flushes them, and is shut down at exit.

    Parameters
    ----------
    engine
        Whose statements are traced; None: of all engines.

    Returns
    -------
    What hands the spans over; closed at the end of the process.
    """
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: SERVICE}))
    discreet = cast(Any, DiscreetExporter(exporter))
    provider.add_span_processor(BatchSpanProcessor(discreet))
    cast(Any, FlaskInstrumentor()).instrument_app(
        app, tracer_provider=provider, excluded_urls=UNTRACED
    )
    _trace_statements(provider.get_tracer(SERVICE), engine)
    return provider


def _trace_statements(tracer: Tracer, engine: Engine | None) -> None:
    """Trace statements; the released instrumentation refuses SQLAlchemy 2.1."""
    from opentelemetry.trace import SpanKind, Status, StatusCode

    target = engine or sa.Engine

    def start(
        connection: Any, cursor: Any, statement: str, _: Any, context: Any, __: bool
    ) -> None:
        attributes = {
            "db.system.name": connection.dialect.name,
            "db.query.text": statement,
        }
        name = statement.split(maxsplit=1)[0]
        context.span = tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes=attributes
        )

    def end(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        rest[1].span.end()

    def fail(fault: Any) -> None:
        span = getattr(fault.execution_context, "span", None)
        if span is not None:
            span.set_status(Status(StatusCode.ERROR))
            span.end()

    sa.event.listen(target, "before_cursor_execute", start)
    sa.event.listen(target, "after_cursor_execute", end)
    sa.event.listen(target, "handle_error", fail)


class DiscreetExporter:
    """Hands on what is `KEPT` of each span; a `SpanExporter` in all but its base."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> Any:
        """Export spans without anyone's data."""
        return self._exporter.export([_strip(span) for span in spans])

    def shutdown(self) -> None:
        """Close the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Export what is left."""
        return bool(self._exporter.force_flush(timeout_millis))


def _strip(span: ReadableSpan) -> ReadableSpan:
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Status

    attributes = _kept(span.attributes)
    method = attributes.get("http.request.method") or attributes.get("http.method")
    name = span.name
    if method and "http.route" not in attributes:
        name = str(method)  # else it could be a path
    return ReadableSpan(
        name=name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=[
            Event(event.name, _kept(event.attributes), event.timestamp)
            for event in span.events
        ],
        kind=span.kind,
        status=Status(span.status.status_code),  # its text could quote a value
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _kept(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in KEPT}
