"""Connections for a pooler: nothing is prepared on them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa


@pytest.mark.parametrize(("given", "threshold"), [("none", None), ("7", 7)])
def test_the_url_says_from_when_on_statements_are_prepared(
    postgres: sa.URL, given: str, threshold: int | None
) -> None:
    url = postgres.update_query_dict({"prepare_threshold": given})
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert getattr(driver, "prepare_threshold", "missing") == threshold
    engine.dispose()
