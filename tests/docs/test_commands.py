"""What README and docs tell a reader to type is typed here, from their text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.docs import shell
from tests.docs.conftest import (
    Demo,
    add_candidate,
    next_key_id,
    open_gazette,
    put_gazette_away,
)
from tests.docs.pages import ROOT, Block, blocks, text_of

SHELLS = ("bash", "console", "sh")
NOT_RUN = re.compile(r"not run: \S.{9,}")  # with a reason
RUN_BY = re.compile(r"run by (tests/\S+\.py)")
ANSWER_TO = re.compile(r"answer to POST (/\S+): (\{.*\})")
HOST = "http://127.0.0.1:8000"  # as `make run` prints it
CANDIDATE = "gazette-7-94a381df"
KEY_REVOKED = "keys revoke gazette 7 "
EXAMPLE_HOST = "https://moderation.example"

#: Files that a page takes for granted, as it describes them.
FILES = {
    "slurs.txt": "# ours\nglimpwad\nplonkmuffin\n",
    "kept.jsonl": "".join(
        json.dumps({"text": f"{word} {n}", "attributeScores": {"TOXICITY": score}})
        + "\n"
        for n in range(30)
        for word, score in (("You idiot", 0.9 - n / 100), ("Thank you", n / 100))
    ),
}


def runs(block: Block) -> bool:
    """Tell whether a block holds something that is run here."""
    return block.language in (*SHELLS, "python") and not block.mark


RUN = [block for block in blocks() if runs(block)]
PAGES = sorted({block.page for block in RUN})


def kind_of(block: Block) -> str:
    """Return what is done with a block; empty: nothing is set."""
    if block.mark:
        known = (NOT_RUN, RUN_BY, ANSWER_TO)
        return block.mark if any(each.fullmatch(block.mark) for each in known) else ""
    if block.language in (*SHELLS, "python"):
        return "run"
    return "drawing" if not block.language else ""


def test_every_block_is_run_or_says_why_not() -> None:
    unclassified = [str(block) for block in blocks() if not kind_of(block)]
    assert unclassified == []
    assert len(RUN) >= 15


@pytest.mark.parametrize("block", [b for b in blocks() if "run by" in b.mark], ids=str)
def test_what_another_test_runs_is_named_there(block: Block) -> None:
    named = RUN_BY.fullmatch(block.mark)
    assert named
    assert Path(block.page).name in (ROOT / named[1]).read_text()


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(demo: Demo, page: str, tmp_path: Path) -> None:
    values = prepare(demo, page)
    for block in RUN:
        if block.page == page and block.language == "python":
            run_python(demo, values, block, tmp_path)
    typed = [
        command
        for block in RUN
        if block.page == page and block.language in SHELLS
        for command in shell.commands(block.language, filled_in(block.text, values))
    ]
    environment = {**demo.environment, "URL": demo.url, "KEY": demo.known["site_key"]}
    environment["TOKEN"] = values["TOKEN"]
    outcomes = shell.run(typed, demo.folder, environment)
    for command, outcome in zip(typed, outcomes, strict=True):
        shown = f"{page}: {command.text}\n{outcome.output}\n{outcome.complaints}"
        assert outcome.exit_code == 0, shown
        assert all(200 <= status < 300 for status in outcome.statuses), shown
        assert "curl " not in command.text or outcome.statuses, shown
        assert_printed(command.printed, outcome.output, shown)


def prepare(demo: Demo, page: str) -> dict[str, str]:
    """Bring about what a page takes for granted; return what its examples stand for."""
    for name, text in FILES.items():
        (demo.folder / name).write_text(text)
    token = demo.token()
    values = {HOST: demo.url, EXAMPLE_HOST: demo.url, "TOKEN": token}
    values["/ID/"] = f"/{demo.pending_id(token)}/"
    with demo.opened():
        put_gazette_away()
        site_id = None
        if "add-site gazette" not in text_of(page):
            site_id = open_gazette()
        if KEY_REVOKED in text_of(page):  # that of `add-site`
            values[KEY_REVOKED] = f"keys revoke gazette {next_key_id()} "
        if site_id is not None and CANDIDATE in text_of(page):
            version, job_id = add_candidate(site_id)
            values |= {CANDIDATE: version, "/jobs/7 ": f"/jobs/{job_id} "}
    return values


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Return a block with the values that a reader puts in."""
    for example, value in values.items():
        if example != "TOKEN":
            text = text.replace(example, value)
    return text


def run_python(
    demo: Demo, values: Mapping[str, str], block: Block, folder: Path
) -> None:
    """Run a block in an interpreter that knows the reader's key and address."""
    start = f"KEY = {demo.known['site_key']!r}\nURL = {demo.url!r}\n"
    script = folder / "block.py"
    script.write_text(start + filled_in(block.text, values))
    subprocess.run([sys.executable, script], check=True, timeout=60, cwd=folder)


def assert_printed(expected: str, output: str, shown: str) -> None:
    """Assert what a page prints; `…` stands for anything."""
    if not expected:
        return
    if expected.lstrip().startswith("{") and "…" not in expected:
        assert shape(json.loads(output)) == shape(json.loads(expected)), shown
        return
    parts = [re.escape(part) for part in expected.strip().split("…")]
    assert re.fullmatch(".*".join(parts), output.strip(), re.DOTALL), shown


def shape(value: Any) -> Any:
    """Return the names and types in something from JSON."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return type(value).__name__


@pytest.mark.parametrize(
    "block", [b for b in blocks() if "answer to" in b.mark], ids=str
)
def test_an_answer_looks_as_shown(demo: Demo, block: Block) -> None:
    call = ANSWER_TO.fullmatch(block.mark)
    assert call
    answer = requests.post(
        demo.url + call[1],
        json=json.loads(call[2]),
        headers={"Authorization": f"Bearer {demo.known['site_key']}"},
        timeout=30,
    )
    assert answer.json() == json.loads(block.text)
