"""The command that replays past comments."""

from __future__ import annotations

import pytest

from tests.builders import ALL_HELD, Newsroom
from tests.cli.typed import run

pytestmark = pytest.mark.usefixtures("commands_find_the_database")


def test_what_if_shows_both_side_by_side(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    result = run("what-if", "--cut", "toxicity=1")
    assert result.exit_code == 0, result.output
    lines = {line[:22].strip(): line.split() for line in result.output.splitlines()}
    assert lines["current"][1:4] == ["1", "0", "1"]  # comments, approved, held
    assert lines["asked for"][2:5] == ["1", "1", "0"]


@pytest.mark.parametrize("cut", ["flirtation=1", "spam", "spam=x", "spam=0.9,0.1"])
def test_a_bad_cut_is_refused(newsroom: Newsroom, cut: str) -> None:
    assert run("what-if", "--cut", cut).exit_code == 2
