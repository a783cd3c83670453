"""Sends what atheris makes of the seeds, led by the lines that an input reaches.

Run as a process of its own, as it instruments all modules that it imports and ends the
process: `python -m tests.fuzz.guided RESULT SECONDS`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.results import FOLDER, Result

MAX_INPUT_BYTES = 4096
#: Longer over one input: a fault.
MAX_INPUT_SECONDS = 20
STARTING_SECONDS = 300  # to import and instrument, on a busy machine


def is_installed() -> bool:
    """Return whether atheris is there: it has wheels for Linux on x86-64 alone."""
    import importlib.util

    return importlib.util.find_spec("atheris") is not None


def run(seconds: float) -> list[Result]:
    """Run the process; return the result of each target."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "guided.json"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.guided", str(path), str(seconds)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=seconds + STARTING_SECONDS,
        check=False,
    )
    if not path.exists():
        # libFuzzer ended it: too slow, out of memory, or a crash in native code.
        result = Result(engine="atheris", target="process")
        result.add_fault(f"exit status {done.returncode}", done.stderr[-4000:].encode())
        print(done.stderr[-2000:], file=sys.stderr)
        return [result]
    results = [Result(**fields) for fields in json.loads(path.read_text())]
    for result in results:
        result.faults = {what: Path(file) for what, file in result.faults.items()}
    return results


def _main() -> None:
    import atheris

    with atheris.instrument_imports(include=["classifiers", "moderation"]):
        from tests.fuzz.targets import TARGETS
    path, seconds = Path(sys.argv[1]), float(sys.argv[2])
    results = [Result(engine="atheris", target=target.name) for target in TARGETS]
    corpus = FOLDER / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, target in enumerate(TARGETS):
        for place, data in enumerate(target.seeds):
            (corpus / f"seed-{number}-{place}").write_bytes(bytes([number]) + data)
    until = time.monotonic() + seconds

    def test_one(data: bytes) -> None:
        """Send one input: its first byte says to which target."""
        if time.monotonic() > until:
            _end(path, results)
        number = (data[0] if data else 0) % len(TARGETS)
        started = time.monotonic()
        fault = TARGETS[number].fault_of(data[1:])
        results[number].inputs += 1
        results[number].seconds += time.monotonic() - started
        if fault is not None:
            results[number].add_fault(fault, data[1:])

    arguments = [
        sys.argv[0],
        str(corpus),
        f"-max_len={MAX_INPUT_BYTES}",
        f"-timeout={MAX_INPUT_SECONDS}",
        "-rss_limit_mb=4096",
        f"-artifact_prefix={FOLDER}/",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, test_one)
    atheris.Fuzz()


def _end(path: Path, results: list[Result]) -> None:
    """Write the results and end the process: libFuzzer would not come back."""
    fields = [
        {**vars(result), "faults": {k: str(v) for k, v in result.faults.items()}}
        for result in results
    ]
    path.write_text(json.dumps(fields))
    os._exit(0)


if __name__ == "__main__":
    _main()
