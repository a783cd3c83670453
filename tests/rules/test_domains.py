"""Where links lead, however they are written."""

from __future__ import annotations

import pytest

from moderation.rules import domains
from moderation.rules.domains import InvalidDomain


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("See https://www.casino.com/x and b.bit.ly.", ["casino.com", "b.bit.ly"]),
        ("HTTP://CASINO.COM:8080?x#y", ["casino.com"]),
        ("casino[.]com, casino(dot)com", ["casino.com"]),
        ("hxxps://casino[.]com", ["casino.com"]),
        ("http://ada@casino.com/", ["casino.com"]),
        ("https://casino。com", ["casino.com"]),
        ("https://ｃａｓｉｎｏ.com", ["casino.com"]),
        ("ca\u200bsino.com", ["casino.com"]),
        ("http://bücher.de/", ["xn--bcher-kva.de", "bucher.de"]),
        ("a mail to me@mail.com", []),
        ("no dots here", []),
        ("", []),
        ("." * 1000, []),
    ],
)
def test_hosts_are_found_in_every_disguise(text: str, hosts: list[str]) -> None:
    assert domains.list_hosts(text) == hosts


def test_a_host_in_look_alikes_is_read_as_it_is_drawn() -> None:
    assert "casino.com" in domains.list_hosts("сasino.com")


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        ("Casino.com", "casino.com"),
        ("https://www.casino.com:80/path?x", "casino.com"),
        (" shop.casino.co.uk. ", "shop.casino.co.uk"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("203.0.113.7", "203.0.113.7"),
    ],
)
def test_a_domain_is_kept_in_one_form(entry: str, kept: str) -> None:
    assert domains.normalize_domain(entry) == kept


@pytest.mark.parametrize("entry", ["com", "co.uk", "two words", "x" * 300, "..", "/"])
def test_what_nobody_can_register_is_refused(entry: str) -> None:
    with pytest.raises(InvalidDomain):
        domains.normalize_domain(entry)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("none", 0),
        ("The end.Then more, e.g. this.", 0),
        ("http://a.com http://a.com", 2),
        ("a.com and www.b.org/x", 2),
        ("http://localhost/", 1),
    ],
)
def test_links_are_counted(text: str, count: int) -> None:
    assert domains.count_links(text) == count
