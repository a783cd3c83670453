"""What a sentence denies counts for less, alone, in a batch and when explained."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text import negation, normalization

CASES: tuple[tuple[str, list[str]], ...] = (
    ("you are not an idiot", ["idiot"]),
    ("You're not a stupid idiot, friend", ["stupid", "idiot,"]),
    ("he isn\u2019t really dumb", ["dumb"]),
    ("I don't think you are an idiot", ["idiot"]),
    ("I never said you were a fool", ["fool"]),
    ("nobody called you a liar", ["liar"]),
    ("she is not so stupid. Really", ["stupid."]),
    ("he is neither a fool nor lazy", ["fool", "lazy"]),
    ("stop calling the nurses liars", ["nurses", "liars"]),
    ("it is wrong to call her a coward", ["coward"]),
    ("it isn't fair to say he is a crook", ["crook"]),
    ("no one should call them pigs", ["pigs"]),
    ("without calling anyone a fool", ["fool"]),
    ("I am sorry I called you an idiot", ["idiot"]),
    ("she is hardly a monster", ["monster"]),
    ("they are far from stupid", ["stupid"]),
    ("it's not true that he is a liar", ["liar"]),
    ("you are not a fool or a liar", ["fool", "liar"]),
    ("you should not be called an idiot", ["idiot"]),
    ("there is no reason to think he is a fool", ["fool"]),
    ("there is no evidence that she is a liar", ["liar"]),
    ("you can't just call him a coward", ["coward"]),
    ("I was so stupid to sell", ["stupid"]),
    ("I'm an idiot, sorry", ["idiot,"]),
    ("he told me I was a fool", ["fool"]),
    # No denial at all, or one that is over.
    ("u are stupid", []),
    ("I told you you are an idiot", []),
    ("I know you are an idiot", []),
    ("stop being an idiot", []),
    ("sorry, you are an idiot", []),
    ("sorry I think you are an idiot", []),
    ("you are wrong, moron", []),
    ("no, you are an idiot", []),
    ("without you idiot we would be fine", []),
    ("you are an idiot", []),
    ("don't be an idiot", []),
    ("isn't he an idiot?", []),
    ("that is not. Idiot", []),
    ("not only are you wrong, you are stupid", []),
    # A word after the denied name is not denied itself.
    ("you are not funny idiot", ["funny"]),
    ("u r not a fool", ["fool"]),
    ("", []),
    ("not", []),
    ("is not", []),
)


def denied_words(text: str) -> list[str]:
    tokens = normalization.tokens(text)
    kinds = "".join(map(negation.kind, tokens)).encode()
    return [tokens[place] for place in negation.denied(kinds, 0, len(kinds))]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_denied_words_are_found(text: str, expected: list[str]) -> None:
    assert denied_words(text) == expected


@pytest.fixture(scope="module")
def denying(shipped: FastScorer) -> FastScorer:
    """Return the weights that ship, with denied words at a quarter."""
    weights = dataclasses.replace(shipped.weights, denied_share=0.25)
    return FastScorer(
        version="denying-1",
        labels=shipped.labels,
        weights=weights,
        manifest=shipped.manifest,
        languages=shipped.languages,
    )


# A denial must not reach over the border of two comments, from either side.
NEIGHBORS = (
    "this is",
    "not an idiot",
    "not",
    "you are not",
    "an idiot",
    "i d i o t",
    "s p a c e d you are not an i d i o t",
    "he is no",
    "Not think you are an idiot",
    "r",
    "a",
    "not a moron, they isn't",
)


def test_alone_and_batch_agree_to_the_bit(denying: FastScorer) -> None:
    text = [text for text, _ in CASES] + list(NEIGHBORS)
    documents = [Document(text=one) for one in text * 20]
    order = np.random.default_rng(0).permutation(len(documents))
    shuffled = [documents[place] for place in order]
    assert denying.score_many(shuffled) == [denying.score(d) for d in shuffled]


def test_pushes_add_up_to_the_score(denying: FastScorer) -> None:
    column = denying.labels.index("toxicity")
    for text in (*(text for text, _ in CASES), *NEIGHBORS):
        document = Document(text=text)
        pushed = sum(denying.pushes(document, "toxicity"))
        odds = denying.weights.intercept[column] + pushed
        assert denying.score(document)["toxicity"] == pytest.approx(
            1 / (1 + np.exp(-odds)), abs=2e-6
        )


def test_denied_words_push_less_and_others_stay(shipped: FastScorer) -> None:
    document = Document(text="you are not a horrible idiot")
    alone = dataclasses.replace(shipped.weights, network=None)
    denying, undenying = (
        FastScorer(
            version="alone-1",
            labels=shipped.labels,
            weights=dataclasses.replace(alone, denied_share=share),
            manifest=shipped.manifest,
            languages=shipped.languages,
        )
        for share in (0.25, 1.0)
    )
    before = undenying.pushes(document, "insult")
    after = denying.pushes(document, "insult")
    # Next to the smaller push of the last word, the others' pushes grow together.
    assert after[5] / after[0] < before[5] / before[0]
    assert after[1] / after[0] == pytest.approx(before[1] / before[0])
    assert denying.score(document)["insult"] < undenying.score(document)["insult"]
