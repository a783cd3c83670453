"""Pure: plural rules of whole numbers, as CLDR writes them.

Source: Unicode Technical Standard 35, part 3, section 5.1 ("Plural rules syntax").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

OTHER = "other"  # the form of a number that no rule takes
FORMS = ("zero", "one", "two", "few", "many", OTHER)
_RELATION = re.compile(r"([nivwftce])(?: % ([1-9]\d*))? (=|!=) ([\d.,]+)")
_WHOLE = {"n", "i"}  # the number itself; the other operands are of its decimals: 0


def read_rules(rules: Mapping[str, str]) -> Callable[[int], str]:
    """Return the function that chooses a form by rules, the first that fits.

    Raises
    ------
    ValueError
        If a form or a rule is none of CLDR's.

    >>> choose = read_rules({"one": "i = 1 and v = 0", "few": "n % 10 = 2..4,9"})
    >>> [choose(number) for number in (0, 1, 3, 19)]
    ['other', 'one', 'few', 'few']
    """
    if not rules.keys() <= set(FORMS) - {OTHER}:
        raise ValueError(f"plural forms are {', '.join(FORMS[:-1])}: {[*rules]}")
    for rule in rules.values():
        _fits(rule, 0)  # so that a fault is found now

    def choose(number: int) -> str:
        fitting = (form for form, rule in rules.items() if _fits(rule, abs(number)))
        return next(fitting, OTHER)

    return choose


def _fits(rule: str, number: int) -> bool:
    choices = [
        [_holds(relation, number) for relation in choice.split(" and ")]
        for choice in rule.split(" or ")
    ]
    return any(all(choice) for choice in choices)


def _holds(relation: str, number: int) -> bool:
    parts = _RELATION.fullmatch(relation.strip())
    if parts is None:
        raise ValueError(f"not a plural rule: {relation}")
    operand, modulus, sign, ranges = parts.groups()
    value = number if operand in _WHOLE else 0
    if modulus:
        value %= int(modulus)
    return any(_covers(each, value) for each in ranges.split(",")) == (sign == "=")


def _covers(span: str, value: int) -> bool:
    first, _, last = span.partition("..")
    return int(first) <= value <= int(last or first)
