"""Waves and a petition, as they come: what brakes must stop, and what not."""

from __future__ import annotations

import random
from typing import Any

from tests.builders import comment

SENDERS = 200
GREETINGS = ("Hello", "Hi", "Hey")
VERBS = ("made", "earned", "won")
WEEKS = ("week", "month", "year")
SIGNATURES = 25
#: Two texts that are no near-duplicates, and one that is near to either.
UNLIKE = (
    "Buy cheap blue pills here in our shop http://p.example/1",
    "Buy fine red tablets online in our shop http://p.example/1",
)
BETWEEN = "Buy cheap blue tablets online in our shop http://p.example/1"


def _sent(number: int, body: str) -> dict[str, Any]:
    """Return a comment of a sender of its own, on one of some articles."""
    return comment(
        author_name=f"Sender {number}",
        author_email=f"sender{number}@mail.example",
        ip=f"198.{18 + number // 100}.{number}.7",
        article=f"https://gazette.example/{number % 5}",
        body=body,
    )


def robot_wave(count: int = SENDERS) -> list[dict[str, Any]]:
    """Return adverts with three changing words, numbers, and three domains."""
    draw = random.Random(7)
    return [
        _sent(
            number,
            f"{draw.choice(GREETINGS)}, I {draw.choice(VERBS)} {draw.randint(2, 9)}000 "
            f"with the bitcoin robot last {draw.choice(WEEKS)}, register at "
            f"http://btc-robot{number % 3}.example/r?id={number}",
        )
        for number in range(count)
    ]


def pills_wave(count: int = SENDERS) -> list[dict[str, Any]]:
    """Return short adverts whose link is another one each time."""
    return [
        _sent(
            number,
            "CHEAP VIAGRA CIALIS without prescription no doctor >> "
            f"http://rx-pharm{number % 7}.example/{number}",
        )
        for number in range(count)
    ]


def petition(count: int = SIGNATURES) -> list[dict[str, Any]]:
    """Return what honest readers sign, with a word of their own each."""
    return [
        _sent(
            number,
            "I ask the council to keep the library on Mill Lane open on Saturdays, as "
            f"it is the only one our children can walk to. Name {number} of the "
            f"{'north' if number % 2 else 'south'} side.",
        )
        for number in range(count)
    ]
