"""Personal data in the kinds of Azure Content Moderator.

What is found is sent back to the caller, who sent it, and kept nowhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from stdnum.us import ssn

from moderation.text import personal_data
from moderation.text.personal_data import PersonalDataKind

#: Whose numbers Azure found without an international prefix, and its names of them.
COUNTRIES = {"US": "US", "GB": "UK"}
MAX_FOUND = 100  # of one kind

_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:.])[\da-f:]{2,39}(?![\w:])", re.IGNORECASE)
_SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")

Place = Callable[[int], int]


def find_pii(
    text: str, place: Place, regions: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the personal data in a text, as Azure's `PII`.

    Parameters
    ----------
    place
        Where a code point of the text stands in the answer's units.
    regions
        Countries (ISO 3166-1) whose phone numbers are found, too; those of the United
        States and the United Kingdom always are.
    """
    regions = tuple(dict.fromkeys((*COUNTRIES, *regions)))
    emails, phones = [], []
    for datum in personal_data.find(text, regions):
        found = text[datum.start : datum.end]
        common = {"Text": found, "Index": place(datum.start)}
        if datum.kind is PersonalDataKind.EMAIL:
            emails.append({"Detected": found, "SubType": "Regular", **common})
        elif datum.kind is PersonalDataKind.PHONE:
            region = personal_data.phone_region(found, regions) or ""
            phones.append({"CountryCode": COUNTRIES.get(region, region), **common})
    return {
        "Email": emails[:MAX_FOUND],
        "IPA": [
            {"SubType": kind, "Text": text[start:end], "Index": place(start)}
            for kind, start, end in _ip_addresses(text)
        ][:MAX_FOUND],
        "Phone": phones[:MAX_FOUND],
        "Address": [],
        "SSN": [
            {"Text": match[0], "Index": place(match.start())}
            for match in _SSN.finditer(text)
            if ssn.is_valid(match[0])
        ][:MAX_FOUND],
    }


def _ip_addresses(text: str) -> Iterator[tuple[str, int, int]]:
    for kind, pattern in (("IPV4", _IPV4), ("IPV6", _IPV6)):
        for match in pattern.finditer(text):
            try:
                ipaddress.ip_address(match[0])
            except ValueError:
                continue
            yield kind, match.start(), match.end()
