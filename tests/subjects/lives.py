"""The life of one reader at a site, with a trace in every place that keeps any."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.learning import lineage
from moderation.subjects.receipts import ReceiptKeys, derive_receipt_key
from moderation.tables.learning import Suggestion
from moderation.tables.models import Model
from moderation.tables.webhooks import Callback
from moderation.web.services import services_of
from moderation.worker import erasures
from tests.api.test_exports import write as write_exports
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    ENVIRONMENT,
    NOTHING_HELD,
    Answer,
    Newsroom,
)
from tests.comments.test_statements import switch_on

COMMENTS = "/api/v1/comments"
PERSONS = "/api/v1/sites/gazette/persons"
ERASURES = "/api/v1/sites/gazette/erasures"

NAME, EMAIL, AUTHOR_ID = (
    "Marguerite Oxlade",
    "marg.oxlade@qzmail.example",
    "reader-4711",
)
LINK, AGENT = "https://oxlade-pages.example/me", "Oxladebrowser/1.0"
#: Words of texts by her or about her alone.
WORDS = (
    *("Quixotropic", "zymurgist", "flabbergastration", "unwithholdable"),
    *("Snollygoster", "widdershinsly", "Cattywampus", "pauciloquent"),
)
TRACES = (NAME, EMAIL, AUTHOR_ID, LINK, AGENT, "oxlade", *WORDS)
#: Texts by others, which must stay.
REPLY = "A reply of somebody else about gubbins."
MODEL_VERSION = "gazette-7-0a1b2c"


class Life:
    """What she did, with the results, by the IDs that others see."""

    def __init__(self, newsroom: Newsroom, session: Session) -> None:
        self.newsroom = newsroom
        self.session = session
        switch_on(newsroom)
        listen(newsroom)
        self.published = self.write("Quixotropic thoughts on the zymurgist.")
        path = f"{COMMENTS}/{self.published}"
        edited = {"body": f"Better flabbergastration, says {NAME}."}
        assert newsroom.as_site().patch(path, edited).status_code == 200
        self.reply = newsroom.send(
            parent=self.published, body=REPLY, author_email="b@mail.example"
        )["id"]
        self.rejected = self.write("Plainly unwithholdable.", ALL_REJECTED)
        self.held = self.write("Also held.", ALL_HELD)
        self.talk_about()
        self.store_what_protocols_bring()
        self.author = self.find_author()
        self.judge()
        self.search_and_export()

    def write(self, body: str, thresholds: Any = NOTHING_HELD) -> str:
        """Send a comment of hers; return its id."""
        self.newsroom.set_policy(thresholds)
        answer = self.newsroom.send(
            author_name=NAME,
            author_email=EMAIL,
            author_id=AUTHOR_ID,
            author_url=LINK,
            user_agent=AGENT,
            ip="203.0.113.77",
            body=body,
        )
        number: str = answer["id"]
        return number

    def talk_about(self) -> None:
        """Let readers report her, her report and appeal, and staff take notes."""
        site, staff = self.newsroom.as_site(), self.newsroom.as_staff()
        said = {"reporter": "another", "reason": "spam", "note": "Snollygoster!"}
        done(site.post(f"{COMMENTS}/{self.published}/reports", said))
        hers = {"reporter": AUTHOR_ID, "reason": "insult", "note": "widdershinsly"}
        done(site.post(f"{COMMENTS}/{self.reply}/reports", hers))
        done(site.post(f"{COMMENTS}/{self.rejected}/appeal", {"text": "Cattywampus."}))
        notice = {
            "comments": [self.reply],
            "explanation": "It names my neighbour.",
            "good_faith": True,
            "name": NAME,
            "email": EMAIL,
        }
        done(site.post("/api/v1/notices", notice))
        note = {"text": f"pauciloquent, this {NAME}"}
        done(staff.post(f"{COMMENTS}/{self.held}/notes", note))
        held = {"version": 1, "note": "Is she pauciloquent?"}
        done(staff.post(f"{COMMENTS}/{self.held}/escalation", held))

    def store_what_protocols_bring(self) -> None:
        """Store a callback, a suggestion, and a model that was trained on her."""
        number, now = identifiers.decode(self.published), datetime.now(UTC)
        key = services_of(self.newsroom.app).lineage_key
        site_id = self.newsroom.site_id
        start_writing(self.session)
        self.session.add_all(
            [
                Suggestion(
                    site_id=site_id,
                    source="perspective",
                    created_at=now,
                    text="Quixotropic thoughts on the zymurgist.",
                    scores={},
                    fingerprint="f" * 64,
                ),
                Callback(
                    comment_id=number,
                    site_id=site_id,
                    url=f"https://gazette.example/?by={AUTHOR_ID}",
                    sealed_key="k1.x",
                    about={},
                    due_at=now,
                ),
                Model(
                    site_id=site_id,
                    version=MODEL_VERSION,
                    base_version="shipped",
                    artifact=b"",
                    learnt_from=lineage.pack_marks(key, [number]),
                    report={},
                    created_at=now,
                ),
            ]
        )
        self.session.commit()

    def find_author(self) -> int:
        """Return the number of her record."""
        authors = self.newsroom.as_staff().get("/api/v1/authors?name=oxlade").json
        (author,) = authors["authors"]
        number: int = author["id"]
        return number

    def judge(self) -> None:
        """Let staff note something about her, and restrict her."""
        lead = self.newsroom.as_staff(Role.LEAD)
        path = f"/api/v1/authors/{self.author}"
        done(lead.post(f"{path}/notes", {"text": f"{NAME}: pauciloquent"}))
        standing = {"standing": "premoderated", "reason": "spam", "note": "Cattywampus"}
        done(lead.put(f"{path}/standing", standing))

    def search_and_export(self) -> None:
        """Let staff search for her, keep the search, and export what it finds."""
        admin = self.newsroom.as_staff(Role.ADMIN)
        filters = {"author": NAME}
        view = {"name": "Hers", "filters": filters, "shared_with": "gazette"}
        done(admin.post("/api/v1/views", view))
        done(admin.post("/api/v1/sites/gazette/exports", {"filters": filters}))
        write_exports(self.newsroom.app)

    def reveal(self) -> None:
        """Let a lead see her address."""
        path = f"/api/v1/authors/{self.author}/email-reveal"
        lead = self.newsroom.as_staff(Role.LEAD)
        answer = lead.post(path, {"reason": "A court asked for it."})
        done(answer)
        assert answer.json["emails"] == [EMAIL]


def done(answer: Answer) -> None:
    """Assert that something was done."""
    assert answer.status_code < 300, answer.text


def listen(newsroom: Newsroom) -> None:
    """Add a webhook for all that happens."""
    body = {
        "url": "https://hooks.example/in",
        "types": [
            *("comment.approved", "comment.held", "comment.erased"),
            "author.standing_changed",
        ],
    }
    done(newsroom.as_staff(Role.ADMIN).post("/api/v1/sites/gazette/webhooks", body))


def keys_of(app: Flask) -> ReceiptKeys:
    """Return the keys that the app's receipts are made with."""
    return ReceiptKeys(
        receipt=derive_receipt_key(ENVIRONMENT["MODERATION_SECRET_KEY"]),
        lineage=services_of(app).lineage_key,
    )


def work(app: Flask) -> None:
    """Do what a worker does with erasures."""
    db.session.remove()
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    while erasures.erase_next(sessions, keys_of(app)):
        pass


def stored_bytes(session: Session) -> bytes:
    """Return all that a database holds: SQLite's files, or PostgreSQL's tables.

    The rows of PostgreSQL as `COPY` writes them.
    """
    session.rollback()
    engine = db.engine
    if engine.dialect.name == "sqlite":
        path = Path(str(engine.url.database))
        files = [path, *path.parent.glob(f"{path.name}-*")]
        return b"".join(file.read_bytes() for file in files)
    copied = []
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        for table in sa.inspect(connection).get_table_names():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                copied += [bytes(each) for each in rows]
    return b"".join(copied)


def found(stored: bytes, words: tuple[str, ...] = TRACES) -> list[str]:
    """Return the words that are in what a database holds, in any letter case."""
    folded = stored.lower()
    return [word for word in words if word.lower().encode() in folded]
