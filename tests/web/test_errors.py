"""The codes of errors, which programs compare: a class may be renamed, a code not."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import NoReturn

import pytest
from flask import Flask
from werkzeug.exceptions import abort

import moderation
from moderation.errors import InvalidFields, ModerationError
from moderation.web.errors import HTTP_CODES, body_of, status_of
from tests.refusals import on_sqlite

#: Modules that do something when they are imported.
PROGRAMS = ("__main__", ".wsgi", ".gunicorn_settings")
# As at the first release with this list; a new error adds its code.
CODES = {
    "address_taken",
    "already_claimed",
    "cancelled",
    "channel_not_set",
    "comments_closed",
    "configuration_error",
    "conflict",
    "different_body",
    "email_off",
    "escalated",
    "forbidden",
    "invalid_fields",
    "lease_lost",
    "local_login_off",
    "moderation_error",
    "no_key",
    "no_lead",
    "no_mapped_group",
    "leads_in_circle",
    "not_appealable",
    "not_escalated",
    "not_found",
    "not_pending",
    "not_promotable",
    "not_undoable",
    "not_yours",
    "origin_refused",
    "overtaken",
    "provider_failed",
    "refused",
    "scope_missing",
    "second_factor_needed",
    "second_factor_required",
    "sign_on_denied",
    "sign_on_failed",
    "staff_disabled",
    "stale_policy",
    "stale_rule",
    "stale_settings",
    "stale_version",
    "stale_webhook",
    "too_few_decisions",
    "too_large",
    "too_many_keys",
    "too_many_notes",
    "too_many_requests",
    "too_many_rules",
    "too_many_webhooks",
    "unauthenticated",
    "under_legal_hold",
    "unavailable",
    "unfinished_job",
    "unreadable",
    "unreadable_email",
    "unreadable_file",
    "unscored",
    "username_taken",
    "webhook_off",
}


def error_classes() -> set[type[ModerationError]]:
    """Return every error class of the service."""
    for module in pkgutil.walk_packages(moderation.__path__, "moderation."):
        if "migrations" not in module.name and not module.name.endswith(PROGRAMS):
            importlib.import_module(module.name)
    return set(_with_heirs(ModerationError))


def _with_heirs(kind: type[ModerationError]) -> Iterator[type[ModerationError]]:
    yield kind
    for heir in kind.__subclasses__():
        yield from _with_heirs(heir)


def test_the_codes_are_these() -> None:
    assert {kind.code for kind in error_classes()} == CODES


def test_every_class_has_a_code_of_its_own() -> None:
    kinds = error_classes()
    assert all("code" in vars(kind) for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_the_body_tells_the_code() -> None:
    error = InvalidFields({"body": ["Must not be blank."]})
    assert status_of(error) == 422
    assert body_of(error) == {
        "code": "invalid_fields",
        "message": "Some fields are not valid.",
        "fields": {"body": ["Must not be blank."]},
    }


@on_sqlite
@pytest.mark.parametrize(
    ("status", "code"), [*HTTP_CODES.items(), (418, "bad_request")]
)
def test_what_flask_refuses_has_a_code_that_stays(
    app: Flask, status: int, code: str
) -> None:
    def refuse() -> NoReturn:
        abort(status)

    app.add_url_rule("/refusing", view_func=refuse)
    answer = app.test_client().get("/refusing")
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["code"] == code
