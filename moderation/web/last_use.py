"""The last use of a credential, recorded once the response is sent."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from flask import Response, after_this_request
from sqlalchemy.exc import SQLAlchemyError

from moderation.database import brief_transaction, engine_apart

logger = logging.getLogger(__name__)

WAIT_SECONDS = 0.25  # for another writer, before a use is left out


def record_after_response(use: sa.Update, credential: str) -> None:
    """Record a use after the response of this request, in a transaction of its own.

    A fault is logged and forgotten: no request fails or waits for it.

    Parameters
    ----------
    credential
        Names it in the log, such as "site key 7".
    """
    # There is no app context any more when the response is closed.
    engine = engine_apart()

    def record_when_sent(response: Response) -> Response:
        response.call_on_close(lambda: _record(engine, use, credential))
        return response

    after_this_request(record_when_sent)


def _record(engine: sa.Engine, use: sa.Update, credential: str) -> None:
    try:
        with brief_transaction(engine, WAIT_SECONDS) as connection:
            connection.execute(use)
    except SQLAlchemyError as error:
        fault = type(error).__name__
        logger.warning("last use of %s not recorded: %s", credential, fault)
