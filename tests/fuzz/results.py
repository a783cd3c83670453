"""What an engine found: counts for the table, and inputs that can be sent again."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: Git ignores it.
FOLDER = Path(__file__).parents[2] / ".fuzz"


@dataclass(kw_only=True)
class Result:
    """One row of the table."""

    engine: str
    target: str
    inputs: int = 0
    seconds: float = 0.0
    #: what went wrong, to the file that holds the first such input
    faults: dict[str, Path] = field(default_factory=dict)

    def add_fault(self, what: str, data: bytes) -> None:
        """Keep the first input of a fault in a file."""
        if what in self.faults:
            return
        FOLDER.mkdir(exist_ok=True)
        name = hashlib.sha256(f"{self.target} {what}".encode()).hexdigest()[:12]
        path = FOLDER / f"{self.target.replace(' ', '-')}.{name}"
        path.write_bytes(data)
        self.faults[what] = path


def print_table(results: Sequence[Result]) -> int:
    """Print the results; return the number of faults."""
    print(f"{'engine':<13} {'target':<30} {'inputs tried':>12} {'faults':>7} {'s':>6}")
    for result in results:
        print(
            f"{result.engine:<13} {result.target:<30} {result.inputs:>12,} "
            f"{len(result.faults):>7} {result.seconds:>6.1f}"
        )
    faults = [(r, what, path) for r in results for what, path in r.faults.items()]
    inputs = sum(result.inputs for result in results)
    print(f"{inputs:,} inputs tried, {len(faults)} faults found")
    for result, what, path in faults:
        print(
            f"\n{result.target}: {what}\n  again: {sys.executable} -m tests.fuzz "
            f"--again {path}"
        )
    return len(faults)
