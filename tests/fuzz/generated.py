"""Sends texts and documents that hypothesis makes up."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.results import Result
from tests.fuzz.targets import Target

EXAMPLES = 200  # between two looks at the clock

#: Half characters, controls, and what changes its length or order when it is folded.
texts = st.text(st.characters(), max_size=80) | st.text(
    st.sampled_from(
        "aA0 \t\n.,@%:/\\'\"<>[](){}|*+?^$=;\u200b\u200d\u202eİßﬁאм\u0301😀\ud800"
    )
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=12,
)


def _inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Return odd texts, odd JSON, odd bytes, and seeds with a piece exchanged."""
    bodies = [json.loads(one) for one in target.seeds if one.startswith(b"{")]
    made = [
        st.binary(max_size=200),
        texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.builds(_exchanged, st.sampled_from(target.seeds), st.floats(0, 1), texts),
    ]
    made += [_changed(body) for body in bodies]
    return st.one_of(made)


def _changed(body: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Return a good body with some fields that hold anything."""
    names = st.sampled_from(sorted(body))
    return st.dictionaries(names, values, max_size=4).map(
        lambda odd: json.dumps({**body, **odd}).encode()
    )


def _exchanged(data: bytes, place: float, text: str) -> bytes:
    at = int(place * len(data))
    piece = text.encode("utf-8", "surrogatepass")
    return data[:at] + piece + data[at + len(piece) :]


def run(target: Target, seconds: float, start: int) -> Result:
    """Send input after input until the time is over.

    Parameters
    ----------
    start : the first seed; another one makes other inputs
    """
    result = Result(engine="hypothesis", target=target.name)
    started = time.monotonic()
    for number in itertools.count(start):
        if time.monotonic() - started >= seconds:
            break
        _send_some(target, result, number)
    result.seconds = time.monotonic() - started
    return result


def _send_some(target: Target, result: Result, number: int) -> None:
    known = set(result.faults)

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_inputs(target))
    def check(data: bytes) -> None:
        result.inputs += 1
        fault = target.fault_of(data)
        if fault is not None and fault not in known:
            result.add_fault(fault, data)

    check()
