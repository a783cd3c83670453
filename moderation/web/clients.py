"""The program behind a log-in, in a few words that a person recognizes."""

from __future__ import annotations

MAX_LENGTH = 63  # characters

#: In this order: later browsers also name the earlier ones.
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def client_of(user_agent: str) -> str | None:
    """Return a browser and its system, or the name of another program.

    The full header identifies a person better than a list of sessions needs.

    >>> client_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    'Firefox, Linux'
    >>> client_of("python-requests/2.34.0")
    'python-requests'
    """
    names = [
        next((name for mark, name in known if mark in user_agent), None)
        for known in (BROWSERS, SYSTEMS)
    ]
    words = ", ".join(name for name in names if name)
    if words:
        return words
    product = user_agent.partition("/")[0].partition(" ")[0]
    is_name = product.replace("-", "").replace(".", "").replace("_", "").isalnum()
    return product[:MAX_LENGTH] if product.isascii() and is_name else None
