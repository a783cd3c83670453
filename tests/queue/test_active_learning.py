"""What teaches most: chosen near the thresholds, unlike one another, and counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.data.datasets import Example
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.comments import claims
from moderation.database import start_writing
from moderation.learning import examples, retraining
from moderation.learning.provenance import Provenance, TrainingExample
from moderation.learning.training_set import TrainingSet
from moderation.queue import active_learning
from moderation.queue.active_learning import Candidate, pick
from moderation.queue.query import QueueOrder, QueueQuery
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from tests.builders import ALL_HELD, Answer, Newsroom
from tests.refusals import assert_refused

QUEUE = "/api/v1/queue"
HAND = "/api/v1/hand"
SPAM = "Buy cheap watches at our shop today, all of them half the price, only number {}"
OTHERS = (
    "The ferry is tied up since Monday and nobody tells us why.",
    "My grandmother bakes bread on Sundays with rye from the mill.",
    "Taxes went down in no year that I can remember, whoever ruled.",
)


def candidate(number: int, text: str, **more: Any) -> Candidate:
    fields = {"margin": 0.01 * number, "label": "spam", "language": "en", **more}
    return Candidate(id=number, text=text, **fields)


def picked(found: list[Candidate], limit: int, known: Any = ()) -> list[int]:
    return [found[place].id for place in pick(found, known, limit)]


def test_near_duplicates_come_after_all_others() -> None:
    found = [candidate(n, SPAM.format(n)) for n in range(4)]
    found += [candidate(9 + n, text) for n, text in enumerate(OTHERS)]
    assert set(picked(found, 4)) == {0, 9, 10, 11}
    assert sorted(picked(found, 99)) == [0, 1, 2, 3, 9, 10, 11]


def test_what_resembles_a_late_decision_comes_last() -> None:
    found = [candidate(0, SPAM.format(7)), candidate(9, OTHERS[0])]
    assert picked(found, 2) == [0, 9]
    assert picked(found, 2, [candidate(5, SPAM.format(8))]) == [9, 0]


def test_the_nearest_to_a_threshold_comes_first() -> None:
    found = [candidate(n, text) for n, text in enumerate(OTHERS)]
    assert picked(found, 1) == [0]
    assert picked(list(reversed(found)), 1) == [0]


@pytest.mark.parametrize("kind", ["label", "language"])
def test_a_rare_kind_goes_before_a_crowded_one(kind: str) -> None:
    known = [candidate(n, f"word{n} and name{n}", **{kind: "a"}) for n in range(20)]
    found = [
        candidate(1, OTHERS[0], **{kind: "a"}),
        candidate(3, OTHERS[1], **{kind: "b"}),
    ]
    assert picked(found, 1) == [1]
    assert picked(found, 1, known) == [3]


@pytest.mark.parametrize("texts", [[], [""], ["", "", "!!"], ["日本語の文", "日本"]])
def test_texts_without_words_are_chosen_like_any(texts: list[str]) -> None:
    found = [candidate(n, text, language=None) for n, text in enumerate(texts)]
    assert sorted(picked(found, 5)) == list(range(len(texts)))


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


@pytest.fixture
def sent(newsroom: Newsroom, session: Session) -> list[str]:
    """Four near-duplicates next to a threshold, three texts farther, one unscored."""
    texts = [*(SPAM.format(n) for n in range(4)), *OTHERS, "Not scored at all."]
    made = [newsroom.send(body=text)["id"] for text in texts]
    start_writing(session)
    for place, public in enumerate(made):
        margin = None if place == 7 else 0.001 * place
        number = identifiers.decode(public)
        session.execute(
            sa.update(Comment).where(Comment.id == number).values(margin=margin)
        )
    session.commit()
    return made


def take(newsroom: Newsroom, **body: Any) -> list[Any]:
    answer = newsroom.as_staff().post(HAND, {"order": "teach", **body})
    assert answer.status_code == 200, answer.json
    found: list[Any] = answer.json["comments"]
    return found


def decide(newsroom: Newsroom, comment: dict[str, Any]) -> Answer:
    path = f"/api/v1/comments/{comment['id']}/decisions"
    said = {"verdict": "approve", "version": comment["version"]}
    answer = newsroom.as_staff().post(path, said)
    assert answer.status_code == 201, answer.json
    return answer


def taught_today(newsroom: Newsroom) -> int:
    found: int = newsroom.as_staff().post(HAND, {"size": 1}).json["taught_today"]
    return found


def test_a_hand_holds_one_of_a_campaign(newsroom: Newsroom, sent: list[str]) -> None:
    found = [each["id"] for each in take(newsroom, size=4)]
    assert found == [sent[0], *sent[4:7]]


def test_what_is_decided_now_is_not_asked_again(
    newsroom: Newsroom, sent: list[str]
) -> None:
    decide(newsroom, take(newsroom, size=1)[0])
    found = [each["id"] for each in take(newsroom, size=3)]
    assert found == sent[4:7]


def test_a_hand_is_kept_and_filled_with_what_is_unlike_it(
    newsroom: Newsroom, sent: list[str]
) -> None:
    (first,) = take(newsroom, size=1)
    both = [each["id"] for each in take(newsroom, size=2)]
    assert both == [first["id"], sent[4]]


def test_two_hands_share_nothing(
    newsroom: Newsroom, other_newsroom: Newsroom, sent: list[str]
) -> None:
    other_newsroom.also_at(newsroom, Role.MODERATOR)
    one = {each["id"] for each in take(newsroom, size=3)}
    two = {each["id"] for each in take(other_newsroom, size=50)}
    assert one & two == set()
    assert {*one, *two} <= set(sent)


def test_what_was_taken_meanwhile_is_not_taken_again(
    newsroom: Newsroom, session: Session, sent: list[str]
) -> None:
    """The choice is made first; the statement that takes asks again."""
    wanted = QueueQuery(site_ids=[newsroom.site_id], order=QueueOrder.TEACH)
    ids = active_learning.choose_comments(session, wanted, limit=2)
    session.rollback()
    newsroom.as_staff().put(f"/api/v1/comments/{identifiers.encode(ids[0])}/claim")
    free = claims.is_unclaimed(Comment, datetime.now(UTC))
    found = session.scalars(
        active_learning.select_free(session, wanted, ids, free)
    ).all()
    assert found == ids[1:]


def test_the_list_has_one_page(newsroom: Newsroom, sent: list[str]) -> None:
    answer = newsroom.as_staff().get(f"{QUEUE}?order=teach&limit=3").json
    assert [each["id"] for each in answer["comments"]] == [sent[0], *sent[4:6]]
    assert answer["next"] is None
    cursor = newsroom.as_staff().get(f"{QUEUE}?order=uncertainty&limit=1").json["next"]
    answer = newsroom.as_staff().get(f"{QUEUE}?order=teach&cursor={cursor}")
    assert_refused(answer, 422, "cursor")


def test_filters_hold_in_this_order_too(newsroom: Newsroom, sent: list[str]) -> None:
    answer = newsroom.as_staff().get(f"{QUEUE}?order=teach&text=ferry").json
    assert [each["id"] for each in answer["comments"]] == [sent[4]]
    assert newsroom.as_staff().get(f"{QUEUE}?order=teach&text=moon").json == {
        "comments": [],
        "next": None,
    }


def test_a_wave_of_one_text_does_not_hide_the_rest(
    newsroom: Newsroom, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(active_learning, "CANDIDATES", 2)
    found = [each["id"] for each in take(newsroom, size=2)]
    assert found == [sent[0], sent[4]]


def test_decisions_know_the_order_that_served(
    newsroom: Newsroom, session: Session, sent: list[str]
) -> None:
    decide(newsroom, take(newsroom, size=1)[0])
    due = newsroom.as_staff().post(HAND, {"size": 1}).json["comments"][0]
    decide(newsroom, due)
    unheld = newsroom.as_staff().get(QUEUE).json["comments"][0]
    decide(newsroom, unheld)
    served = sa.select(Decision.served_in).where(Decision.source == "person")
    found = session.scalars(served.order_by(Decision.id)).all()
    assert found == ["teach", "due", None]
    assert taught_today(newsroom) == 1


def test_what_is_claimed_by_itself_did_not_come_from_teach(
    newsroom: Newsroom, session: Session, sent: list[str]
) -> None:
    (held,) = take(newsroom, size=1)
    staff = newsroom.as_staff()
    claim = f"/api/v1/comments/{held['id']}/claim"
    staff.put(claim)  # renewed: it still comes from there
    number = identifiers.decode(held["id"])
    served = sa.select(Comment.served_in).where(Comment.id == number)
    assert session.scalar(served) == "teach"
    session.rollback()
    staff.delete("/api/v1/hand")
    staff.put(claim)
    assert session.scalar(served) is None


def test_what_is_taken_back_is_not_counted_until_decided_again(
    newsroom: Newsroom, sent: list[str]
) -> None:
    (held,) = take(newsroom, size=1)
    decide(newsroom, held)
    assert taught_today(newsroom) == 1
    path = f"/api/v1/comments/{held['id']}/undo"
    assert newsroom.as_staff().post(path, {"version": 2}).status_code == 201
    assert taught_today(newsroom) == 0
    decide(newsroom, {**held, "version": 3})
    assert taught_today(newsroom) == 1


def test_only_ones_own_sites_are_counted_and_only_since(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session, sent: list[str]
) -> None:
    decide(newsroom, take(newsroom, size=1)[0])
    assert taught_today(other_newsroom) == 0
    later = datetime.now(UTC) + timedelta(hours=1)
    assert active_learning.count_decided_since(session, [newsroom.site_id], later) == 0


def test_lessons_know_that_teach_brought_them(
    newsroom: Newsroom, session: Session, sent: list[str]
) -> None:
    (held,) = take(newsroom, size=1)
    decide(newsroom, held)
    decide(newsroom, newsroom.as_staff().get(QUEUE).json["comments"][0])
    lessons = TrainingSet(
        examples.read_training_examples(session, newsroom.site_id, ["spam"])
    )
    told = {each.comment_id: each.is_from_teach for each in lessons}
    assert told.pop(identifiers.decode(held["id"])) is True
    assert list(told.values()) == [False]


def lettered(number: int) -> str:
    """Return a word of its own for each number."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}")


def shelf(ordinary: int, taught: int) -> TrainingSet:
    """Examples of both kinds in turns, as long as there are both."""
    places = np.linspace(0, 1, ordinary, endpoint=False)
    order = [(place, False) for place in places.tolist()]
    order += [(place, True) for place in np.linspace(0, 1, taught, False).tolist()]
    return TrainingSet(
        TrainingExample(
            example=Example(
                text=" ".join(lettered(n * 10 + word) for word in range(6)),
                labels={"spam": n % 2 == 0},
                written_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n),
            ),
            provenance=Provenance.SINGLE,
            taught_by="ada",
            comment_id=n + 1,
            is_from_teach=is_taught,
        )
        for n, (_, is_taught) in enumerate(sorted(order))
    )


def test_models_are_not_measured_on_what_teach_has_brought() -> None:
    lessons = shelf(400, 200)
    learnt, late = retraining.split(lessons)
    told = retraining.count_taught(lessons, learnt, late)
    assert told["held_out"] == 0
    assert 0 < told["left_out"] <= 60
    assert told["trained_on"] + told["left_out"] == 200
    assert len(late) == 180 - told["left_out"]


def test_they_are_where_too_little_else_is_held_out() -> None:
    lessons = shelf(60, 400)
    learnt, late = retraining.split(lessons)
    told = retraining.count_taught(lessons, learnt, late)
    assert told["left_out"] == 0
    assert told["held_out"] > 0
