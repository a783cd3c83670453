"""Limits of the European transparency database: lengths, values, and dates.

Source: github.com/digital-services-act/transparency-database, `StatementStoreRequest`
and `Statement` (June 2026; schema 2, since 1 July 2025), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from moderation.transparency.templates import ORDERS_ONLY, read_categories

BATCH_SIZE = 100  # statements of one call
MAX_PUID = 500  # characters
PUID = re.compile(r"[a-zA-Z0-9_-]+")
LATEST = date(2038, 1, 1)
MAX_LENGTHS = {
    "decision_visibility_other": 500,
    "decision_ground_reference_url": 500,
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2_000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2_000,
    "category_specification_other": 500,
    "content_type_other": 500,
    "decision_facts": 5_000,
    "source_identity": 500,
}
EARLIEST = {
    "content_date": date(2000, 1, 1),
    "application_date": date(2020, 1, 1),
    "end_date_visibility_restriction": date(2020, 1, 1),
    "end_date_service_restriction": date(2020, 1, 1),
    "end_date_account_restriction": date(2020, 1, 1),
}
#: The countries of the European Economic Area.
COUNTRIES = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR"),
    *("HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT"),
    *("RO", "SE", "SI", "SK"),
)
_VISIBILITY = "DECISION_VISIBILITY_CONTENT_"
CHOICES: Mapping[str, Sequence[str]] = {
    "decision_visibility": (
        *(f"{_VISIBILITY}REMOVED", f"{_VISIBILITY}DISABLED", f"{_VISIBILITY}DEMOTED"),
        *(f"{_VISIBILITY}AGE_RESTRICTED", f"{_VISIBILITY}INTERACTION_RESTRICTED"),
        *(f"{_VISIBILITY}LABELLED", "DECISION_VISIBILITY_OTHER"),
    ),
    "decision_provision": tuple(
        f"DECISION_PROVISION_{name}"
        for name in (
            *("PARTIAL_SUSPENSION", "TOTAL_SUSPENSION"),
            *("PARTIAL_TERMINATION", "TOTAL_TERMINATION"),
        )
    ),
    "decision_account": ("DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"),
    "decision_ground": (
        "DECISION_GROUND_ILLEGAL_CONTENT",
        "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    ),
    "incompatible_content_illegal": ("Yes", "No"),
    "content_type": tuple(
        f"CONTENT_TYPE_{name}"
        for name in (
            *("APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT"),
            *("VIDEO", "OTHER"),
        )
    ),
    "territorial_scope": COUNTRIES,
    "source_type": (
        *("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER"),
        *("SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"),
    ),
    "automated_detection": ("Yes", "No"),
    "automated_decision": (
        *("AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY"),
        "AUTOMATED_DECISION_NOT_AUTOMATED",
    ),
    "category": tuple(
        each.code for each in read_categories() if each.code != ORDERS_ONLY
    ),
    "category_specification": tuple(
        dict.fromkeys(
            keyword for each in read_categories() for keyword in each.keywords
        )
    ),
}
LISTS = frozenset(
    {
        "decision_visibility",
        "content_type",
        "territorial_scope",
        "category_specification",
    }
)
REQUIRED = (
    *("decision_ground", "category", "content_type", "content_date"),
    *("application_date", "decision_facts", "source_type", "automated_detection"),
    *("automated_decision", "puid", "territorial_scope"),
)
#: What each ground needs.
OF_GROUND = {
    "DECISION_GROUND_ILLEGAL_CONTENT": (
        "illegal_content_legal_ground",
        "illegal_content_explanation",
    ),
    "DECISION_GROUND_INCOMPATIBLE_CONTENT": (
        "incompatible_content_ground",
        "incompatible_content_explanation",
    ),
}
DECISIONS = ("decision_visibility", "decision_provision", "decision_account")
OTHERS = ("content_language",)
#: All fields that our statements may have.
FIELDS = frozenset(
    {
        *MAX_LENGTHS,
        *EARLIEST,
        *CHOICES,
        *REQUIRED,
        *OTHERS,
    }
)


def find_faults(statement: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields for which the database would refuse a statement.

    `decisions` means that none of the decisions is given.
    """
    faults = [name for name in statement if name not in FIELDS]
    needed = [*REQUIRED, *OF_GROUND.get(statement.get("decision_ground", ""), ())]
    faults += [name for name in needed if not statement.get(name)]
    if not any(statement.get(name) for name in DECISIONS):
        faults.append("decisions")
    for name, value in statement.items():
        if not _is_good(name, value):
            faults.append(name)
    return sorted(set(faults))


def _is_good(name: str, value: Any) -> bool:
    if name in LISTS:
        is_list = isinstance(value, list) and bool(value)
        return is_list and all(each in CHOICES[name] for each in value)
    if name in CHOICES:
        return value in CHOICES[name]
    if not isinstance(value, str):
        return False
    if name in MAX_LENGTHS:
        return len(value) <= MAX_LENGTHS[name]
    if name in EARLIEST:
        return _is_date(value, EARLIEST[name])
    if name == "content_language":
        return re.fullmatch("[A-Z]{2}", value) is not None
    if name == "puid":
        return PUID.fullmatch(value) is not None and len(value) <= MAX_PUID
    return True


def _is_date(value: str, earliest: date) -> bool:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return False
    return earliest <= day <= LATEST and value == day.isoformat()
