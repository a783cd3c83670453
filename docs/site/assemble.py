"""Lays out what Sphinx reads: our pages, and those that are generated from the code."""

from __future__ import annotations

import base64
import shutil
import sys
from pathlib import Path
from typing import Any

from docs.site import api_pages, code_pages, navigation
from moderation import create_app

ROOT = Path(__file__).parents[2]
#: Pages outside of `docs/` that belong to the site.
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "classifiers/pretrained/MODEL_CARD.md",
)
#: In the navigation, behind what `docs/index.md` links to.
GENERATED = {
    "Reference": [
        "docs/reference/api/index.md",
        *(f"{code_pages.FOLDER}/{name}.md" for name in ("cli", "errors", "events")),
        f"{code_pages.FOLDER}/data-model.md",
    ]
}
FIRST_PAGE = """<!doctype html>
<meta charset="utf-8"><title>Comment moderation</title>
<meta http-equiv="refresh" content="0; url=docs/index.html">
<a href="docs/index.html">Documentation</a>
"""
#: The document is made of the routes alone: these values protect nothing.
ENVIRONMENT = {
    "MODERATION_SECRET_KEY": "for the document alone" * 2,
    "MODERATION_EMAIL_KEYS": "k1:" + base64.b64encode(bytes(32)).decode(),
    "MODERATION_EMAIL_INDEX_KEY": base64.b64encode(bytes(32)).decode(),
    "DATABASE_URL": "sqlite://",
}


def openapi_document() -> dict[str, Any]:
    """Return the document that a service without data has at its address."""
    answer = create_app(ENVIRONMENT).test_client().get("/api/v1/openapi.json")
    document: dict[str, Any] = answer.get_json()
    return document


def generated_pages() -> dict[str, str]:
    """Return the text of each generated page by its path."""
    return {**api_pages.pages(openapi_document()), **code_pages.pages()}


def assemble(target: Path) -> None:
    """Write the whole source of the site to a folder, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(
        ROOT / "docs", target / "docs", ignore=shutil.ignore_patterns("*.py", "site")
    )
    shutil.copytree(ROOT / "deploy", target / "deploy")  # pages link to its files
    for name in PAGES:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target / name)
    pages = generated_pages()
    index = (ROOT / navigation.INDEX).read_text(encoding="utf-8")
    pages[navigation.INDEX] = navigation.with_contents(index, GENERATED)
    for name, text in pages.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (target / "root").mkdir()
    (target / "root" / "index.html").write_text(FIRST_PAGE)


if __name__ == "__main__":
    assemble(Path(sys.argv[1]))
