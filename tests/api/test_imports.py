"""A history that an admin uploads: in parts, checked, imported, and deleted again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.importing import runs, uploads
from moderation.importing.files import UnreadableFile
from moderation.importing.uploads import UploadFolder
from moderation.jobs import JobKind
from moderation.tables.comments import Comment
from moderation.tables.importing import HistoryUpload
from moderation.tables.jobs import Job
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts, loops
from moderation.worker.history_importer import HistoryImporter
from tests.builders import Caller, Newsroom, replace_services
from tests.refusals import assert_refused, on_sqlite

pytestmark = on_sqlite
IMPORTS = "/api/v1/sites/gazette/imports"
SAMPLES = Path(__file__).parents[1] / "importing" / "samples"
DISQUS = (SAMPLES / "disqus.xml").read_bytes()
OCTETS = "application/octet-stream"


def importer_of(app: Flask) -> HistoryImporter:
    """Return what imports in a worker of an app."""
    services = services_of(app)
    return HistoryImporter(
        sessions=sessionmaker(db.engine, expire_on_commit=False),
        privacy=services.privacy,
        folder=services.uploads,
    )


def work_off(app: Flask) -> None:
    """Do what a worker does with imports, and delete files that are not needed."""
    services, importer = services_of(app), importer_of(app)
    work = duties.build(
        importer.sessions, services.scoring, services.lineage_key, importer
    )
    while loops.run_next(importer.sessions, work, JobKind.IMPORT):
        pass
    importer.delete_files()


@pytest.fixture
def admin(newsroom: Newsroom, tmp_path: Path) -> Caller:
    """Return an admin of a newsroom with a folder of its own for uploads."""
    folder = UploadFolder(path=tmp_path / "uploads", max_bytes=1_000_000)
    replace_services(newsroom.app, uploads=folder)
    return newsroom.as_staff(Role.ADMIN)


def send(admin: Caller, number: int, offset: int, data: bytes, file: int = 0) -> Any:
    """Send a part of a file."""
    path = f"{IMPORTS}/{number}/files/{file}?offset={offset}"
    return admin.call("PUT", path, data=data, content_type=OCTETS)


def upload(admin: Caller, **files: bytes) -> int:
    """Upload whole files; `__` in a name is a full stop. Returns the import's id."""
    named = {name.replace("__", "."): data for name, data in files.items()}
    listed = [{"name": name, "size": len(data)} for name, data in named.items()]
    answer = admin.post(IMPORTS, {"files": listed})
    assert answer.status_code == 201, answer.json
    number: int = answer.json["id"]
    for place, data in enumerate(named.values()):
        assert send(admin, number, 0, data, place).status_code == 200
    return number


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(Comment)) or 0


def test_files_are_uploaded_checked_imported_and_deleted(
    app: Flask, admin: Caller, session: Session
) -> None:
    folder = services_of(app).uploads.path
    files = [{"name": "My blog (1).xml", "size": len(DISQUS)}]
    created = admin.post(IMPORTS, {"files": files}).json
    number = created["id"]
    half = len(DISQUS) // 2
    assert send(admin, number, 0, DISQUS[:half]).json["files"][0]["received"] == half
    refused = admin.post(f"{IMPORTS}/{number}/check", {})
    assert_refused(refused, 409)  # half of it is missing
    assert_refused(send(admin, number, 0, DISQUS[:half]), 409)  # sent again
    assert send(admin, number, half, DISQUS[half:]).status_code == 200
    assert_refused(admin.post(f"{IMPORTS}/{number}/start"), 409)  # not checked
    checked = admin.post(f"{IMPORTS}/{number}/check", {})
    assert checked.status_code == 202, checked.json
    assert_refused(admin.delete(f"{IMPORTS}/{number}"), 409)  # a job reads it
    work_off(app)
    told = admin.get(f"{IMPORTS}/{number}").json
    assert told["check"]["state"] == "succeeded", told
    assert told["check"]["result"]["format"] == "disqus"
    report = told["check"]["result"]["report"]
    assert report["comments"] > 0
    assert told["added"] is None
    assert count(session) == 0
    assert admin.post(f"{IMPORTS}/{number}/start").status_code == 202
    assert [path.name for path in (folder / str(number)).iterdir()] == [
        "My_blog_1_.xml"
    ]
    work_off(app)
    told = admin.get(f"{IMPORTS}/{number}").json
    assert told["job"]["state"] == "succeeded", told
    assert told["added"] == count(session) == report["comments"]
    assert told["expires_at"] is None
    assert [*folder.iterdir()] == []
    (listed,) = admin.get(IMPORTS).json["imports"]
    assert "report" not in listed["job"]["result"]


def test_a_killed_worker_s_import_goes_on_where_it_was(
    app: Flask, admin: Caller, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.importing.ingestion.BATCH_SIZE", 2)
    number = upload(admin, export__xml=DISQUS)
    admin.post(f"{IMPORTS}/{number}/check", {"format": "disqus", "source": "old"})
    work_off(app)
    expected = admin.get(f"{IMPORTS}/{number}").json["check"]["result"]["report"]
    admin.post(f"{IMPORTS}/{number}/start")
    importer, store_batch = importer_of(app), runs.store_batch
    task = job_attempts.take_next(importer.sessions, JobKind.IMPORT)
    assert task is not None

    class Killed(BaseException):
        pass

    def die(*arguments: Any) -> Any:
        if count(session):
            raise Killed
        return store_batch(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "store_batch", die)
        with pytest.raises(Killed):
            importer.carry_out(task, lambda *_: None)
    begun = count(session)
    assert 0 < begun < expected["comments"]
    assert admin.get(f"{IMPORTS}/{number}").json["added"] == begun
    importer.delete_files()
    start_writing(session)
    lapsed = datetime.now(UTC) - timedelta(minutes=1)
    session.execute(sa.update(Job).values(leased_until=lapsed))
    session.commit()
    work_off(app)
    told = admin.get(f"{IMPORTS}/{number}").json
    assert (told["job"]["state"], told["job"]["attempts"]) == ("succeeded", 2)
    assert told["added"] == count(session) == expected["comments"]


def test_a_failed_import_is_started_again(
    app: Flask, admin: Caller, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = upload(admin, export__xml=DISQUS)
    admin.post(f"{IMPORTS}/{number}/check", {})
    work_off(app)

    def fail(*_: Any) -> Any:
        raise UnreadableFile("The disk is gone.")

    admin.post(f"{IMPORTS}/{number}/start")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "store_batch", fail)
        work_off(app)
    told = admin.get(f"{IMPORTS}/{number}").json
    assert (told["job"]["state"], told["job"]["fault"]) == (
        "failed",
        "The disk is gone.",
    )
    assert told["expires_at"] is not None
    assert admin.post(f"{IMPORTS}/{number}/start").status_code == 202
    work_off(app)
    told = admin.get(f"{IMPORTS}/{number}").json
    assert (told["job"]["state"], told["expires_at"]) == ("succeeded", None)
    assert told["added"] == count(session) > 0


def test_a_canceled_import_keeps_what_it_has_added(
    app: Flask, admin: Caller, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.importing.ingestion.BATCH_SIZE", 2)
    number = upload(admin, export__xml=DISQUS)
    admin.post(f"{IMPORTS}/{number}/check", {})
    work_off(app)
    job = admin.post(f"{IMPORTS}/{number}/start").json["job"]["id"]
    store_batch = runs.store_batch

    def cancel_then_store(*arguments: Any) -> Any:
        stored = store_batch(*arguments)
        arguments[0].execute(
            sa.update(Job)
            .where(Job.id == job)
            .values(cancel_asked_at=datetime.now(UTC))
        )
        return stored

    monkeypatch.setattr("moderation.worker.job_attempts.PROGRESS_SECONDS", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(runs, "store_batch", cancel_then_store)
        work_off(app)
    told = admin.get(f"{IMPORTS}/{number}").json
    assert told["job"]["state"] == "cancelled"
    assert told["added"] == count(session) > 0
    assert told["expires_at"] is None
    again = upload(admin, export__xml=DISQUS)
    admin.post(f"{IMPORTS}/{again}/check", {})
    work_off(app)
    whole = admin.get(f"{IMPORTS}/{again}").json["check"]["result"]["report"]
    admin.post(f"{IMPORTS}/{again}/start")
    work_off(app)
    assert count(session) == whole["comments"]


def test_files_of_no_known_format_are_refused_in_words(
    app: Flask, admin: Caller
) -> None:
    number = upload(admin, export__txt=b"Dear Sir or Madam,\n")
    admin.post(f"{IMPORTS}/{number}/check", {})
    work_off(app)
    job = admin.get(f"{IMPORTS}/{number}").json["check"]
    assert job["state"] == "failed"
    assert "of no known format" in job["fault"]
    mapping = {"id": "nr", "article": "url", "body": "text", "status": "state"}
    answer = admin.post(
        f"{IMPORTS}/{number}/check", {"format": "csv", "mapping": mapping}
    )
    assert answer.status_code == 202  # the files are still here, to be tried otherwise


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([], 422),
        ([{"name": "a.xml", "size": 0}], 422),
        ([{"name": "../a.xml", "size": 1}], 422),
        ([{"name": "a\\b.xml", "size": 1}], 422),
        ([{"name": "..", "size": 1}], 422),
        ([{"name": "comments.zip", "size": 1}], 422),
        ([{"name": "a b.xml", "size": 1}, {"name": "A_B.xml", "size": 1}], 422),
        ([{"name": "a.xml", "size": 1_000_001}], 413),
        ([{"name": "a", "size": 600_000}, {"name": "b", "size": 600_000}], 413),
    ],
)
def test_files_that_can_t_be_taken_are_refused(
    admin: Caller, files: list[dict[str, Any]], status: int
) -> None:
    answer = admin.post(IMPORTS, {"files": files})
    assert_refused(answer, status, *answer.json.get("fields", ()))
    assert all(name.startswith("files") for name in answer.json.get("fields", ()))
    assert admin.get(IMPORTS).json["imports"] == []
    if status == 413:
        assert "may have 1 MB together; these have 2." in answer.json["message"]


def test_an_installation_can_take_no_uploads_at_all(
    app: Flask, admin: Caller, tmp_path: Path
) -> None:
    replace_services(app, uploads=UploadFolder(path=tmp_path, max_bytes=0))
    answer = admin.post(IMPORTS, {"files": [{"name": "a.xml", "size": 1}]})
    assert_refused(answer, 413)
    assert "takes no uploads" in answer.json["message"]


def test_a_part_is_refused_if_the_file_gets_longer_than_announced(
    admin: Caller,
) -> None:
    listed = [{"name": "a.xml", "size": 4}]
    number = admin.post(IMPORTS, {"files": listed}).json["id"]
    assert_refused(send(admin, number, 0, b"12345"), 422, "offset")
    assert_refused(send(admin, number, 0, b"1", file=1), 404)
    assert_refused(send(admin, number, 0, b"1" * (uploads.PART_BYTES + 1)), 413)
    assert send(admin, number, 0, b"1234").status_code == 200


def test_files_that_nobody_imports_go_after_a_day(
    app: Flask, admin: Caller, session: Session
) -> None:
    folder = services_of(app).uploads.path
    number = upload(admin, export__xml=DISQUS)
    importer_of(app).delete_files()
    assert (folder / str(number)).is_dir()
    start_writing(session)
    session.execute(
        sa.update(HistoryUpload).values(
            created_at=datetime.now(UTC) - uploads.FILES_LAST - timedelta(minutes=1)
        )
    )
    session.commit()
    importer_of(app).delete_files()
    assert not (folder / str(number)).exists()
    assert admin.get(f"{IMPORTS}/{number}").json["expires_at"] is None
    assert_refused(admin.post(f"{IMPORTS}/{number}/check", {}), 409)


def test_few_uploads_are_kept_and_deleting_one_makes_room(
    admin: Caller, app: Flask
) -> None:
    numbers = [upload(admin, a__xml=b"1") for _ in range(uploads.MAX_KEPT)]
    listed = [{"name": "a.xml", "size": 1}]
    assert_refused(admin.post(IMPORTS, {"files": listed}), 409)
    assert admin.delete(f"{IMPORTS}/{numbers[0]}").status_code == 204
    assert admin.post(IMPORTS, {"files": listed}).status_code == 201


@pytest.mark.parametrize(
    "field",
    [
        {"format": "excel"},
        {"source": "a b"},
        {"timezone": "Vienna"},
        {"base_url": "news.example"},
        {"since": "yesterday"},
        {"pending": "drop"},
        {"mapping": {"nothing": "a"}},
        {"mapping": {"id": 1}},
    ],
)
def test_options_that_make_no_sense_are_named(
    admin: Caller, field: dict[str, Any]
) -> None:
    number = upload(admin, export__xml=DISQUS)
    answer = admin.post(f"{IMPORTS}/{number}/check", field)
    assert_refused(answer, 422, *field)


def test_a_folder_of_collections_is_one_import(app: Flask, admin: Caller) -> None:
    members = sorted((SAMPLES / "coral").glob("*.json"))
    named = {f"{path.stem}__json": path.read_bytes() for path in members}
    number = upload(admin, **named)
    admin.post(f"{IMPORTS}/{number}/check", {})
    work_off(app)
    result = admin.get(f"{IMPORTS}/{number}").json["check"]["result"]
    assert result["format"] == "coral"
    assert result["report"]["comments"] > 0
