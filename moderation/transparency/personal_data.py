"""Personal data in texts that are to leave: found, so that they don't.

This also finds text that only looks like personal data: a false alarm costs a
look, and a statement can't be withdrawn.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from enum import StrEnum

from moderation.privacy import EMAIL_PATTERN, ENCODED_AT
from moderation.text.personal_data import PersonalDataKind, find
from moderation.transparency.limits import COUNTRIES

MIN_NAME_LENGTH = 3  # characters; shorter names are also words
MIN_PHONE_DIGITS = 7

_PHONE = re.compile(r"(?<![\w.])(?:\+|\(\+?)?\d[\d ()/.\-]{5,}\d(?!\w)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{3,4}){3,8}\b")
_ADDRESS = re.compile(r"(?<![\w.:])[0-9a-fA-F:.]{6,45}(?![\w:])")
_DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
_HANDLE = re.compile(r"(?<![\w@])@\w{2,}")


class PersonalData(StrEnum):
    """Found personal data."""

    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "bank_account"
    NETWORK = "ip_address"
    HANDLE = "handle"  #: of a person at another service
    NAME = "name"  #: of a person known to be concerned


#: How certain finds are called here.
KINDS = {
    PersonalDataKind.EMAIL: PersonalData.EMAIL,
    PersonalDataKind.PHONE: PersonalData.PHONE,
    PersonalDataKind.BANK_ACCOUNT: PersonalData.ACCOUNT,
}


def find_personal_data(
    text: str, names: Collection[str] = ()
) -> frozenset[PersonalData]:
    """Return which kinds of personal data a text holds.

    Parameters
    ----------
    names
        Of people who must not be named, such as the author and the staff.

    >>> sorted(find_personal_data("Call +49 30 1234567, or ada@mail.example"))
    [<PersonalData.EMAIL: 'email'>, <PersonalData.PHONE: 'phone'>]
    """
    text = _DAY.sub(" ", text)  # some countries have phone numbers like that
    found = {KINDS[datum.kind] for datum in find(text, COUNTRIES)}
    if EMAIL_PATTERN.search(text) or ENCODED_AT.search(text):
        found.add(PersonalData.EMAIL)
    if _IBAN.search(text):
        found.add(PersonalData.ACCOUNT)
    if any(_is_address(each) for each in _ADDRESS.findall(text)):
        found.add(PersonalData.NETWORK)
    if any(_is_phone(each) for each in _PHONE.findall(text)):
        found.add(PersonalData.PHONE)
    if _HANDLE.search(text):
        found.add(PersonalData.HANDLE)
    if any(_has_name(text, name) for name in names):
        found.add(PersonalData.NAME)
    return frozenset(found)


def _is_phone(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return digits >= MIN_PHONE_DIGITS


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("."))
    except ValueError:
        return False
    return True


def _has_name(text: str, name: str) -> bool:
    name = name.strip().casefold()
    if len(name) < MIN_NAME_LENGTH:
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text.casefold()) is not None
