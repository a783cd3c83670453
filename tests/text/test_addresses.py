"""Spellings of a web address that name one article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.text.addresses import Folding, fold_address

PAGE = "https://courier.example/bugs/spelling"


@pytest.mark.parametrize(
    "spelling",
    [
        f"{PAGE}?utm_source=fb&fbclid=abc",
        f"{PAGE}?UTM_Source=fb&GCLID=1&",
        f"{PAGE}?",
        f"{PAGE}#",
        f"{PAGE}#comment-7",
        "http://courier.example/bugs/spelling",
        "HTTPS://Courier.EXAMPLE/bugs/spelling",
        "https://courier.example:443/bugs/spelling",
        "http://courier.example:80/bugs/spelling",
        "https://courier.example./bugs/spelling",
    ],
)
def test_spellings_are_folded_at_every_site(spelling: str) -> None:
    assert fold_address(spelling) == PAGE


@pytest.mark.parametrize(
    ("folding", "spelling"),
    [
        (Folding.TRAILING_SLASH, f"{PAGE}/"),
        (Folding.DOUBLE_SLASHES, "https://courier.example//bugs///spelling"),
        (Folding.WWW, "https://www.courier.example/bugs/spelling"),
        (Folding.PATH_CASE, "https://courier.example/Bugs/Spelling"),
        (Folding.PARAMETERS, f"{PAGE}?page=2"),
    ],
)
def test_the_rest_is_folded_where_a_site_says_so(
    folding: Folding, spelling: str
) -> None:
    assert fold_address(spelling) != PAGE
    assert fold_address(spelling, {folding}) == PAGE
    assert fold_address(spelling, set(Folding)) == PAGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PAGE, f"{PAGE}?page=2"),
        (f"{PAGE}?a=1", f"{PAGE}?a=2"),
        (f"{PAGE}#!/a", f"{PAGE}#!/b"),
        (PAGE, "https://courier.example:8080/bugs/spelling"),
        (PAGE, "https://ada@courier.example/bugs/spelling"),
        (PAGE, "ftp://courier.example/bugs/spelling"),
    ],
)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    assert fold_address(one) != fold_address(other)


def test_encoded_letters_are_the_letters() -> None:
    spelled = "https://courier.example/Café/ü?q=ß"
    encoded = "https://courier.example/Caf%c3%a9/%C3%BC?q=%C3%9F"
    assert fold_address(spelled) == fold_address(encoded)


@pytest.mark.parametrize(
    "text", ["article 42", "urn:isbn:1", "/bugs", "http://", "http://[::1", "", "x:y"]
)
def test_what_is_no_address_of_the_web_stays(text: str) -> None:
    assert fold_address(text, set(Folding)) == text


def test_a_host_of_numbers_is_a_host() -> None:
    assert fold_address("http://[::1]:80/a") == "https://[::1]/a"


@given(
    st.one_of(st.text(), st.builds("https://x.example/{}".format, st.text())),
    st.sets(st.sampled_from(Folding)),
)
def test_a_folded_address_is_folded_already(text: str, folding: set[Folding]) -> None:
    folded = fold_address(text, folding)
    assert fold_address(folded, folding) == folded
