"""A small network says what three tokens in a row tell, exactly and in any company."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from classifiers.data.datasets import Example
from classifiers.errors import BadArtifact, BadExample
from classifiers.evaluation import model_report
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.network import BLOCK, MAX_PARTS, ONE_THREAD, Network, seen
from classifiers.text import features
from classifiers.text.marks import MARK
from classifiers.training import adaptation, joint_calibration
from tests.classifiers.conftest import KIND, RUDE, copied, made_examples

SIZE, FILTERS = 6, 5
MILD = 0.02
SAID = (
    "you are a moron",
    "moron",
    "the friend said so, not you are a fool!!",
    "you are not an idiot",
    "i d i o t",
    "a",
    "",
    "unheard words only",
    "what a " * 40 + "liar",
)


def made_network(words: tuple[str, ...], labels: int, kind: type = np.int16) -> Network:
    """Return a network of chance, its parts of one of both kinds."""
    rng = np.random.default_rng(0)
    highest = 15 if kind is np.int8 else 900
    hashes = features.word_hashes(words) >> np.uint64(32)
    width = 3 * FILTERS
    return Network(
        words=np.sort(hashes.astype(np.uint32)),
        vectors=rng.integers(-127, 127, (len(words) + 1, SIZE)).astype(np.int8),
        filters=rng.integers(-9000, 9000, (SIZE, width)).astype(np.int16),
        lifts=rng.integers(-highest, highest, FILTERS).astype(kind),
        readout=rng.integers(-900, 900, (FILTERS, labels)).astype(np.int16),
        steps=rng.random(labels) * 1e-6,
    )


@pytest.fixture(scope="module", params=[np.int16, np.int8])
def joint(small: FastScorer, request: pytest.FixtureRequest) -> FastScorer:
    words = (*RUDE, *KIND, "you", "are", "a")
    network = made_network(words, len(small.labels), request.param)
    whole_scorer = joint_calibration.add_network(small, network, made_examples())
    # Milder, so that no score is 0 or 1.
    whole = whole_scorer.weights
    assert whole.network is not None
    mild = dataclasses.replace(
        whole,
        slope=whole.slope * MILD,
        intercept=whole.intercept * MILD,
        network=dataclasses.replace(network, steps=whole.network.steps * MILD),
    )
    return artifact.named(
        "joint",
        labels=whole_scorer.labels,
        weights=mild,
        manifest=whole_scorer.manifest,
        frozen=whole_scorer.frozen,
    )


@pytest.fixture
def often() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_the_network_adds_to_the_log_odds_of_the_sum(joint: FastScorer) -> None:
    alone = FastScorer(
        version="alone-1",
        labels=joint.labels,
        weights=dataclasses.replace(joint.weights, network=None),
        manifest=joint.manifest,
        languages=joint.languages,
    )
    documents = [Document(text=text) for text in ("you are a moron", "")]
    added = joint.beyond([document.text for document in documents])
    assert added[0].any()
    assert not added[1].any()
    assert (joint.log_odds(documents) == alone.log_odds(documents) + added).all()
    assert joint.score(documents[0]) != alone.score(documents[0])


def test_alone_and_batch_agree_to_the_bit(joint: FastScorer) -> None:
    documents = [Document(text=text) for text in SAID * 30]
    order = np.random.default_rng(0).permutation(len(documents))
    shuffled = [documents[place] for place in order]
    assert joint.score_many(shuffled) == [joint.score(one) for one in shuffled]


def test_threads_that_meet_the_same_new_words_score_alike(
    joint: FastScorer, often: None
) -> None:
    fresh = copied(joint)
    for turn in range(30):
        document = Document(text=" ".join(f"moron{turn}x{n}" for n in range(40)))
        start = threading.Barrier(8)

        def score(document: Document = document, start: Any = start) -> Any:
            start.wait()
            return fresh.score(document)

        with ThreadPoolExecutor(8) as pool:
            scores = [
                future.result() for future in [pool.submit(score) for _ in range(8)]
            ]
        assert scores == [joint.score(document)] * 8


@pytest.mark.parametrize("text", [*SAID, "you are a moron " * BLOCK])
def test_pushes_add_up_to_the_score(joint: FastScorer, text: str) -> None:
    document = Document(text=text)
    for column, label in enumerate(joint.labels):
        odds = joint.weights.intercept[column] + sum(joint.pushes(document, label))
        score = joint.score(document)[label]
        assert score == pytest.approx(1 / (1 + np.exp(-odds)), abs=2e-6)


@pytest.mark.parametrize("kind", [np.int16, np.int8])
@pytest.mark.parametrize("counts", [(1,), (1, 2, 3), (BLOCK, 1, 2 * BLOCK + 7, 3)])
def test_each_comment_has_its_own_strongest_places(
    counts: tuple[int, ...], kind: type
) -> None:
    network = made_network(RUDE, 2, kind)
    token_parts = network.parts([(word,) for word in RUDE])
    assert token_parts.dtype == kind
    assert abs(token_parts.astype(int)).max() == MAX_PARTS[token_parts.dtype.name]
    parts = np.concatenate([network.before(), token_parts], axis=1)
    ids = np.random.default_rng(1).integers(2, parts.shape[1], sum(counts))
    ends = np.cumsum(np.array(counts, np.int64))
    starts = ends - counts
    strongest = network.strongest(parts, ids, starts, ends)
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        comment = np.concatenate([[0, 0], ids[start:end], [0, 0]])
        places = parts.astype(np.int64)
        three = (
            places[0, comment[:-2]] + places[1, comment[1:-1]] + places[2, comment[2:]]
        )
        expected = np.maximum(three.max(axis=0) + network.lifts, 0)
        assert (strongest[row] == expected).all()


def test_parts_of_many_tokens_are_those_of_each_alone() -> None:
    network = made_network((*RUDE, *KIND), 2)
    kinds = [(), (RUDE[0],), (RUDE[0], KIND[0], "unheard"), (KIND[1],), ("unheard",)]
    alone = np.concatenate([network.parts([words]) for words in kinds], axis=1)
    many = ONE_THREAD // network.filters.size // len(kinds) + 1  # more than one block
    together = network.parts(kinds * many)
    assert together.any()
    np.testing.assert_array_equal(together, np.tile(alone, (1, many, 1)))


def test_denied_words_are_not_seen(joint: FastScorer) -> None:
    denying = dataclasses.replace(joint.weights, denied_share=0.125)
    scorer = artifact.named(
        "denying", labels=joint.labels, weights=denying, manifest=joint.manifest
    )
    added = scorer.beyond(["you are not moron", "you are not clown"])
    assert (added[0] == added[1]).all()
    assert (scorer.beyond(["you are moron"]) != scorer.beyond(["you are clown"])).any()


def test_traces_of_a_disguise_are_not_seen() -> None:
    assert seen(("idiot", MARK + "number", MARK + "!")) == ["idiot", MARK + "!"]
    assert seen((MARK + "number",)) == (MARK + "number",)


def test_a_network_survives_saving(joint: FastScorer) -> None:
    data = artifact.dumps(joint)
    again = artifact.loads(data)
    document = Document(text="you are a moron")
    assert again.score(document) == joint.score(document)
    assert artifact.dumps(again) == data
    report = model_report.evaluate_regression(again)
    assert report == model_report.evaluate_regression(joint)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("words", lambda array: array[::-1]),
        ("words", lambda array: array[1:]),
        ("vectors", lambda array: array.astype(np.int16)),
        ("vectors", lambda array: array[:, 0]),
        ("filters", lambda array: array[:, 1:]),
        ("lifts", lambda array: array + np.int16(20_000)),
        ("lifts", lambda array: array.astype(np.uint8)),
        ("readout", lambda array: array[:, 1:]),
        ("steps", lambda array: array * np.nan),
    ],
)
def test_a_network_that_does_not_fit_is_refused(
    joint: FastScorer, name: str, change: Any
) -> None:
    network = joint.weights.network
    assert network is not None
    changed = {name: np.ascontiguousarray(change(getattr(network, name)))}
    weights = dataclasses.replace(
        joint.weights, network=dataclasses.replace(network, **changed)
    )
    bad = artifact.named(
        "bad", labels=joint.labels, weights=weights, manifest=joint.manifest
    )
    with pytest.raises(BadArtifact, match="network"):
        artifact.loads(artifact.dumps(bad))


def test_a_site_learns_beside_the_network(joint: FastScorer) -> None:
    examples = [
        Example(text=f"{word} it is, number {n}", labels={"toxicity": word == "glorf"})
        for n in range(20)
        for word in ("glorf", "plonk")
    ]
    moved = adaptation.adapt(joint, examples, seed=0, name="site")
    assert moved.weights.network is joint.weights.network
    glorf, plonk = (Document(text=word) for word in ("glorf", "plonk"))
    assert moved.score(glorf)["toxicity"] > joint.score(glorf)["toxicity"]
    assert moved.score(plonk)["toxicity"] < joint.score(plonk)["toxicity"]


def test_other_examples_do_not_calibrate(joint: FastScorer) -> None:
    network = joint.weights.network
    assert network is not None
    with pytest.raises(BadExample, match="other examples"):
        joint_calibration.add_network(joint, network, made_examples()[1:])
