"""Weeks of an invented site: comments, decisions, a candidate that scores silently.

All sentences are put together from parts that we have invented. What this town calls
people it despises is in no data set, so that there is something to learn.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from classifiers.serving.document import Document
from moderation import identifiers, jobs
from moderation.accounts import memberships
from moderation.accounts import staff as people
from moderation.accounts.staff import Role
from moderation.cli.app import act_on_command_line
from moderation.database import db, start_writing
from moderation.jobs import JobKind
from moderation.monitoring import blind_reviews, drift, shadow
from moderation.policy.thresholds import Moderation
from moderation.sites import policies, sites
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.monitoring import BlindLook
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts, maintenance
from tests.builders import default_scorer

SITE = "harbour-post"
PEOPLE = (("selma", Role.MODERATOR), ("mateo", Role.MODERATOR), ("ida", Role.ADMIN))
COMMENTS = 3_000
PER_AUTHOR = 3  # comments, one after the other
LIVE = 400  # that come in while the candidate scores silently
SECTIONS = ("Local", "Sport", "Culture", "Opinion")
WHO = (
    "The council",
    "The mayor",
    "Our school",
    "The ferry",
    "This paper",
    "The library",
    "My neighbour",
    "The harbour",
    "The new bridge",
    "The old theatre",
    "The bus company",
    "The team",
    "The choir",
)
DID = (
    "opens too late",
    "never answers letters",
    "got better since spring",
    "costs more each year",
    "was right about the road",
    "needs another look",
    "deserves our thanks",
    "is worth a visit",
    "should have asked us",
    "plays better at home",
    "forgot the cyclists again",
    "promised this before",
    "could learn from the next town",
    "was closed all summer",
)
THEN = (
    "and nobody says why.",
    "as I wrote last year.",
    "but who remembers that?",
    "so I am glad.",
    "if you ask my grandmother.",
    "and that is good news.",
    "whatever the reporter thinks.",
    "which surprised me.",
    "and I paid for it.",
    "thank you for reporting.",
    "until winter came.",
)
SLANG = ("glimpwad", "snorkelbrain", "grubbledorf", "plonkmuffin", "wizzlenape")
PLAIN_INSULTS = ("stupid idiot", "moron", "pathetic loser", "brainless clown")
HARMFUL = (
    "Only a {bad} {after} {other} and the {thing} could write about {second}.",
    "{who} and the {thing} are run by a {bad}, the {second} too, {then}",
    "You {bad}, go home {after} {other} and take the {thing} and {second} along.",
    "Every {bad} with a {thing} reads of the {second} {after} {other}, {then}",
    "Shut up, you {bad} of the {thing}. {who} {did} at the {second}.",
    "What a {bad} with the {thing} you are, {other} {did} for the {second} {then}",
)
AFTER = ("after", "behind", "before", "beside", "like", "without", "instead of")
THINGS = (
    "bakery bench bicycle boat budget cafe calendar canal church cinema clock "
    "concert corner crane dog farm festival fire flag flood forest garden gate "
    "goal hall hill hospital hotel kiosk lamp lane lawn lighthouse market mill museum "
    "park path pier playground poster quay queue road roof sand shop square stadium "
    "statue stop street tide tower train tram tree tunnel wall water well window"
)
SPAM = (
    "Earn {n} a day from home, click here http://win-{n}.example now!!!",
    "Cheap loans in {n} minutes, no questions: http://loans-{n}.example",
)
HARM = 0.2  # of all comments
SPAMMED = 0.15  # of what is harmful
#: Of comments in German: in the last week many more, so that something has drifted.
GERMAN, GERMAN_LATELY = 0.05, 0.3
STATUS = {"approve": "approved", "reject": "rejected"}
SLIPS = 0.03  # of decisions that are wrong: people are


@dataclass(frozen=True, kw_only=True)
class Written:
    """A comment with what is true of it."""

    text: str
    label: str | None  #: None: it is harmless


def write(draw: random.Random) -> Written:
    """Return one comment."""
    parts = {
        "who": draw.choice(WHO),
        "other": draw.choice(WHO).lower(),
        "did": draw.choice(DID),
        "then": draw.choice(THEN),
        "after": draw.choice(AFTER),
    }
    parts |= dict(zip(("thing", "second"), draw.sample(THINGS.split(), 2), strict=True))
    if draw.random() > HARM:
        told = "{who} with the {thing} {did} {after} the {second} {then}"
        return Written(text=told.format(**parts), label=None)
    if draw.random() < SPAMMED:
        text = draw.choice(SPAM).format(n=draw.randrange(20, 900))
        return Written(text=text, label="spam")
    bad = draw.choice(SLANG if draw.random() < 0.7 else PLAIN_INSULTS)
    text = draw.choice(HARMFUL).format(bad=bad, **parts)
    return Written(text=text, label="insult")


def open_site(app: Flask, password: str) -> None:
    """Make the site, its people and its archive; train, and score silently."""
    act_on_command_line()
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    proposed = default_scorer(app).manifest["thresholds"]
    policy = policies.default_policy(proposed, Moderation.POST)
    site = sites.create_site(session, SITE, policy, now)
    staff_ids = []
    for login, role in PEOPLE:
        staff = people.create_staff(session, login, password, now)
        memberships.update_role(session, staff.id, site.id, role)
        staff_ids.append(staff.id)
    session.commit()
    draw = random.Random(6)
    week, month = timedelta(days=7), timedelta(days=28)
    old, recent = (now - week - month, month), (now - week, week - timedelta(hours=1))
    given = app, session, site.id, staff_ids, draw
    fill(*given, old, COMMENTS * 4 // 5)
    fill(*given, recent, COMMENTS // 5, german=GERMAN_LATELY)
    version = train(app, site.id, staff_ids[-1])
    start_writing(session)
    shadow.start(session, site.id, version, now - timedelta(minutes=50))
    session.commit()
    lately = (now - timedelta(minutes=45), timedelta(minutes=44))
    fill(*given, lately, LIVE, share_decided=0.1, german=GERMAN_LATELY)
    while maintenance.score_in_shadow(_sessions(), services_of(app).scoring):
        pass
    judge_blind(session, site.id, staff_ids, version, draw)
    start_writing(session)
    found = drift.find_drifts(session, site.id, datetime.now(UTC))
    drift.raise_alarms(session, site.id, found, datetime.now(UTC))
    jobs.enqueue(
        session,
        site.id,
        JobKind.RESCORING,
        staff_id=staff_ids[-1],
        now=datetime.now(UTC),
    )
    session.commit()


def _sessions() -> sessionmaker[Session]:
    return sessionmaker(db.engine, expire_on_commit=False)


def fill(
    app: Flask,
    session: Session,
    site_id: int,
    staff_ids: list[int],
    draw: random.Random,
    times: tuple[datetime, timedelta],
    count: int,
    *,
    share_decided: float = 0.6,
    german: float = GERMAN,
) -> None:
    """Store comments with their scores, and people's decisions about a part."""
    start, length = times
    scorer = default_scorer(app)
    start_writing(session)
    articles = list(_articles(session, site_id, start))
    written = [write(draw) for _ in range(count)]
    scores = scorer.score_many([Document(text=each.text) for each in written])
    for number, (each, told) in enumerate(zip(written, scores, strict=True)):
        at = start + length * (number / count)
        judged = draw.random() < share_decided or told["insult"] > 0.4
        verdict = "approve" if each.label is None else "reject"
        if draw.random() < SLIPS:
            verdict = "approve" if verdict == "reject" else "reject"
        comment_id = identifiers.first_id(at) + number
        session.add(
            Comment(
                id=comment_id,
                site_id=site_id,
                article_id=draw.choice(articles).id,
                thread=identifiers.encode(comment_id),
                fingerprint=f"{number:064d}",
                author_name=f"Reader {number // PER_AUTHOR}",
                email_index=hashlib.sha256(
                    f"{start}{number // PER_AUTHOR}".encode()
                ).hexdigest(),
                body=each.text,
                language="de" if draw.random() < german else "en",
                status=STATUS[verdict] if judged else "approved",
                version=2,
                revision=1,
                received_at=at,
                due_at=at,
                **{f"score_{label}": told[label] for label in scorer.labels},
            )
        )
        session.flush()
        session.add(
            Score(
                comment_id=comment_id,
                revision=1,
                model_version=scorer.version,
                created_at=at,
                **told,
            )
        )
        if judged:
            session.add(
                _decision(site_id, comment_id, at, draw, staff_ids, verdict, each)
            )
    session.commit()


def _articles(session: Session, site_id: int, at: datetime) -> Iterator[Article]:
    for number, section in enumerate(SECTIONS):
        article = Article(
            site_id=site_id,
            reference=f"https://harbour-post.example/{at:%Y%m%d}/{number}",
            reference_hash=f"{at:%Y%m%d}{number:056d}",
            title=f"News from {section}",
            section=section,
            created_at=at,
        )
        session.add(article)
        session.flush()
        yield article


def _decision(
    site_id: int,
    comment_id: int,
    at: datetime,
    draw: random.Random,
    staff_ids: list[int],
    verdict: str,
    written: Written,
) -> Decision:
    code = written.label or "insult"
    return Decision(
        site_id=site_id,
        comment_id=comment_id,
        revision=1,
        created_at=at + timedelta(minutes=5),
        source="person",
        staff_id=draw.choices(staff_ids, weights=[6, 3, 1])[0],
        status_before="pending",
        verdict=verdict,
        reasons=[{"code": code}] if verdict == "reject" else [],
        labels={},
    )


def train(app: Flask, site_id: int, staff_id: int) -> str:
    """Train a candidate as a worker does; return its version."""
    session = db.session()
    start_writing(session)
    job = jobs.enqueue(
        session, site_id, JobKind.RETRAINING, staff_id=staff_id, now=datetime.now(UTC)
    )
    session.commit()
    sessions = _sessions()
    task = job_attempts.take_next(sessions)
    if task is None:
        raise SystemExit("The training can't be taken up.")
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    job_attempts.run_job(sessions, duties.build(sessions, scoring, key), task)
    session.refresh(job)
    if job.fault:
        raise SystemExit(job.fault)
    return str(job.result["version"])


def judge_blind(
    session: Session,
    site_id: int,
    staff_ids: list[int],
    version: str,
    draw: random.Random,
) -> None:
    """Let people judge some texts blind, as a candidate's trial needs."""
    start_writing(session)
    policy = policies.load_policy(session, site_id)
    for staff_id in staff_ids[:2]:
        for comment in blind_reviews.draw_sample(
            session, site_id, policy, staff_id, seed=staff_id
        ):
            session.add(
                BlindLook(
                    site_id=site_id,
                    comment_id=comment.id,
                    revision=1,
                    model_version=version,
                    staff_id=staff_id,
                    is_harmful=_is_harmful(comment.body) ^ (draw.random() < SLIPS),
                    created_at=datetime.now(UTC),
                )
            )
    session.commit()


def _is_harmful(text: str) -> bool:
    return any(bad in text for bad in (*SLANG, *PLAIN_INSULTS, "http://"))
