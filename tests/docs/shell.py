"""Runs what a page tells its reader to type, one command after the other."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Run on until they are ended: here, some seconds.
SERVERS = ("gunicorn ", "moderation worker")
SERVED_SECONDS = 4
ENDED_BY_TIMEOUT = 124  # what `timeout` exits with
TYPED = "a long enough passphrase\n" * 2  # where a command asks for a password

# Each status is printed, so that a refused call shows, also in a substitution.
CURL = """
curl() {
    command curl --silent --show-error --max-time 30 \\
        --write-out '%{stderr}\\nHTTP %{http_code}\\n' "$@"
}
"""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Something to type, and what the page says that it prints."""

    text: str
    printed: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a command."""

    exit_code: int
    output: str
    complaints: str

    @property
    def statuses(self) -> list[int]:
        """The HTTP statuses of its calls."""
        lines = self.complaints.splitlines()
        return [int(line[5:]) for line in lines if line.startswith("HTTP ")]


def commands(language: str, text: str) -> list[Command]:
    """Return the commands of a block: those behind `$ `, or all lines."""
    found: list[Command] = []
    typed, printed = "", ""
    for line in text.splitlines():
        begins = line.startswith("$ ") if language == "console" else bool(line.strip())
        if begins and not _is_unfinished(typed):
            if typed.strip():
                found.append(Command(text=typed, printed=printed))
            typed, printed = line.removeprefix("$ "), ""
        elif _is_unfinished(typed):
            typed += "\n" + line
        else:
            printed += line + "\n"
    if typed.strip():
        found.append(Command(text=typed, printed=printed.strip("\n")))
    return [each for each in found if not each.text.lstrip().startswith("#")]


def _is_unfinished(typed: str) -> bool:
    """Tell whether bash would wait for a further line."""
    if not typed:
        return False
    if typed.endswith("\\"):
        return True
    read = subprocess.run(
        ["bash", "-n", "-c", typed], capture_output=True, text=True, check=False
    )
    return read.returncode != 0 or "here-document" in read.stderr


def run(
    typed: Sequence[Command], folder: Path, environment: Mapping[str, str]
) -> list[Outcome]:
    """Run commands in one shell, so that one finds the variables of another."""
    script = [CURL]
    for number, command in enumerate(typed):
        text = command.text
        if text.startswith(SERVERS):
            text = f"timeout --signal=INT {SERVED_SECONDS} {text}"
        files = f">out.{number} 2>err.{number} <typed"
        script.append(f"{{ {text}\n}} {files}\necho $? >code.{number}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "typed").write_text(TYPED)
    subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(environment),
        check=True,
        timeout=120,
        start_new_session=True,  # without a terminal, a password is read from a file
    )
    outcomes = []
    for number, command in enumerate(typed):
        code = int((folder / f"code.{number}").read_text())
        if command.text.startswith(SERVERS) and code == ENDED_BY_TIMEOUT:
            code = 0
        outcomes.append(
            Outcome(
                exit_code=code,
                output=(folder / f"out.{number}").read_text(),
                complaints=(folder / f"err.{number}").read_text(),
            )
        )
    return outcomes
