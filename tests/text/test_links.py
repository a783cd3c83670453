"""Where links lead, and what gives a disguise away."""

from __future__ import annotations

import pytest

from moderation.text import links
from moderation.text.links import MAX_LINKS, Oddity, list_links, read_link

HIDDEN = [Oddity.ENCODED, Oddity.FOREIGN]


def name(link: links.Link | None) -> str:
    assert link is not None
    return "".join(piece.text for piece in link.host)


def odd(link: links.Link | None) -> str:
    assert link is not None
    return "".join(piece.text for piece in link.host if piece.is_odd)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("No link here. Or there.", []),
        ("See https://news.example.org/a?b=c#d.", ["https://news.example.org/a?b=c#d"]),
        ("(www.shop.co.uk/x)", ["www.shop.co.uk/x"]),
        ("shop.com, and shop.com again", ["shop.com"]),
        ("file.txt and e.g.this and 3.14", []),
        ("write to me@shop.com", []),
        ("http://[::1 and https:// and http://.", []),
        ("", []),
    ],
)
def test_links_are_found(text: str, urls: list[str]) -> None:
    assert [link.url for link in list_links(text)] == urls


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://a.b.shop.co.uk/x", "shop.co.uk"),
        ("HTTPS://SHOP.COM/X", "shop.com"),
        ("https://user.github.io", "github.io"),
        ("http://intranet/x", None),
        ("https://xn--mnchen-3ya.de/", "münchen.de"),
        ("https://xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),
    ],
)
def test_the_registered_domain_is_told(url: str, domain: str | None) -> None:
    link = read_link(url)
    assert link is not None
    assert link.domain == domain


@pytest.mark.parametrize(
    ("url", "shown", "letters", "oddities"),
    [
        ("https://shop.com", "shop.com", "", []),
        ("https://pаypal.com", "pаypal.com", "а", [Oddity.MIXED]),
        ("https://сосо.com", "сосо.com", "сосо", [Oddity.FOREIGN]),
        ("https://почта.рф", "почта.рф", "", []),
        ("https://xn--80ak6aa92e.com", "аррӏе.com", "аррӏе", HIDDEN),
        ("https://xn--99999999999.com", "xn--99999999999.com", "", []),
        ("https://münchen.de", "münchen.de", "", []),
        ("http://192.0.2.7/x", "192.0.2.7", "192.0.2.7", [Oddity.NUMERIC]),
        ("http://3232235777/", "3232235777", "3232235777", [Oddity.NUMERIC]),
        ("https://bank.example@shop.com/", "shop.com", "", [Oddity.USER]),
    ],
)  # fmt: skip
def test_a_disguise_is_seen(
    url: str, shown: str, letters: str, oddities: list[Oddity]
) -> None:
    link = read_link(url)
    assert link is not None
    assert (name(link), odd(link), link.oddities) == (shown, letters, oddities)


def test_a_flood_of_links_is_cut() -> None:
    text = " ".join(f"https://shop{number}.com" for number in range(500))
    assert len(list_links(text)) == MAX_LINKS


@pytest.mark.parametrize(
    "text",
    [
        "a." * 30_000,
        "https://" + "x" * 60_000,
        "http://" * 9000,
        "xn--" * 9000 + ".com",
        "https://\u202emoc.elpmaxe\u202c/",
        "https://a\u0300.com https://😀.com https://\ud83d.com",
    ],
    ids=["dots", "long", "schemes", "encoded", "turned", "odd"],
)
def test_hostile_text_does_no_harm(text: str) -> None:
    assert len(list_links(text)) <= MAX_LINKS
