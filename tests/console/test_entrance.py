"""The bare address of the service leads to the console."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_root_leads_to_the_login(client: FlaskClient) -> None:
    answer = client.get("/", follow_redirects=True)
    assert answer.request.path == "/console/login"
    assert answer.status_code == 200
    assert client.post("/").status_code == 405
