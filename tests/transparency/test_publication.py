"""Published reports: kept as they were, corrected by further versions."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.tables.transparency import PublishedReport
from moderation.transparency.publication import MAX_BYTES
from moderation.transparency.templates import SHEETS
from tests.builders import Answer, Newsroom
from tests.refusals import assert_refused
from tests.transparency.archives import BINARY, DAYS, archive, sheet

PATH = "/api/v1/sites/gazette/published-reports"
SUMMARY = sheet("1_summary", ("All", "Gazette", "Name of the provider", "Gazette Ltd"))


def publish(
    newsroom: Newsroom, content: bytes, role: Role = Role.ADMIN, **query: Any
) -> Answer:
    query = {**DAYS, **query}
    return newsroom.as_staff(role).call(
        "POST", PATH, query_string=query, data=content, headers=BINARY
    )


def files_of(newsroom: Newsroom, number: int) -> dict[str, str]:
    client, admin = newsroom.app.test_client(), newsroom.as_staff(Role.LEAD)
    headers = {"Authorization": f"Bearer {admin.credential}"}
    content = client.get(f"{PATH}/{number}/file", headers=headers).data
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_a_correction_is_a_further_version_and_the_first_stays(
    newsroom: Newsroom, session: Session
) -> None:
    assert_refused(publish(newsroom, archive(), Role.LEAD), 403)
    assert_refused(publish(newsroom, archive(), reason="A slip."), 422, "reason")
    first = publish(newsroom, archive())
    assert first.status_code == 201, first.text
    assert (first.json["version"], first.json["corrects"]) == (1, None)
    corrected = archive(**{"1_summary": SUMMARY})
    assert_refused(publish(newsroom, corrected), 422, "reason")
    assert_refused(publish(newsroom, archive(), reason="Nothing changed."), 409)
    why = "The publisher's name was missing."
    second = publish(newsroom, corrected, reason=why)
    assert second.status_code == 201, second.text
    assert (second.json["version"], second.json["corrects"]) == (2, first.json["id"])
    listed = newsroom.as_staff(Role.LEAD).get(PATH).json["reports"]
    assert [one["reason"] for one in listed] == [why, None]
    before, after = (files_of(newsroom, one.json["id"]) for one in (first, second))
    assert list(before) == [*(f"{name}.csv" for name in SHEETS), "version.txt"]
    assert "Gazette Ltd" not in before["1_summary.csv"]
    assert after["1_summary.csv"] == SUMMARY
    assert f"SHA-256 {first.json['sha256']}" in after["version.txt"]
    assert why in after["version.txt"]
    again = archive(**{"version": "x"})  # of a name that no report has
    assert_refused(publish(newsroom, again, reason="Again."), 422, "file")
    start_writing(session)
    with pytest.raises(DatabaseError, match="only added"):
        session.execute(sa.update(PublishedReport).values(reason="Another one."))
    session.rollback()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in files.items():
            file.writestr(f"{name}.csv", text)
    return content.getvalue()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"no archive", "no readable ZIP"),
        (zipped(), "Missing: 1_summary.csv."),
        (zipped(**{"1_summary": b"\xff"}), "must be UTF-8"),
        (zipped(**{"1_summary": b"0" * (21 << 20)}), "too large when unpacked"),
        (archive(**{"1_summary": "A,B\n"}), "1_summary.csv, line 1: it isn't"),
        (
            archive(**{"1_summary": SUMMARY + "All,Gazette\n"}),
            "1_summary.csv, row 3: 2 cells instead of 4.",
        ),
        (
            archive(**{"10_AMAR": sheet("10_AMAR", ["2024-01-01/2024-12-31"] * 9)}),
            "10_AMAR.csv, row 2",
        ),
    ],
)
def test_what_is_no_report_is_refused(
    newsroom: Newsroom, content: bytes, complaint: str
) -> None:
    refused = publish(newsroom, content)
    assert_refused(refused, 422, "file")
    assert complaint in " ".join(refused.json["fields"]["file"])


def test_too_large_an_archive_is_refused(newsroom: Newsroom) -> None:
    assert_refused(publish(newsroom, b"0" * (MAX_BYTES + 1)), 413)
    body = {"query_string": DAYS, "json": {}}
    assert_refused(newsroom.as_staff(Role.ADMIN).call("POST", PATH, **body), 415)
