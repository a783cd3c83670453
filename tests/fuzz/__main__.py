"""`make fuzz`: send odd input for some time, and print what was tried and found."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

from tests.fuzz import generated, guided, requests
from tests.fuzz.results import FOLDER, Result, print_table
from tests.fuzz.targets import TARGETS, target_named

#: Of the time, for each engine.
SHARES = {"hypothesis": 0.3, "atheris": 0.35, "schemathesis": 0.35}


def main() -> int:
    """Run the engines, or send one saved input again; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of all engines")
    parser.add_argument("--again", type=Path, metavar="FILE", help="a saved input")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    FOLDER.mkdir(exist_ok=True)
    if options.again:
        return _send_again(options.again)
    print(f"seed {options.seed}")
    each = options.seconds * SHARES["hypothesis"] / len(TARGETS)
    results = [generated.run(target, each, options.seed) for target in TARGETS]
    if guided.is_installed():
        results += guided.run(options.seconds * SHARES["atheris"])
    elif os.environ.get("CI"):
        print("atheris is needed in CI", file=sys.stderr)
        return 1
    else:
        print("No atheris: it has wheels for Linux on x86-64 and Python up to 3.13.")
    results += requests.run(options.seconds * SHARES["schemathesis"], options.seed)
    return 1 if print_table(results) or not _has_tried(results) else 0


def _has_tried(results: list[Result]) -> bool:
    """Return whether every engine and target was given some input."""
    idle = [result.target for result in results if result.inputs == 0]
    if idle:
        print(f"No input for {', '.join(idle)}: give it more seconds.")
    return not idle


def _send_again(path: Path) -> int:
    """Send a saved input to its target and let the fault show itself."""
    data, name = path.read_bytes(), path.name.rpartition(".")[0]
    if name not in {target.name for target in TARGETS}:
        print(f"A request of the caller {name}:\n{data.decode(errors='replace')}")
        return 1
    target = target_named(name)
    try:
        target.read(data)
    except target.refusals as error:
        print(f"Refused: {error}")
    else:
        print("Read.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
