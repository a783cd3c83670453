"""Dependencies in pyproject.toml: what is imported is declared, and nothing else."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = {"classifiers", "moderation", "tests", "benchmarks", "deploy", "docs"}

#: Declared, but never imported, with the reason.
NOT_IMPORTED = {
    "atheris": "has wheels for few platforms; see tests/fuzz/guided.py",
    "azure-cognitiveservices-vision-contentmoderator": "imported by name, as it has no "
    "types; see tests/protocols/test_real_clients.py",
    "cyclonedx-bom": "a command",
    "import-linter": "a command",
    "mypy": "a command",
    "pytest-cov": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "a command",
    "scipy-stubs": "types",
    "types-requests": "types",
    "tzdata": "read by zoneinfo where the system has no time zones",
}

#: Imported where the reader has installed them: benchmarks tell how.
OPTIONAL = {"atheris", "onnx", "profanity_check", "tokenizers", "torch", "transformers"}


def named(requirements: Iterable[str]) -> set[str]:
    """Return the normalized names in a list of requirements."""
    names = (re.match(r"[\w.-]+", each) for each in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


def imported(*folders: str) -> set[str]:
    """Return the packages of others that the code in some folders imports."""
    names: set[str] = set()
    for path in (each for folder in folders for each in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    packages = {name.partition(".")[0] for name in names}
    return packages - OURS - OPTIONAL - set(sys.stdlib_module_names)


def undeclared(packages: set[str], declared: set[str]) -> list[str]:
    """Return the packages that no declared distribution brings."""
    brought = packages_distributions()
    return [
        package
        for package in sorted(packages)
        if not named(brought.get(package, [])) & declared
    ]


def test_what_the_service_imports_is_declared() -> None:
    packages = imported("classifiers", "moderation")
    # Imported where a setting asks for it, with an error that names the extra.
    extras = PROJECT["optional-dependencies"]
    chosen = itertools.chain(*(extras[name] for name in ("oidc", "otel", "scale")))
    declared = named([*PROJECT["dependencies"], *chosen])
    assert undeclared(packages, declared) == []


def test_what_the_tests_import_is_declared() -> None:
    extras = PROJECT["optional-dependencies"]
    declared = named([*PROJECT["dependencies"], *itertools.chain(*extras.values())])
    assert undeclared(imported("tests", "benchmarks"), declared) == []


def test_what_is_declared_is_imported() -> None:
    declared = named(PROJECT["dependencies"])
    declared |= named(PROJECT["optional-dependencies"]["dev"])
    brought = packages_distributions()
    used = {
        name
        for package in imported("classifiers", "moderation", "tests", "benchmarks")
        for name in named(brought.get(package, []))
    }
    assert declared - used == set(NOT_IMPORTED)


def test_the_locks_name_no_index() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert not re.search(
            r"index-url|find-links|https?://", (ROOT / lock).read_text()
        )


def test_the_list_of_packages_names_each_pinned_one_and_is_always_the_same() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", "")
    recipe = re.search(r"cyclonedx-py (requirements .*) -o sbom\.json", makefile)
    assert recipe
    command = [sys.executable, "-m", "cyclonedx_py", *shlex.split(recipe[1])]
    first, second = (
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        for _ in range(2)
    )
    assert first == second
    listed = {(one["name"], one["version"]) for one in json.loads(first)["components"]}
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE)
    assert listed == set(pinned)
    assert len(listed) > 50
