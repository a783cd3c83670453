"""Releases: the same bytes twice, whole, and running in a fresh environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from deploy.build_dist import build
from deploy.cut_release import PLACES, cut
from tests.docs.pages import ROOT
from tests.test_packaging import PROJECT

EPOCH = 1_795_000_000  # of no commit
NAME = f"moderation-{PROJECT['version']}"
#: Not in a wheel: templates of a future release could be forgotten like that.
FOLDERS = ("templates", "static", "catalogue", "migrations", "pretrained")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """The wheel and the source archive, built twice and found equal."""
    folders = [tmp_path_factory.mktemp("dist") for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda folder: build(ROOT, folder, EPOCH), folders)
    assert [path.name for path in first] == [
        f"{NAME}-py3-none-any.whl",
        f"{NAME}.tar.gz",
    ]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    return first


def files_of(*packages: str) -> set[str]:
    """Return what of some packages must be in a wheel."""
    listed = subprocess.run(
        ["git", "ls-files", *packages], cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines()
    return {
        name
        for name in listed
        if (ROOT / name).is_file()
        and (name.endswith(".py") or set(Path(name).parts) & set(FOLDERS))
        and not name.endswith(".md")
    }


def test_the_archives_hold_all_that_runs(archives: Sequence[Path]) -> None:
    wheel, archive = archives
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    wanted = files_of("moderation", "classifiers")
    assert wanted - names == set()
    assert len(wanted) > 500
    assert "moderation/demo/comments.json" in names
    strangers = {name for name in names if not name.startswith(("mod", "classifiers/"))}
    assert strangers == set()
    with tarfile.open(archive) as unpacked:
        sources = {name.removeprefix(f"{NAME}/") for name in unpacked.getnames()}
    assert wanted - sources == set()
    deployed = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "deploy").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert deployed - sources == set()
    assert {"requirements.lock", "CHANGELOG.md", "docs/backup.md"} <= sources
    assert not any(name.startswith("tests/") for name in sources)


def test_a_wheel_is_installed_and_begins_an_installation(
    archives: Sequence[Path], tmp_path: Path
) -> None:
    """In an environment of its own, with the packages of this one behind it."""
    folder = tmp_path / "venv"
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet"]
    offline = ["--no-deps", "--no-index", "--no-compile", str(archives[0])]
    subprocess.run([*pip, *offline], check=True)
    (site,) = folder.glob("lib/*/site-packages")
    (site / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(tmp_path)}

    def run(*words: str) -> str:
        program = folder / "bin" / words[0]
        done = subprocess.run(
            [program, *words[1:]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = "import moderation, classifiers; print(moderation.__file__)"
    assert run("python", "-c", where).startswith(str(folder))
    assert PROJECT["version"] in run("moderation", "--version")
    made = run("moderation", "init", "--site", "gazette", "--admin", "ada")
    assert "The site gazette is created" in made
    checked = ["--only", "models", "--only", "integrity", "--only", "keys"]
    assert "Everything is in order" in run("moderation", "doctor", *checked)
    ask = (
        "from moderation.server.wsgi import app; client = app.test_client()\n"
        "for path in ('/console/login', '/console/static/shared/tokens.css',\n"
        "             '/api/v1/docs/', '/api/v1/openapi.json'):\n"
        "    print(client.get(path).status_code)"
    )
    assert run("python", "-c", ask).split() == ["200"] * 4


CHANGES = "# Changelog\n\nAll.\n\n## Unreleased\n\n### Added\n\n- A thing.\n"


def tree(folder: Path, changes: str = CHANGES) -> Path:
    """Make a tree that has a version in each place."""
    for name in PLACES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((ROOT / name).read_text())
    (folder / "CHANGELOG.md").write_text(changes)
    return folder


def test_a_release_sets_the_version_and_dates_the_changes(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    cut(folder, "9.0.1", date(2026, 12, 1))
    assert 'version = "9.0.1"' in (folder / "pyproject.toml").read_text()
    assert "image: moderation:9.0.1" in (folder / "deploy/compose.yaml").read_text()
    changes = (folder / "CHANGELOG.md").read_text()
    dated = "## Unreleased\n\n## 9.0.1 - 2026-12-01\n\n### Added\n\n- A thing.\n"
    assert changes.endswith(dated)
    with pytest.raises(ValueError, match="nothing under"):
        cut(folder, "9.0.2", date(2026, 12, 2))


@pytest.mark.parametrize(
    ("version", "complaint"),
    [("1.2", "no version"), ("v1.2.3", "no version"), ("0.0.9", "isn't later")],
)
def test_a_wrong_version_changes_nothing(
    tmp_path: Path, version: str, complaint: str
) -> None:
    folder = tree(tmp_path)
    with pytest.raises(ValueError, match=complaint):
        cut(folder, version, date(2026, 12, 1))
    assert (folder / "CHANGELOG.md").read_text() == CHANGES


def test_the_changelog_can_be_cut() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert changes.count("## Unreleased\n") == 1
    assert changes.partition("## Unreleased\n")[2].lstrip().startswith(("###", "## "))


def test_the_changelog_lists_each_change_once() -> None:
    """A merge of two branches that took the same entry leaves it twice."""
    changes = (ROOT / "CHANGELOG.md").read_text()
    entries = re.split(r"^(?=- |#)", changes, flags=re.MULTILINE)
    twice = [
        entry
        for entry, count in Counter(map(str.strip, entries)).items()
        if count > 1 and entry.startswith("- ")
    ]
    assert twice == []
