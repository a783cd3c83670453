"""Personal data in a text: email addresses, phone numbers, and bank accounts.

A candidate is found by its form alone; a library that knows the rules says whether it
is one. Street addresses and names aren't looked for: no rule tells them from places and
people that the news is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban

MASK = "[…]"
#: Countries whose numbering plans are known, ISO 3166-1.
PHONE_REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
#: Of one kind that are looked at: a text with more is no person's details.
MAX_CANDIDATES = 100
MAX_NAME_LENGTH = 64  # characters before the `@`, RFC 5321 section 4.5.3.1.1
MAX_HOST_LENGTH = 255  # characters behind it

_NAME = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}\Z")
_HOST = re.compile(r"[\w.-]{1,255}")
#: Separators of at most three characters between digits, as numbers are written.
_PHONE = re.compile(r"[+＋]?\d(?:[\s().\-/–]{0,3}\d){6,19}")
#: ISO 13616: country, check digits, then 11 to 30 letters and digits, often in fours.
_ACCOUNT = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_MIN_ACCOUNT, _MAX_ACCOUNT = 15, 34  # letters and digits of an IBAN
_GAP = " -"


class PersonalDataKind(StrEnum):
    """Kinds of personal data to look for."""

    EMAIL = "email"
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"  #: an IBAN


@dataclass(frozen=True, order=True)
class PersonalDatum:
    """A place in a text, in code points."""

    start: int
    end: int
    kind: PersonalDataKind


def find(text: str, regions: Sequence[str] = ()) -> tuple[PersonalDatum, ...]:
    """Return the personal data in a text, in order. CPU only, bounded time.

    Parameters
    ----------
    text
        Up to 64 kB; of more, nothing else changes.
    regions
        Countries (ISO 3166-1, two letters) whose phone numbers are found without `+`
        or `00`. Without any, only international numbers are.
    """
    found = [*_emails(text), *_accounts(text), *_phones(text, regions)]
    kept: list[PersonalDatum] = []
    for datum in sorted(found, key=lambda datum: (datum.start, -datum.end)):
        if not kept or datum.start >= kept[-1].end:
            kept.append(datum)
    return tuple(kept)


def mask(text: str, regions: Sequence[str] = ()) -> str:
    """Return a text with `MASK` in the place of personal data.

    >>> mask("Call +49 30 901820 or write to jo@news.example.org!")
    'Call […] or write to […]!'
    """
    parts, at = [], 0
    for datum in find(text, regions):
        parts += [text[at : datum.start], MASK]
        at = datum.end
    return "".join([*parts, text[at:]])


def phone_region(number: str, regions: Sequence[str] = ()) -> str | None:
    """Return the country (ISO 3166-1) of a phone number that was found in a text.

    >>> phone_region("+44 20 7946 0958"), phone_region("020 7946 0958", ["GB"])
    ('GB', 'GB')
    """
    if number.startswith("00"):
        number = "+" + number[2:]
    for region in (None, *regions):
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.region_code_for_number(parsed)
    return None


def _emails(text: str) -> Iterator[PersonalDatum]:
    place = -1
    for _ in range(MAX_CANDIDATES):
        place = text.find("@", place + 1)
        if place < 0:
            return
        before = text[max(0, place - MAX_NAME_LENGTH) : place]
        name = _NAME.search(before)
        host = _HOST.match(text, place + 1, place + 1 + MAX_HOST_LENGTH)
        if name is None or host is None:
            continue
        ending = host[0].rstrip(".-_")
        local = name[0].lstrip(".'")  # a quotation mark, perhaps
        if _is_email(f"{local}@{ending}"):
            start, end = place - len(local), place + 1 + len(ending)
            yield PersonalDatum(start, end, PersonalDataKind.EMAIL)


def _is_email(candidate: str) -> bool:
    if "." not in candidate.partition("@")[2]:
        return False
    try:
        validate_email(
            candidate,
            check_deliverability=False,
            test_environment=True,  # `.test` is an address, too
        )
    except EmailNotValidError:
        return False
    return True


def _accounts(text: str) -> Iterator[PersonalDatum]:
    for match in _first(_ACCOUNT.finditer(text)):
        end = _end_of_account(match[0])
        if end:
            start = match.start()
            yield PersonalDatum(start, start + end, PersonalDataKind.BANK_ACCOUNT)


def _end_of_account(candidate: str) -> int:
    """Return how many characters of a candidate are an IBAN; 0: none are.

    What follows an IBAN after a blank may look as if it belonged to it.
    """
    places = [place for place, sign in enumerate(candidate) if sign not in _GAP]
    compact = "".join(candidate[place] for place in places)
    for length in range(min(len(compact), _MAX_ACCOUNT), _MIN_ACCOUNT - 1, -1):
        if iban.is_valid(compact[:length]):
            return places[length - 1] + 1
    return 0


def _phones(text: str, regions: Sequence[str]) -> Iterator[PersonalDatum]:
    for match in _first(_PHONE.finditer(text)):
        if any(_is_phone(text, match, region) for region in (None, *regions)):
            yield PersonalDatum(match.start(), match.end(), PersonalDataKind.PHONE)


def _is_phone(text: str, match: re.Match[str], region: str | None) -> bool:
    """Return whether a candidate, with its neighbours, reads as a valid number."""
    number = match[0]
    if number.startswith("00"):
        number = "+" + number[2:]
    elif region is None and number[0] not in "+＋":
        return False
    # One character on each side: a letter or a currency makes it no phone number.
    before = text[max(0, match.start() - 1) : match.start()]
    after = text[match.end() : match.end() + 1]
    numbers = phonenumbers.PhoneNumberMatcher(
        f"{before}{number}{after}",
        region,
        leniency=phonenumbers.Leniency.VALID,
        max_tries=4,
    )
    return numbers.has_next()


def _first(matches: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    for _, match in zip(range(MAX_CANDIDATES), matches, strict=False):
        yield match
