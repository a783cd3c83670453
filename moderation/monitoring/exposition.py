"""Gauges in Prometheus's text format, read again every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from moderation.monitoring.gauges import GAUGES, ServiceState

CACHED_SECONDS = 10.0  # a second scraper costs nothing


class _Families:
    """Hands gauges that were read over to the client's writer."""

    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def write_gauges(state: ServiceState) -> bytes:
    """Return all gauges in Prometheus's text format."""
    registry = CollectorRegistry()
    families = []
    for gauge in GAUGES:
        family = GaugeMetricFamily(gauge.name, gauge.meaning, labels=gauge.labels)
        for labels, value in gauge.read(state):
            family.add_metric(labels, value)
        families.append(family)
    registry.register(_Families(families))
    return generate_latest(registry)


@dataclass
class GaugeCache:
    """Keeps what was read for some seconds, for one process."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _until: float = 0.0
    _text: bytes = b""

    def read(self, write: Callable[[], bytes]) -> bytes:
        """Return what `write` returned a short while ago, or returns now."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._text = write()
                self._until = time.monotonic() + CACHED_SECONDS
            return self._text
