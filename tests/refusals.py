"""What every refusal must look like, asserted in one place."""

from __future__ import annotations

import re

import pytest

from tests.builders import Answer

CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def assert_refused(answer: Answer, status: int, *fields: str) -> None:
    """Assert the one error body, with complaints about exactly these fields."""
    assert answer.status_code == status, answer.text[:500]
    body = answer.json
    assert set(body) <= {"code", "message", "fields", "current", "closed"}, body
    assert CODE.fullmatch(body["code"])
    assert body["message"].strip()
    complaints = body.get("fields", {})
    assert sorted(complaints) == sorted(fields)
    for each in complaints.values():
        assert each
        assert all(isinstance(text, str) and text for text in each)


# For what is decided before the database is asked: once is enough.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
