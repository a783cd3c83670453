"""An id names one element of a page, those of the shell included."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from flask import Flask

from moderation.accounts.staff import Role
from moderation.console.navigation import every_page
from tests.builders import PASSWORD, Newsroom

ID = re.compile(r'\sid="([^"]+)"')


@pytest.mark.parametrize("endpoint", [each.endpoint for each in every_page()])
def test_no_id_is_given_twice(app: Flask, newsroom: Newsroom, endpoint: str) -> None:
    client = app.test_client()
    form = {"login": f"{newsroom.name}-{Role.ADMIN}", "password": PASSWORD}
    client.post("/console/login", data=form)
    with app.test_request_context():
        address = app.url_for(f"console.{endpoint}")
    page = client.get(address, follow_redirects=True)
    assert page.status_code == 200
    counts = Counter(ID.findall(page.text))
    assert "keys" in counts  # the shell is there, too
    assert [each for each, count in counts.items() if count > 1] == []
