"""What a person chooses for their browser: kept, and never more than was offered."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from moderation.console.icons import ICONS
from tests.builders import PASSWORD, Newsroom
from tests.refusals import on_sqlite

pytestmark = on_sqlite
FORM = {"login": "gazette-admin", "password": PASSWORD}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("language", {"language": "xx"}),
        ("theme", {"theme": "pink"}),
        ("theme", {}),
        ("site", {"site": "999999"}),
        ("site", {"site": "herald"}),
    ],
)
def test_what_is_not_offered_is_not_kept(
    newsroom: Newsroom, client: FlaskClient, path: str, form: dict[str, str]
) -> None:
    client.post("/console/login", data=FORM)
    answer = client.post(f"/console/{path}", data=form)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_on_every_page(
    newsroom: Newsroom, client: FlaskClient, theme: str
) -> None:
    client.post("/console/theme", data={"theme": theme, "back": "/console/comments"})
    client.post("/console/login", data=FORM)
    for path in ("", "comments", "account", "nowhere"):
        assert f'data-theme="{theme}"' in client.get(f"/console/{path}").text
    client.post("/console/theme", data={"theme": "system"})
    assert "data-theme" not in client.get("/console/comments").text


def test_a_site_of_somebody_else_is_not_chosen_by_a_cookie(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    client.post("/console/login", data=FORM)
    client.set_cookie("moderation_site", "999999")
    page = client.get("/console/").text
    assert 'data-site="gazette"' in page  # the one that is theirs


def test_a_page_has_the_icons_that_it_uses_and_no_other(
    newsroom: Newsroom, client: FlaskClient
) -> None:
    client.post("/console/login", data=FORM)
    for path in ("", "queue", "models", "account"):
        page = client.get(f"/console/{path}").text
        for name in ICONS:
            is_used = f'href="#i-{name}"' in page
            assert not is_used or f'id="i-{name}"' in page
        assert 'id="i-back"' not in page
