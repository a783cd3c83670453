"""The demo's made-up article."""

from __future__ import annotations

SITE = "demo"  # name of the demo's site in the database
REFERENCE = "https://courier.example/2026/ferry-lane-bridge"  # its id in our API
TITLE = "Ferry Lane bridge to close for two years from March"
SECTION = "Local"
