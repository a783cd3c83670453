"""Where the sentences of a text begin and end."""

from __future__ import annotations

import itertools

import pytest

from moderation.compat.perspective.sentences import MAX_SENTENCES, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith left, e.g. at 3.15 p.m. today.", None),
        ("J. Doe knows. So what", ["J. Doe knows.", "So what"]),
        ('He said "no." She left...  And then?!', None),
        ("First line\nsecond line\n\n third", ["First line", "second line", "third"]),
        ("桥很贵。谁知道？没有人", ["桥很贵。", "谁知道？", "没有人"]),
        ("هل هذا جيد؟ نعم.", ["هل هذا جيد؟", "نعم."]),
        ("see www.example.org/a.b for it", ["see www.example.org/a.b for it"]),
        ("  \n ", []),
        ("", []),
    ],
)
def test_a_text_is_split_into_its_sentences(
    text: str, sentences: list[str] | None
) -> None:
    found = [text[start:end] for start, end in split_sentences(text)]
    if sentences is None:
        sentences = {
            "M": [text],
            "H": ['He said "no."', "She left...", "And then?!"],
        }[text[0]]
    assert found == sentences


def test_a_text_of_too_many_sentences_has_neighbours_in_one_span() -> None:
    text = "No. " * 5000
    spans = split_sentences(text)
    assert len(spans) <= MAX_SENTENCES
    assert (spans[0][0], spans[-1][1]) == (0, len(text) - 1)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
