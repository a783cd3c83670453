"""Decisions as training examples."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from classifiers.data.datasets import Example
from classifiers.text.labels import HARMS
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.learning import examples as feedback
from moderation.learning import training_labels
from moderation.learning.provenance import Provenance, TrainingExample
from moderation.learning.training_labels import LoggedDecision
from moderation.policy.verdicts import Verdict
from tests.builders import ALL_HELD, ALL_REJECTED, NOW, Newsroom

KNOWN = ("spam", "toxicity", "insult")
HARMLESS = dict.fromkeys(KNOWN, False)


@pytest.mark.parametrize(
    ("verdict", "reasons", "said", "taught"),
    [
        ("approve", [], {}, HARMLESS),
        ("approve", [], {"insult": True}, {**HARMLESS, "insult": True}),
        ("reject", ["spam"], {}, {"spam": True}),
        ("reject", ["spam", "insult"], {}, {"spam": True, "insult": True}),
        ("reject", ["off_topic"], {}, {}),
        ("reject", ["off_topic", "toxicity"], {}, {"toxicity": True}),
        ("reject", ["off_topic"], {"spam": False}, {"spam": False}),
        ("reject", ["spam"], {"spam": False}, {"spam": False}),
        ("reject", ["threat"], {"threat": True}, {}),  # the model knows no threats
        ("review", [], {"spam": True}, {}),
    ],
)
def test_labels_of_a_decision(
    verdict: str, reasons: list[str], said: dict[str, bool], taught: dict[str, bool]
) -> None:
    assert training_labels.get_labels(Verdict(verdict), reasons, said, KNOWN) == taught


def decide(newsroom: Newsroom, comment_id: str, verdict: str, **more: object) -> None:
    moderator = newsroom.as_staff()
    path = f"/api/v1/comments/{comment_id}"
    version = moderator.get(path).json["version"]
    body = {"verdict": verdict, "version": version, **more}
    answer = moderator.post(f"{path}/decisions", body)
    assert answer.status_code == 201, answer.json


def examples(session: Session, newsroom: Newsroom) -> list[Example]:
    return list(feedback.read_examples(session, newsroom.site_id, HARMS))


def test_approval_becomes_an_example_of_no_harm(
    session: Session, newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send(body="Well said.", article_title="The bridge")
    decide(newsroom, sent["id"], "approve")
    (example,) = examples(session, newsroom)
    assert example.text == "Well said."
    assert example.article_title == "The bridge"
    assert example.labels == dict.fromkeys(HARMS, False)


@pytest.mark.parametrize("policy", [ALL_HELD, ALL_REJECTED])
def test_the_machines_own_decision_is_no_example(
    session: Session, newsroom: Newsroom, policy: dict[str, dict[str, float | None]]
) -> None:
    newsroom.set_policy(policy)
    newsroom.send()
    assert examples(session, newsroom) == []


def test_the_newest_decision_of_a_comment_counts(
    session: Session, newsroom: Newsroom
) -> None:
    sent = newsroom.send()
    decide(newsroom, sent["id"], "reject", reasons=["spam"])
    decide(newsroom, sent["id"], "reject", reasons=["insult"])
    (example,) = examples(session, newsroom)
    assert example.labels == {"insult": True}


def test_a_decision_taken_back_is_no_example(
    session: Session, newsroom: Newsroom
) -> None:
    sent = newsroom.send()
    decide(newsroom, sent["id"], "reject", reasons=["spam"])
    decide(newsroom, sent["id"], "review")
    assert examples(session, newsroom) == []


def test_a_decision_about_an_earlier_text_is_no_example(
    session: Session, newsroom: Newsroom
) -> None:
    sent = newsroom.send()
    decide(newsroom, sent["id"], "approve")
    path = f"/api/v1/comments/{sent['id']}"
    assert newsroom.as_site().patch(path, {"body": "Other."}).status_code == 200
    assert examples(session, newsroom) == []


def test_a_deleted_comment_is_no_example(session: Session, newsroom: Newsroom) -> None:
    sent = newsroom.send()
    decide(newsroom, sent["id"], "approve")
    newsroom.as_site().delete(f"/api/v1/comments/{sent['id']}")
    assert examples(session, newsroom) == []


def test_another_sites_decisions_are_no_examples(
    session: Session, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    decide(newsroom, newsroom.send()["id"], "approve")
    assert examples(session, other_newsroom) == []


def test_email_addresses_are_masked(session: Session, newsroom: Newsroom) -> None:
    sent = newsroom.send(body="Ask jo@mail.example for it.")
    decide(newsroom, sent["id"], "approve")
    (example,) = examples(session, newsroom)
    assert example.text == "Ask [e-mail] for it."


def test_comments_of_one_author_share_a_group_that_names_nobody(
    session: Session, newsroom: Newsroom
) -> None:
    for _ in range(2):
        decide(newsroom, newsroom.send()["id"], "approve")
    other = newsroom.send(author_email="bo@mail.example")
    decide(newsroom, other["id"], "approve")
    groups = [each.group for each in examples(session, newsroom)]
    assert groups[0] == groups[1] != groups[2]
    assert all(group and "mail" not in group for group in groups)


def test_counting_stops_at_enough(session: Session, newsroom: Newsroom) -> None:
    for reasons in (["spam"], ["off_topic"], ["insult"], ["threat"]):
        decide(newsroom, newsroom.send()["id"], "reject", reasons=reasons)
    assert feedback.count_examples(session, newsroom.site_id, 100) == 3
    assert feedback.count_examples(session, newsroom.site_id, 2) == 2


def lessons(session: Session, newsroom: Newsroom) -> list[TrainingExample]:
    return list(feedback.read_training_examples(session, newsroom.site_id, HARMS))


def said(
    verdict: str,
    by: str | None = "ann",
    *,
    source: str = "person",
    codes: tuple[str, ...] = (),
    batch: int | None = None,
    second: str | None = None,
    second_by: str | None = None,
) -> LoggedDecision:
    return LoggedDecision(
        source=source,
        verdict=Verdict(verdict),
        codes=frozenset(codes),
        labels={},
        at=NOW,
        login=by,
        batch_id=batch,
        second=Verdict(second) if second else None,
        second_by=second_by,
    )


APPEALED = said("review", None, source="author")
BOB_APPROVES = said("approve", "bob")


@pytest.mark.parametrize(
    ("log", "provenance"),
    [
        ([said("approve")], "single"),
        ([said("approve"), said("approve")], "single"),  # the same person
        ([said("approve"), said("approve", "bob")], "checked"),
        ([said("reject", codes=("spam",)), said("approve", "bob")], "single"),
        ([said("reject"), APPEALED, said("approve", "bob")], "appeal"),
        ([said("reject", codes=("spam",)), APPEALED], None),  # not heard yet
        (
            [
                said("reject", codes=("spam",)),
                APPEALED,
                said("reject", "bob", codes=("spam",)),
            ],
            "checked",
        ),
        ([said("approve", batch=3)], "bulk"),
        ([said("approve", second="approve")], "checked"),
        ([said("approve", second="reject")], None),  # no one has decided between them
        ([said("approve", second="reject"), said("approve", "bob")], "checked"),
        # A lead sides with the second reviewer; that person alone is but one.
        ([said("reject", second="approve", second_by="cy"), BOB_APPROVES], "checked"),
        ([said("reject", second="approve", second_by="bob"), BOB_APPROVES], "single"),
        ([said("approve", batch=3), said("approve", "bob")], "single"),
        ([said("approve", None, source="readers")], None),
        ([], None),
    ],
)
def test_provenance_follows_from_the_log(
    log: list[LoggedDecision], provenance: str | None
) -> None:
    if log and log[-1].source == "readers":
        log = [said("approve"), said("review", None, source="readers")]
    found = training_labels.judge(log, KNOWN)
    assert (found[1].value if found else None) == provenance


def test_a_second_look_makes_a_label_double_checked(
    session: Session, newsroom: Newsroom
) -> None:
    sent = newsroom.send()
    decide(newsroom, sent["id"], "approve")
    lead = newsroom.as_staff(Role.LEAD)
    path = f"/api/v1/comments/{sent['id']}"
    body = {"verdict": "approve", "version": lead.get(path).json["version"]}
    assert lead.post(f"{path}/decisions", body).status_code == 201
    (lesson,) = lessons(session, newsroom)
    assert lesson.provenance is Provenance.CHECKED
    assert lesson.taught_by == "gazette-lead"


def test_a_lesson_knows_its_comment_section_and_language(
    session: Session, newsroom: Newsroom
) -> None:
    sent = newsroom.send(article_section="Sport", language="de-AT")
    decide(newsroom, sent["id"], "approve")
    (lesson,) = lessons(session, newsroom)
    assert identifiers.encode(lesson.comment_id or 0) == sent["id"]
    assert (lesson.section, lesson.language) == ("Sport", "de")
