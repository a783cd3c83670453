"""Sites, their keys and their policies."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import start_writing
from moderation.errors import Conflict, InvalidFields
from moderation.keyed_hashes import HashKeys
from moderation.policy.thresholds import Moderation, Threshold
from moderation.sites import policies, sites
from moderation.sites.keys import is_key_format, issue_key
from moderation.tables.sites import SiteKey, SitePolicy
from tests.builders import ALL_HELD, NOTHING_HELD, NOW
from tests.refusals import on_sqlite

HASH_KEY = HashKeys.of([b"h" * 32])


@pytest.fixture
def site_id(session: Session) -> int:
    start_writing(session)
    policy = policies.default_policy(NOTHING_HELD)
    return sites.create_site(session, "gazette", policy, NOW).id


@pytest.mark.parametrize("name", ["g", "1", "a" * 63, "the-gazette"])
def test_a_site_is_found_by_its_name(session: Session, name: str) -> None:
    start_writing(session)
    sites.create_site(session, name, policies.default_policy(NOTHING_HELD), NOW)
    found = sites.find_by_name(session, name)
    assert found is not None
    assert found.name == name


@on_sqlite
@pytest.mark.parametrize(
    "name", ["", "Gazette", "-g", "a" * 64, "a b", "gazette\n", "gazétte", "g/x"]
)
def test_a_name_of_another_form_is_refused(session: Session, name: str) -> None:
    with pytest.raises(InvalidFields):
        sites.create_site(session, name, policies.default_policy(NOTHING_HELD), NOW)


@pytest.mark.usefixtures("site_id")
def test_a_taken_name_is_refused(session: Session) -> None:
    with pytest.raises(Conflict):
        sites.create_site(
            session, "gazette", policies.default_policy(NOTHING_HELD), NOW
        )


def test_a_key_has_twelve_small_letters_and_digits(
    session: Session, site_id: int
) -> None:
    key = issue_key(session, site_id, HASH_KEY, NOW)
    assert is_key_format(key)
    assert len(key) == 12


@pytest.mark.parametrize(
    "text", ["", "a" * 11, "a" * 13, "A" * 12, "a" * 11 + "-", "é" * 12]
)
def test_another_form_is_no_key(text: str) -> None:
    assert not is_key_format(text)


def test_every_key_of_a_site_opens_it(session: Session, site_id: int) -> None:
    keys = [issue_key(session, site_id, HASH_KEY, NOW) for _ in range(2)]
    for key in keys:
        found = sites.find_by_key(session, key, HASH_KEY)
        assert found is not None
        assert found.id == site_id


def test_a_revoked_key_opens_nothing(session: Session, site_id: int) -> None:
    key = issue_key(session, site_id, HASH_KEY, NOW)
    session.execute(sa.update(SiteKey).values(revoked_at=NOW))
    assert sites.find_by_key(session, key, HASH_KEY) is None


def test_a_key_is_stored_as_a_keyed_hash(session: Session, site_id: int) -> None:
    key = issue_key(session, site_id, HASH_KEY, NOW)
    stored = session.scalars(sa.select(SiteKey.key_hash)).one()
    assert key not in stored
    assert sites.find_by_key(session, key, HashKeys.of([b"x" * 32])) is None


def test_a_new_policy_holds_and_the_older_one_stays(
    session: Session, site_id: int
) -> None:
    body = policies.default_policy(ALL_HELD, Moderation.PRE)
    policies.create_policy(session, site_id, body, staff_id=None, now=NOW)
    found = sites.find_by_id(session, site_id)
    assert found is not None
    assert found.policy.default is Moderation.PRE
    assert found.policy.thresholds == {"toxicity": Threshold(review_at=0.0)}
    assert len(session.scalars(sa.select(SitePolicy)).all()) == 2


def test_a_policy_comes_back_as_it_was_written() -> None:
    body = {
        "thresholds": {"spam": {"review_at": 0.4, "reject_at": 0.9}},
        "default": "post",
        "sections": {"Opinion": "pre"},
        "trusted_authors": ["u1"],
    }
    policy = policies.read_policy(body)
    assert policy.thresholds == {"spam": Threshold(review_at=0.4, reject_at=0.9)}
    assert policy.moderation_of("Opinion") is Moderation.PRE
    assert policy.trusted_authors == {"u1"}
