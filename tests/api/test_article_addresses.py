"""Which addresses are one article, set and merged by an admin without a command."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.tables.comments import Article
from tests.api.test_bulk import work_off
from tests.builders import Newsroom
from tests.refusals import on_sqlite

pytestmark = on_sqlite
PATH = "/api/v1/sites/gazette/article-addresses"
MERGING = "/api/v1/sites/gazette/article-mergings"
PLAIN, SLASHED = "https://gazette.example/a", "https://gazette.example/a/"


def test_stored_articles_are_counted_then_merged(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    for article in (PLAIN, SLASHED):
        newsroom.send(article=article)
    change = {"ignored": ["www", "trailing_slash"], "seen": []}
    assert admin.put(PATH, change).json == {"ignored": ["trailing_slash", "www"]}
    assert admin.get(PATH).json == {"ignored": ["trailing_slash", "www"]}
    results = []
    for is_dry_run in (True, False):
        job = admin.post(MERGING, {"dry_run": is_dry_run}).json["id"]
        work_off(app, sessionmaker(db.engine, expire_on_commit=False))
        results.append(admin.get(f"/api/v1/jobs/{job}").json["result"])
        session.rollback()
        count = session.scalar(sa.select(sa.func.count()).select_from(Article))
        assert count == 1 + is_dry_run
    counted, merged = results
    assert counted.pop("dry_run")
    assert not merged.pop("dry_run")
    assert counted == merged
    assert (merged["articles"], merged["comments"]) == (1, 1)


@pytest.mark.parametrize("ignored", [["slashes"], "www", None])
def test_what_is_no_difference_between_addresses_is_refused(
    newsroom: Newsroom, ignored: object
) -> None:
    answer = newsroom.as_staff(Role.ADMIN).put(PATH, {"ignored": ignored})
    assert answer.status_code == 422
    assert "ignored" in str(answer.json["fields"])


def test_a_setting_that_a_colleague_has_changed_is_not_overwritten(
    newsroom: Newsroom,
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    admin.put(PATH, {"ignored": ["www"]})
    answer = admin.put(PATH, {"ignored": ["path_case"], "seen": []})
    assert (answer.status_code, answer.json["code"]) == (409, "stale_settings")
    assert admin.get(PATH).json == {"ignored": ["www"]}
