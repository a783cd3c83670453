"""Builds the wheel and the source archive of a release, byte for byte the same again.

    python deploy/build_dist.py [FOLDER]

Works offline, with the setuptools of the lock file. The files are those of the commit,
or, outside of a checkout, those that are there. Times are those of the commit
(`SOURCE_DATE_EPOCH`: https://reproducible-builds.org/specs/source-date-epoch/).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIRST_EPOCH = 315_532_800  # 1980: a zip file knows no earlier time
MODE = 0o644
#: Each in a process of its own: setuptools keeps state.
BUILD = "from setuptools import build_meta; build_meta.build_{}({!r})"
KINDS = ("sdist", "wheel")
#: Of a tree that isn't a checkout.
LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", ".*_cache", "__pycache__", "node_modules", "instance"),
    *("build", "dist", "*.egg-info", "settings", "secrets", ".env"),
)


def build(source: Path, target: Path, epoch: int) -> list[Path]:
    """Build both archives of a tree; return their paths.

    Parameters
    ----------
    source
        The tree; nothing is written into it.
    target
        Folder of the archives; it is made.
    epoch
        Time of everything in them, in seconds since 1970.
    """
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        tree, built = Path(name, "tree"), Path(name, "built")
        built.mkdir()
        copy_tree(source, tree)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
        environment.pop("PYTHONPATH", None)
        for kind in KINDS:
            done = subprocess.run(  # noqa: S603 - our own arguments, without a shell
                [sys.executable, "-c", BUILD.format(kind, str(built))],
                cwd=tree,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise SystemExit(f"The {kind} failed:\n{done.stderr[-4000:]}")
        paths = []
        for path in sorted(built.iterdir()):
            repack = repack_wheel if path.suffix == ".whl" else repack_archive
            paths.append(repack(path, target / path.name, epoch))
    return paths


def copy_tree(source: Path, target: Path) -> None:
    """Copy the files of the commit's tree, as they are now."""
    if not (source / ".git").exists():
        shutil.copytree(source, target, ignore=LEFT_OUT)
        return
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - wherever git is
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (source / name).is_file():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, path)


def repack_wheel(source: Path, target: Path, epoch: int) -> Path:
    """Write a wheel again with one time, one mode, and files in order."""
    moment = datetime.fromtimestamp(max(epoch, FIRST_EPOCH), UTC)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist()):
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.external_attr = (0o100000 | MODE) << 16
            entry.create_system = 3  # Unix
            new.writestr(entry, old.read(name), zipfile.ZIP_DEFLATED, 9)
    return target


def repack_archive(source: Path, target: Path, epoch: int) -> Path:
    """Write a source archive again with one time, one owner, and files in order."""
    packed = io.BytesIO()
    with tarfile.open(source) as old, tarfile.open(fileobj=packed, mode="w") as new:
        for member in sorted(old.getmembers(), key=lambda one: one.name):
            if not member.isfile():
                continue
            entry = tarfile.TarInfo(member.name)
            entry.size, entry.mtime, entry.mode = member.size, epoch, MODE
            new.addfile(entry, old.extractfile(member))
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=epoch) as packer,
    ):
        packer.write(packed.getvalue())
    return target


def epoch_of(source: Path) -> int:
    """Return `SOURCE_DATE_EPOCH`, or the commit's time, or that of the changelog."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    if (source / ".git").exists():
        shown = subprocess.run(
            ["git", "log", "-1", "--format=%ct"],  # noqa: S607 - wherever git is
            cwd=source,
            capture_output=True,
            text=True,
            check=True,
        )
        return int(shown.stdout)
    return int((source / "CHANGELOG.md").stat().st_mtime)


def main() -> None:
    """Build into `dist/`, or the folder that is named; print the hashes."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist")
    for path in build(ROOT, target, epoch_of(ROOT)):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}")


if __name__ == "__main__":
    main()
