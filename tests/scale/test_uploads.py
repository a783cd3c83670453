"""Uploaded history on machines that don't share a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.importing import HistoryUpload
from moderation.web.services import services_of
from tests.api.test_imports import IMPORTS, importer_of, send, upload
from tests.builders import Caller, open_newsroom
from tests.refusals import assert_refused, on_sqlite


@on_sqlite
def test_a_part_for_another_machine_is_refused_with_the_setting_s_name(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    here = make_app(MODERATION_IMPORT_FOLDER=str(tmp_path / "here"))
    there = make_app(MODERATION_IMPORT_FOLDER=str(tmp_path / "there"))
    with here.app_context():
        newsroom = open_newsroom(here, "gazette")
        admin = newsroom.as_staff(Role.ADMIN)
        number = upload(admin, export__xml=b"1234")
    with there.app_context():
        other = Caller(there.test_client(), newsroom.tokens[Role.ADMIN])
        for answer in (
            send(other, number, 0, b"1234"),
            other.post(f"{IMPORTS}/{number}/check", {}),
        ):
            assert_refused(answer, 409)
            assert "MODERATION_IMPORT_FOLDER" in answer.json["message"]
            assert "deleted" not in answer.json["message"]


@on_sqlite
def test_what_another_machine_counts_as_deleted_is_deleted_here(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    app = make_app(MODERATION_IMPORT_FOLDER=str(tmp_path / "here"))
    with app.app_context():
        admin = open_newsroom(app, "gazette").as_staff(Role.ADMIN)
        ended, kept = (upload(admin, export__xml=b"1234") for _ in range(2))
        folders = [tmp_path / "here" / str(number) for number in (ended, kept)]
        foreign = tmp_path / "here" / "2024"  # of no upload
        foreign.mkdir()
        there = replace(services_of(app).uploads, path=tmp_path / "there")
        session = db.session()
        start_writing(session)
        there.delete(session.get_one(HistoryUpload, ended), datetime.now(UTC))
        session.commit()
        importer_of(app).delete_files()
        assert [folder.is_dir() for folder in folders] == [False, True]
        assert foreign.is_dir()
