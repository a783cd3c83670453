"""A page to browse the OpenAPI document; all of it comes from here."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, render_template, send_from_directory

bp = Blueprint(
    "reference",
    __name__,
    url_prefix="/api/v1/docs",
    template_folder="templates",
    static_folder="static",
    static_url_path="/own",
)

SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"
SERVED = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
KEPT_SECONDS = 3600

# Swagger UI sets styles on its elements; nothing else is let in.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@bp.get("/")
def page() -> Response:
    """Show the API document as a page where each call can be tried."""
    response = Response(render_template("reference.html"))
    response.headers["Content-Security-Policy"] = POLICY
    return response


@bp.get("/<any(" + ",".join(f'"{name}"' for name in SERVED) + "):name>")
def asset(name: str) -> Response:
    """Send one of Swagger UI's own files."""
    return send_from_directory(SWAGGER_UI, name, max_age=KEPT_SECONDS)
