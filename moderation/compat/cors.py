"""Cross-origin requests from browsers, by the origins that a site allows."""

from __future__ import annotations

from flask import Response, g, request

CACHED_SECONDS = "600"  # how long a browser may remember that it was let in


def let_in(response: Response) -> Response:
    """Add the CORS headers if the page's origin is allowed."""
    origin = request.headers.get("Origin")
    site = g.get("site")
    if origin is None or site is None or origin not in site.integrations.origins:
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = (
            "Content-Type, X-Goog-Api-Key"
        )
        response.headers["Access-Control-Max-Age"] = CACHED_SECONDS
    return response
