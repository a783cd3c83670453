"""The site of the docs, without Sphinx: pages, drawing, navigation, and checks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs.site import api_pages, assemble, check, code_pages, navigation, rooms
from moderation.cli.main import main
from moderation.database import Table
from moderation.webhooks.outbox import EventType
from tests.docs.pages import ROOT, paths, text_of

HOME = '<h1 id="top">Home</h1>'


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document, made once."""
    return assemble.openapi_document()


@cache
def generated() -> dict[str, str]:
    """Return the pages that are generated from the code."""
    return {**api_pages.pages(document()), **code_pages.pages()}


def test_every_page_is_in_the_navigation_once() -> None:
    sections = navigation.sections(text_of(navigation.INDEX))
    listed = [page for pages in sections.values() for page in pages]
    pages = {page for page in paths() if page.startswith("docs/")}
    assert sorted(listed) == sorted({*pages, *assemble.PAGES} - {navigation.INDEX})


def test_generated_pages_are_in_the_navigation() -> None:
    tagged = {name for name in generated() if name.startswith(f"{api_pages.FOLDER}/")}
    others = set(generated()) - tagged | {f"{api_pages.FOLDER}/index.md"}
    assert set(assemble.GENERATED["Reference"]) == others
    sections = navigation.sections(text_of(navigation.INDEX))
    assert set(assemble.GENERATED) <= set(sections)


def test_every_operation_has_its_heading() -> None:
    for operation in api_pages.list_operations(document()):
        heading = f"## {operation['method']} `{operation['path']}`\n"
        for tag in operation["tags"]:
            assert heading in generated()[f"{api_pages.FOLDER}/{tag}.md"]


def test_every_body_that_is_linked_has_its_heading() -> None:
    bodies = generated()[f"{api_pages.FOLDER}/{api_pages.SCHEMAS}.md"]
    headings = {
        each.lower() for each in re.findall(r"^## (\w+)$", bodies, re.MULTILINE)
    }
    text = "\n".join(generated().values())
    assert set(re.findall(r"bodies\.md#(\w+)", text)) <= headings


def test_every_command_has_its_heading() -> None:
    page = generated()[f"{code_pages.FOLDER}/cli.md"]
    for words, _ in code_pages.walk(main, ("moderation",)):
        if len(words) > 1:
            assert re.search(rf"^###+ {' '.join(words)}$", page, re.MULTILINE), words


def test_errors_events_and_tables_are_listed() -> None:
    errors = generated()[f"{code_pages.FOLDER}/errors.md"]
    codes = [each.code for each in code_pages.error_classes()]
    assert [each for each in codes if f"| `{each}` |" not in errors] == []
    assert set(code_pages.event_meanings()) == {each.value for each in EventType}
    tables = generated()[f"{code_pages.FOLDER}/data-model.md"]
    for table in Table.metadata.tables.values():
        assert f"## {table.name}\n" in tables
        assert all(f"| `{column.name}` |" in tables for column in table.columns)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"], "maxLength": 5}, "string or null, up to 5 char"),
        ({"type": "array", "items": {"type": "integer"}}, "array of integer"),
        ({"enum": ["due", None]}, "`due`"),
        ({"$ref": "#/components/schemas/Rule"}, "[Rule](bodies.md#rule)"),
        ({"anyOf": [{"type": "null"}, {"type": "number"}]}, "null or number"),
    ],
)
def test_a_schema_is_put_in_words(schema: dict[str, Any], expected: str) -> None:
    assert api_pages.type_of(schema).startswith(expected)


def test_the_drawing_is_of_the_contract() -> None:
    drawn = rooms.DRAWING.read_text(encoding="utf-8")
    assert drawn == rooms.drawing(), "run python -m docs.site.rooms"
    for floor in rooms.floors():
        assert all(f">{room}</text>" in drawn for room in floor)


@pytest.mark.parametrize("step", [s for s in rooms.WAY if s.caller], ids=str)
def test_a_step_of_the_way_is_an_import(step: rooms.Step) -> None:
    folder = ROOT / "moderation" / step.caller
    imports = re.compile(
        rf"^from moderation(\.{step.room}\b| import .*\b{step.room}\b)", re.MULTILINE
    )
    assert any(imports.search(path.read_text()) for path in folder.rglob("*.py"))


def test_the_page_lists_the_steps_that_are_drawn() -> None:
    assert rooms.listed_way() in text_of("docs/architecture.md")


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="gone.html">', "home.html: leads nowhere: gone.html"),
        ('<a href="#gone">', "home.html: leads nowhere: #gone"),
        ('<a href="javascript:x">', "home.html: leads nowhere: javascript:x"),
        ('<script src="https://cdn.example/x.js">', "loads https://cdn.example/x.js"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "loads //cdn.example"),
    ],
)
def test_a_fault_of_the_site_is_found(tmp_path: Path, html: str, fault: str) -> None:
    (tmp_path / "home.html").write_text(HOME + html)
    assert any(fault in each for each in check.faults(tmp_path))


def test_a_style_sheet_from_outside_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("@import url('https://fonts.example/a.css');")
    assert list(check.faults(tmp_path)) == ["x.css: loads https://fonts.example/a.css"]


def test_a_site_without_faults_has_none(tmp_path: Path) -> None:
    (tmp_path / "home.html").write_text(
        HOME + '<a href="#top"></a><a href="home.html#top"></a>'
        '<a href="https://example.org/"></a><link rel="canonical" href="home.html">'
    )
    assert list(check.faults(tmp_path)) == []
