"""What a decision counts, and how much one source of decisions may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.data.datasets import Example
from moderation.learning.provenance import CAPS, WEIGHTS, Provenance, TrainingExample
from moderation.learning.training_set import weigh
from moderation.learning.weights import ExampleWeights
from tests.builders import NOW


def lesson(
    *,
    is_harmful: bool = False,
    author: str | None = None,
    by: str = "mo",
    day: int = 0,
    provenance: Provenance = Provenance.SINGLE,
    batch: int | None = None,
) -> TrainingExample:
    return TrainingExample(
        example=Example(
            text="A text.",
            labels={"insult": is_harmful},
            group=author,
            written_at=NOW + timedelta(days=day),
        ),
        provenance=provenance,
        taught_by=by,
        batch_id=batch,
    )


def contributions(lessons: list[TrainingExample]) -> dict[str, Any]:
    ledger = ExampleWeights(lessons)
    return ledger.contributions(np.arange(len(lessons)), ledger.given)


def weights(lessons: list[TrainingExample]) -> list[float]:
    return [each.example.weight for each in weigh(lessons)]


@pytest.mark.parametrize("provenance", list(Provenance))
def test_each_provenance_has_its_weight(provenance: Provenance) -> None:
    assert weights([lesson(provenance=provenance)]) == [WEIGHTS[provenance]]


def test_the_surer_a_label_the_more_it_counts() -> None:
    order = [WEIGHTS[each] for each in Provenance]
    assert order == sorted(order, reverse=True)
    assert WEIGHTS[Provenance.SINGLE] > WEIGHTS[Provenance.BULK]


@pytest.mark.parametrize(("size", "total"), [(1, 0.5), (2, 1.0), (3, 1.0), (500, 1.0)])
def test_a_batch_counts_once_however_large(size: int, total: float) -> None:
    batch = [lesson(provenance=Provenance.BULK, batch=7) for _ in range(size)]
    assert sum(weights(batch)) == pytest.approx(total)


def test_one_author_is_capped_on_each_side_by_itself() -> None:
    crowd = [lesson(author=str(n), day=n % 20) for n in range(400)]
    troll = [lesson(author="troll", is_harmful=True) for _ in range(300)]
    found = weigh(crowd + troll)
    assert sum(x.example.weight for x in found[400:]) == pytest.approx(10, rel=1e-3)
    assert all(x.example.weight == 1 for x in found[:400])


def test_no_moderator_outweighs_all_others_by_much() -> None:
    one = [lesson(by="ann", day=number % 30) for number in range(6000)]
    others = [lesson(by="bob", day=number % 30) for number in range(2000)]
    found = weigh(one + others)
    ann = sum(each.example.weight for each in found[:6000])
    assert ann == pytest.approx(2000, rel=1e-3)


def test_a_small_site_with_one_moderator_learns_from_all() -> None:
    assert set(weights([lesson(day=number) for number in range(900)])) == {1.0}


def test_one_day_is_capped() -> None:
    flood = [lesson(by=str(number), day=0) for number in range(900)]
    rest = [lesson(by=str(number), day=number) for number in range(1, 601)]
    found = weigh(flood + rest)
    assert sum(x.example.weight for x in found[:900]) == pytest.approx(300, rel=1e-3)


@given(
    st.lists(
        st.builds(
            lesson,
            is_harmful=st.booleans(),
            author=st.sampled_from(["a", "b", "c", None]),
            by=st.sampled_from(["ann", "bob"]),
            day=st.integers(0, 3),
            provenance=st.sampled_from(list(Provenance)),
        ),
        max_size=120,
    )
)
def test_no_source_passes_its_cap(lessons: list[TrainingExample]) -> None:
    found = weigh(lessons)
    for is_harmful in (True, False):
        side = [x for x in found if x.example.labels["insult"] is is_harmful]
        total = sum(x.example.weight for x in side)
        for of, cap in CAPS.values():
            own: dict[object, float] = {}
            for each in side:
                if of(each) is not None:
                    own[of(each)] = own.get(of(each), 0.0) + each.example.weight
            limit = max(cap.share * total, cap.floor) * 1.001
            assert all(weight <= limit for weight in own.values())


def test_the_report_names_who_taught_what() -> None:
    author = "f" * 64
    lessons = [lesson(by="ann", author=author) for _ in range(30)]
    lessons += [lesson(by="bob", author=str(n), is_harmful=True) for n in range(10)]
    told = contributions(weigh(lessons))
    assert told["moderators"] == [
        {"name": "ann", "examples": 30, "share": 0.5, "is_capped": True},
        {"name": "bob", "examples": 10, "share": 0.5, "is_capped": False},
    ]
    assert told["authors"][0] == {
        "name": "ffffffff",
        "examples": 30,
        "share": 0.5,
        "is_capped": True,
    }
    assert told["days"][0]["name"] == "2026-11-23"
    assert told["provenance"] == {"single": {"examples": 40, "share": 1.0}}


def test_nothing_taught_is_told_as_nothing() -> None:
    assert weigh([]) == []
    assert contributions([]) == {
        "provenance": {},
        "authors": [],
        "moderators": [],
        "days": [],
    }
