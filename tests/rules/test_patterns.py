"""Patterns: many in one pass, hostile ones refused or cut off, never silent."""

from __future__ import annotations

import pytest

from moderation.rules import patterns
from moderation.rules.patterns import InvalidPattern, PatternIndex, TooSlow, check


def index_of(*listed: str) -> PatternIndex:
    index = PatternIndex()
    for number, pattern in enumerate(listed):
        index.add(pattern, number)
    index.compile()
    return index


def found(text: str, *listed: str) -> list[str]:
    return [listed[number] for number in sorted(index_of(*listed).find(text, None))]


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("a(b", "missing ) (at character 2)"),
        ("(a|b", "missing ) (at character 1)"),
        ("[(]a(", "missing ) (at character 5)"),
        (r"\(a(", "missing ) (at character 4)"),
        ("a)b", "unexpected ) (at character 2)"),
        ("[a", "missing ] (at character 1)"),
        ("a**", "bad repetition operator: ** (at character 2)"),
        ("*a", "no argument for repetition operator: * (at character 1)"),
        ("a\\", "trailing \\ (at character 2)"),
        ("x[b-a]", "invalid character class range: b-a (at character 3)"),
        ("x{2000}", "invalid repetition size: {2000} (at character 2)"),
        ("a(?=b)", "invalid perl operator: (?= (at character 2)"),
        (r"(a)\1", r"invalid escape sequence: \1 (at character 4)"),
    ],
)
def test_a_pattern_that_is_none_is_told_with_its_place(
    pattern: str, complaint: str
) -> None:
    with pytest.raises(InvalidPattern) as caught:
        check(pattern)
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    "pattern", [".{1000}", r"(\pL{1,30}){1,30}x", ".{500}", "(x{1000}){1000}"]
)
def test_a_pattern_that_needs_too_much_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        check(pattern)


@pytest.mark.parametrize("pattern", ["", "a*", "(a|)", "x{0,3}", "^"])
def test_a_pattern_that_is_in_every_text_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern, match="every text"):
        check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        ".",
        r"\C",
        r"\b",
        r"\C\C",
        r"\w",
        r"\S+",
        r"(?s).",
        r"\b\w",
        "[^!]",
        r"\p{Any}",
        "[a-z0-9]",
    ],
)
def test_a_pattern_that_any_letter_or_digit_matches_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern, match="any letter or digit"):
        check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"\bcasino\b", r"\d{3}", "[a-z]{3}", r"\w{30,}", r"[^\x00-\x7F]", r"\p{Cyrillic}"],
)
def test_a_pattern_that_tells_texts_apart_is_taken(pattern: str) -> None:
    assert check(pattern) > 0


def test_a_stored_pattern_that_is_refused_today_goes_on() -> None:
    assert found("a text", r"\b", "text", "other") == [r"\b", "text"]


def test_what_hangs_other_engines_is_linear_here() -> None:
    assert found("a" * 50_000 + "!", "(a+)+$", "^(a|aa)+$") == []


def test_letter_case_does_not_matter() -> None:
    assert found("CHEAP Pills", r"\bcheap\s+pills\b") == [r"\bcheap\s+pills\b"]


def test_thousands_are_asked_together() -> None:
    listed = [rf"\bw{number:04}\w*\s+x{{1,3}}" for number in range(3000)]
    assert found("so w0042s xx then w2999 x", *listed) == [listed[42], listed[2999]]


def test_the_place_is_given_in_code_points() -> None:
    body = "🙂 é CHEAP pills"
    [(start, end)] = index_of("cheap").find(body, None)[0]
    assert body[start:end] == "CHEAP"


def test_what_is_found_without_its_disguise_has_no_place() -> None:
    assert index_of("casino").find("c4sino", "casino") == {0: []}


@pytest.mark.parametrize("at", [0, 3_000, 4_090, 4_096, 30_000, 65_000])
def test_a_long_text_is_looked_through_to_its_end(at: int) -> None:
    body = "." * at + "casino bonus" + "." * (65_000 - at)
    assert index_of("casino bonus").find(body, None) == {0: [(at, at + 12)]}


def test_an_anchor_means_the_ends_of_the_whole_text() -> None:
    body = "x" * 5_000 + "casino" + "x" * 5_000
    assert found(body, "^casino", "casino$", r"\Acasino") == []
    assert found("casino", "^casino$") == ["^casino$"]


def test_patterns_that_are_too_slow_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MAX_SECONDS", -1.0)  # it is always over
    with pytest.raises(TooSlow):
        found("text", "casino")


def test_a_set_that_has_no_memory_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Starved:
        """Stands for RE2 out of memory, which finds nothing."""

        def Match(self, text: str) -> list[int]:
            return []

    index = index_of("casino")
    monkeypatch.setattr(index, "_sets", [(Starved(), [0])])
    with pytest.raises(TooSlow):
        index.find("casino", None)


def test_a_stored_pattern_that_is_none_breaks_the_whole_set() -> None:
    with pytest.raises(InvalidPattern):
        index_of("good", "b(ad")
