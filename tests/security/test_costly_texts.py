"""Texts that are cheap to write and costly to read: work is counted, not timed.

Based on CVE-2019-15903 and its like, where short input kept a parser busy, and on the
algorithmic attacks of Crosby and Wallach (USENIX Security 2003).
"""

from __future__ import annotations

import itertools
import random

import pytest

from benchmarks.hostile_texts import KINDS, SIZE, prose
from classifiers.pretrained import default_model
from classifiers.serving.document import Document
from classifiers.text import allowance, normalization
from classifiers.text.normalization import CHUNK, Folded
from tests.builders import Newsroom

THREAT = "I will kill you tomorrow, you filthy animal"


def made(kind: str) -> str:
    """Return a text of a kind, of the most that a comment may have."""
    return KINDS[kind](random.Random(7)).encode()[:SIZE].decode(errors="ignore")


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_has_more_words_taken_apart_than_the_allowance(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, fold = 0, normalization.fold

    def counted(token: str) -> Folded:
        nonlocal work
        plain = normalization.is_plain(token)
        work += 1 if plain else allowance.DISGUISED * (1 + len(token) // CHUNK)
        return fold(token)

    monkeypatch.setattr(normalization, "fold", counted)
    scorer = default_model.load()
    assert set(scorer.score(Document(text=made(kind)))) == set(scorer.labels)
    # Words that were spaced out are put together, and taken apart a second time.
    assert work <= 2 * allowance.ALLOWANCE


def test_prose_of_64_kb_is_read_whole() -> None:
    words = ["".join(pair) for pair in itertools.product("abcdefgh", repeat=4)]
    varied = " ".join(random.Random(3).choices(words[:2500], k=SIZE // 5))
    assert allowance.is_legible(prose(random.Random(1)))
    assert allowance.is_legible(varied)


@pytest.mark.parametrize("kind", ["distinct words", "asterisks in words", "HTML"])
def test_what_is_scored_is_a_part_of_the_text_in_front(kind: str) -> None:
    text = made(kind)
    part = allowance.legible(text)
    assert text.startswith(part)
    assert allowance.MIN_LENGTH < len(part) < len(text)
    assert allowance.legible(part) == part


def test_the_part_does_not_depend_on_what_was_read_before() -> None:
    text = made("digits in words")
    fresh, used = default_model.load(), default_model.load()
    for word in normalization.tokens(text)[::-1][:3000]:
        used.score(Document(text=word))
    document = Document(text=text)
    assert fresh.score(document) == used.score(document)


def test_a_threat_behind_the_part_that_is_read_is_not_published(
    newsroom: Newsroom,
) -> None:
    padding = made("digits in words")[: 30 * 1024]
    answer = newsroom.send(body=f"{padding} {THREAT}")
    assert answer["status"] == "pending"
    assert answer["reasons"] == [{"code": "partly_read"}]


def test_words_are_marked_in_the_part_that_is_read() -> None:
    text = f"{THREAT} {made('digits in words')}"
    spans = default_model.load().explain(Document(text=text), "threat")
    assert spans
    assert max(span.end for span in spans) <= len(allowance.legible(text))
