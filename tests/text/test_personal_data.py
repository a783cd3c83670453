"""Personal data is found in a text, and what only looks like it isn't."""

from __future__ import annotations

import time

import pytest

from moderation.text import personal_data
from moderation.text.personal_data import MASK, PersonalDataKind

MAX_SECONDS = 5.0  # for 64 kB, on the slowest machine; usually under 0.1

EMAILS = [
    "jo@mail.example.org",
    "jo.o'neil+news@sub.mail.de",
    "jö@bücher.de",
    "A_B-c@MAIL.CO.UK",
]
PHONES = [
    "+49 30 901820",
    "+49 (0)30 90182-0",
    "0049 30 901820",
    "+1 650-253-0000",
    "+44 20 7031 3000",
    "+33 1 42 68 53 00",
    "+971 4 366 8888",
    "＋49 30 901820",
]
ACCOUNTS = [
    "DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "gb82west12345698765432",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NO93 8601 1117 947",
]
FRAMES = ["{}", "Write to {}, please", "({}).", "'{}'", "الهاتف {} هنا"]
PLANTED = [
    *((text, PersonalDataKind.EMAIL) for text in EMAILS),
    *((text, PersonalDataKind.PHONE) for text in PHONES),
    *((text, PersonalDataKind.BANK_ACCOUNT) for text in ACCOUNTS),
]


@pytest.mark.parametrize(("planted", "kind"), PLANTED)
@pytest.mark.parametrize("frame", FRAMES)
def test_personal_data_is_found_where_it_stands(
    planted: str, kind: PersonalDataKind, frame: str
) -> None:
    text = frame.format(planted)
    (found,) = personal_data.find(text)
    assert (text[found.start : found.end], found.kind) == (planted, kind)
    assert personal_data.mask(text) == frame.format(MASK)


def test_all_of_a_text_are_found_in_order() -> None:
    text = "Jo: jo@mail.de, +49 30 901820; IBAN DE89 3704 0044 0532 0130 00 (Jo)."
    assert [datum.kind.value for datum in personal_data.find(text)] == [
        "email",
        "phone",
        "bank_account",
    ]
    assert personal_data.mask(text) == "Jo: […], […]; IBAN […] (Jo)."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Meet @ noon with @jo and jo@work.",
        "jo@localhost, a@b, @@@, jo@.de, @mail.de",
        "From 1990-2000 they built 3,500,000 flats for 1.234.567.890 euros.",
        "On 2026-11-30 12:00:00, order 4711-0815-1234, ISBN 978-3-16-148410-0",
        "12345678901234567890123456789012345678901234567890",
        "030 901820",  # of which country?
        "+49 30",
        "DE89 3704 0044 0532 0130 01",  # wrong check digits
        "AB12 CDEF GHIJ KLMN OPQR",
        "192.0.2.17 and 2001:db8::1",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert personal_data.find(text) == ()
    assert personal_data.mask(text) == text


def test_numbers_of_a_site_s_own_country_are_found_without_its_code() -> None:
    text = "Ruf 030 901820 oder 01 53115 an"
    german = personal_data.find(text, ["DE"])
    assert [text[datum.start : datum.end] for datum in german] == ["030 901820"]


@pytest.mark.parametrize(
    "piece",
    ["@", "a@", "a@b.cc ", "1", "1 ", "+49 30 901820 ", "(1", "1---", "DE89", "aa11",
     "DE89370400440532013001 ", "+4930", "é@é."],
)  # fmt: skip
def test_a_hostile_text_takes_bounded_time(piece: str) -> None:
    text = (piece * 65_536)[:65_536]
    started = time.perf_counter()
    personal_data.find(text, ["DE", "AT", "FR"])
    assert time.perf_counter() - started < MAX_SECONDS
