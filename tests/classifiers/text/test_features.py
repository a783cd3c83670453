"""Hashed features are the same everywhere and for ever."""

from __future__ import annotations

import numpy as np

from classifiers.text import features


def test_hash_of_a_word_never_changes() -> None:
    assert features.word_hashes(["idiot"]).tolist() == [HASH_OF_IDIOT]


#: What version 2 of the features gives; another value needs another version.
HASH_OF_IDIOT = 16008955795637927343


def test_word_is_hashed_alike_alone_and_among_others() -> None:
    alone, starts = features.ngrams(["idiot"])
    among, bounds = features.ngrams(["a", "idiot", "\x01caps", ""])
    assert alone.tolist() == among[bounds[1] : bounds[2]].tolist()
    assert starts.tolist() == [0, len(alone)]


def test_mark_has_no_ngrams() -> None:
    rows, _ = features.ngrams(["\x01caps"])
    assert len(rows) == 1


def test_places_stay_inside_the_tables() -> None:
    rows, _ = features.ngrams(["ünï", "世界", "x" * 3000])
    assert 0 <= rows.min() <= rows.max() < 1 << features.BITS
    hashes = features.word_hashes(["a", "b", "c"])
    pairs = features.pairs(hashes[:-1], hashes[1:])
    assert 0 <= pairs.min() <= pairs.max() < 1 << features.PAIR_BITS


def test_pairs_know_their_order() -> None:
    first, second = features.word_hashes(["dog", "man"])[:, None]
    assert features.pairs(first, second) != features.pairs(second, first)


def test_nothing_has_no_features() -> None:
    rows, starts = features.ngrams([])
    assert (len(rows), starts.tolist()) == (0, [0])


def test_lexicon_knows_its_words_and_few_others() -> None:
    words = [f"word{number}" for number in range(5000)]
    lexicon = features.Lexicon.of(words)
    assert all(lexicon.has(words))
    assert np.mean(lexicon.has([f"other{n}" for n in range(5000)])) < 0.01
