"""The fuzzing itself: it reads its seeds, and finds a fault that was put there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.fuzz import generated, guided, results
from tests.fuzz.results import Result, print_table
from tests.fuzz.targets import TARGETS, Target


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_reader_reads_or_refuses_its_seeds(target: Target) -> None:
    for data in (*target.seeds, b"", b"\xff\xfe", b"{}", b"\0" * 20):
        assert target.fault_of(data) is None


def test_names_of_targets_are_their_own() -> None:
    names = [target.name for target in TARGETS]
    assert sorted(set(names)) == sorted(names)


def broken(data: bytes) -> None:
    if b"\x00" in data:
        raise ZeroDivisionError


def test_a_fault_is_found_kept_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Target(name="broken", read=broken, seeds=(b"a\x00b",))
    result = generated.run(target, 0.2, start=1)
    assert result.inputs > 0
    ((what, path),) = result.faults.items()
    assert what.startswith("ZeroDivisionError at test_fuzz.py:")
    assert path.parent == folder
    assert b"\x00" in path.read_bytes()
    assert print_table([result, Result(engine="none", target="idle")]) == 1
    assert f"--again {path}" in capsys.readouterr().out


def test_a_kept_input_is_sent_again(folder: Path) -> None:
    path = folder / "web.cursors.0123456789ab"
    path.write_bytes(b"no cursor")
    command = [sys.executable, "-m", "tests.fuzz", "--again", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Refused")


def test_the_readers_are_instrumented(folder: Path) -> None:
    if not guided.is_installed():
        absent("atheris (wheels for Linux on x86-64 and Python up to 3.13)")
    path = folder / "guided.json"
    command = [sys.executable, "-m", "tests.fuzz.guided", str(path), "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Instrumenting moderation.web.cursors" in done.stderr
    tried = json.loads(path.read_text())
    assert [row["target"] for row in tried] == [target.name for target in TARGETS]
    assert sum(row["inputs"] for row in tried) > 0
