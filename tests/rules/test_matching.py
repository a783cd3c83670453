"""A set of rules: conditions alone and together, against a comment."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.policy.rule_matches import RuleAction
from moderation.rules.conditions import CompiledRule, Condition, ConditionKind, Subject
from moderation.rules.entries import normalize_entry
from moderation.rules.matching import RuleSet, confirm_matches


def condition(kind: str, **parts: Any) -> Condition:
    return Condition.read({"kind": kind, **parts})


def rule(*conditions: Condition, number: int = 1, **parts: Any) -> CompiledRule:
    values = {"action": RuleAction.HOLD, "name": "a rule", **parts}
    return CompiledRule(id=number, version=1, conditions=conditions, **values)


def matched(rules: list[CompiledRule], body: str = "text", **about: Any) -> list[int]:
    subject = Subject(body=body, **about)
    return [match.rule.id for match in RuleSet(rules).match(subject)]


WORDS = condition("words", entries=["casino"])


def test_no_rules_match_nothing() -> None:
    assert matched([]) == []


def test_all_conditions_of_a_rule_must_hold() -> None:
    both = rule(WORDS, condition("length", most=20))
    assert matched([both], "casino") == [1]
    assert matched([both], "casino" + " and more" * 5) == []
    assert matched([both], "short") == []


def test_two_lists_of_one_rule_must_both_have_a_word() -> None:
    both = rule(WORDS, condition("words", entries=["bonus"]))
    assert matched([both], "casino bonus") == [1]
    assert matched([both], "casino casino") == []


@pytest.mark.parametrize(("size", "hits"), [(4, []), (5, [1]), (9, [1]), (10, [])])
def test_length_has_two_ends(size: int, hits: list[int]) -> None:
    assert matched([rule(condition("length", least=5, most=9))], "x" * size) == hits


def test_links_are_counted() -> None:
    many = rule(condition("links", least=2))
    assert matched([many], "http://a.com and http://b.com") == [1]
    assert matched([many], "http://a.com") == []


def test_a_domain_catches_its_subdomains_and_the_authors_own_address() -> None:
    listed = rule(condition("domain", entries=["casino.com"]))
    assert matched([listed], "www.casino.com/x") == [1]
    assert matched([listed], "a.b.casino.com") == [1]
    assert matched([listed], "notcasino.com casino.com.evil.org") == []
    assert matched([listed], author_url="https://shop.casino.com/") == [1]


def test_an_author_is_known_by_id_name_or_blind_index() -> None:
    author = condition(
        "author", ids=["u1"], names=["Ada  L."], email_indexes=["f" * 64]
    )
    assert matched([rule(author)], author_id="u1") == [1]
    assert matched([rule(author)], author_name="ＡDA l.") == [1]
    assert matched([rule(author)], email_indexes=("f" * 64,)) == [1]
    assert matched([rule(author)], author_id="u2", author_name="Eve") == []
    assert matched([rule(author)]) == []


@pytest.mark.parametrize(
    ("body", "said", "hits"),
    [
        ("Это предложение написано на русском языке.", None, [1]),
        ("This sentence is written in plain English.", "ru", []),
        ("ok", "ru-RU", [1]),  # too short to tell: as the site says
        ("ok", None, []),
    ],
)
def test_the_language_is_that_of_the_text(
    body: str, said: str | None, hits: list[int]
) -> None:
    assert matched(
        [rule(condition("language", entries=["ru"]))], body, language=said
    ) == (hits)


def test_a_pattern_is_found_also_under_a_disguise() -> None:
    pattern = rule(condition("pattern", entries=[r"casin\w+ bonus"]))
    assert matched([pattern], "cаsіno  b0nus") == [1]


def test_a_match_tells_its_places_once_each_in_order() -> None:
    both = rule(
        condition("words", entries=["casino", "bonus"]),
        condition("pattern", entries=["casino"]),
    )
    [match] = RuleSet([both]).match(Subject(body="bonus casino"))
    assert match.spans == ((0, 5), (6, 12))


def test_section_and_first_comment_are_asked_for_last() -> None:
    rules = [
        rule(WORDS, number=1, section="Sport"),
        rule(WORDS, condition("first_comment"), number=2),
        rule(WORDS, condition("first_comment"), number=3),
    ]
    matches = RuleSet(rules).match(Subject(body="casino"))
    asked: list[bool] = []

    def is_first() -> bool:
        asked.append(True)
        return False

    assert [hit.rule_id for hit in confirm_matches(matches, "Sport", is_first)] == [1]
    assert asked == [True]
    assert [hit.rule_id for hit in confirm_matches(matches, None, lambda: True)] == [
        2,
        3,
    ]


def test_a_rule_for_first_comments_alone_matches_every_text() -> None:
    newcomers = rule(condition("first_comment"))
    assert matched([newcomers], "anything") == [1]


def test_a_hundred_thousand_words_and_two_thousand_patterns_stand_together() -> None:
    words = condition("words", entries=[f"word{number}x" for number in range(100_000)])
    patterns = condition("pattern", entries=[rf"\bp{n}\d+\b" for n in range(2_000)])
    rules = [rule(words, number=1), rule(patterns, number=2)]
    assert matched(rules, "so word99999x it is") == [1]
    assert matched(rules, "and p19994 here") == [2]
    assert matched(rules, "nothing of it") == []


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (ConditionKind.WORDS, ""),
        (ConditionKind.WORDS, " \t "),
        (ConditionKind.WORDS, "x" * 201),
        (ConditionKind.WORDS, "a b c d e f g h i j k"),
        (ConditionKind.WORDS, "write to ada@mail.example"),
        (ConditionKind.WORDS, "a\x00b"),
        (ConditionKind.WORDS, "half \ud800"),
        (ConditionKind.DOMAIN, "com"),
        (ConditionKind.PATTERN, "a(b"),
        (ConditionKind.PATTERN, "x" * 1001),
        (ConditionKind.PATTERN, r"ada@mail\.example"),
    ],
)
def test_an_entry_that_can_do_no_good_is_refused(
    kind: ConditionKind, entry: str
) -> None:
    with pytest.raises(ValueError, match=r"\w+") as caught:
        normalize_entry(kind, entry)
    assert "ada" not in str(caught.value)


def test_an_entry_is_kept_as_written_but_for_space() -> None:
    assert normalize_entry(ConditionKind.WORDS, "  Free   Spins ") == "Free Spins"
    assert (
        normalize_entry(ConditionKind.PATTERN, r" [a-z]+@casino\.\w+ ")
        == r"[a-z]+@casino\.\w+"
    )
