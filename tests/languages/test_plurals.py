"""Plural rules as CLDR writes them."""

from __future__ import annotations

import pytest

from moderation.languages.plurals import read_rules

#: Some rules of CLDR 48 with numbers of each form.
ARABIC = {
    "zero": "n = 0",
    "one": "n = 1",
    "two": "n = 2",
    "few": "n % 100 = 3..10",
    "many": "n % 100 = 11..99",
}
POLISH = {
    "one": "i = 1 and v = 0",
    "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
    "many": (
        "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and "
        "i % 100 = 12..14"
    ),
}
SPANISH = {
    "one": "n = 1",
    "many": "e = 0 and i != 0 and i % 1000000 = 0 and v = 0 or e != 0..5",
}


@pytest.mark.parametrize(
    ("rules", "numbers"),
    [
        (
            ARABIC,
            {
                "zero": (0,),
                "one": (1,),
                "two": (2,),
                "few": (3, 10, 103, 1010),
                "many": (11, 99, 111),
                "other": (100, 102, 1000),
            },
        ),
        (
            POLISH,
            {"one": (1,), "few": (2, 4, 22, 104), "many": (0, 5, 11, 12, 21, 112)},
        ),
        (
            SPANISH,
            {"one": (1,), "many": (10**6, 3 * 10**6), "other": (0, 2, 10**6 + 1)},
        ),
        ({}, {"other": (0, 1, 2)}),
    ],
    ids=["ar", "pl", "es", "ja"],
)
def test_each_number_has_its_form(
    rules: dict[str, str], numbers: dict[str, tuple[int, ...]]
) -> None:
    choose = read_rules(rules)
    for form, examples in numbers.items():
        assert {choose(number) for number in examples} == {form}


@pytest.mark.parametrize(
    "rules",
    [{"one": "n is 1"}, {"one": "n = 1 and"}, {"single": "n = 1"}, {"other": "n = 2"}],
)
def test_what_is_no_rule_is_refused(rules: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="plural"):
        read_rules(rules)
