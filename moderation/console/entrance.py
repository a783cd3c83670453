"""The root of the service's address, for people who type it into a browser."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

bp = Blueprint("entrance", __name__)


@bp.get("/")
def lead() -> ResponseReturnValue:
    """Lead to the console, which shows its first page or asks to log in."""
    return redirect(url_for("console.read_login"))
