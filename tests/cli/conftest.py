"""Where commands find the database of a test, and what some of them read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.renamed_model import renamed_file


@pytest.fixture
def commands_find_the_database(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Type commands in an empty folder, with the settings of the service under test."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """A model in a file, that no registry has."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(renamed_file("visitor"))
    return path
