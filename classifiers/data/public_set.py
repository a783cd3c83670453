"""A public data set: its reader, and its permitted use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from classifiers.data.datasets import HARMS

Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class PublicSet:
    """The reader of one public data set, and its permitted use."""

    #: file name without its ending, and the source of its examples
    name: str
    #: row → label → whether it holds
    labels: Callable[[Row], dict[str, bool]]
    #: whether its rows may shape weights
    may_train: bool
    #: license as its publisher states it
    license: str
    #: file name without its ending, if it is another one
    file: str | None = None
    #: column of the text
    text: str = "text"
    #: language of the texts, ISO 639-1
    language: str = "en"
    #: whether it was made so that words by themselves tell nothing: its figures say
    #: little about a language
    is_adversarial: bool = False
    #: column of the group that is never split, if there is one
    group: str | None = None
    #: columns of author name, author URL and article title, where they exist
    about: tuple[str | None, str | None, str | None] = field(default=(None,) * 3)
    #: whether a row is good enough to be used
    keep: Callable[[Row], bool] = lambda row: True

    def path(self, folder: Path) -> Path:
        """Return where the set lies in a folder."""
        return folder / f"{self.file or self.name}.csv.gz"


def is_yes(value: str) -> bool:
    return value.strip().lower() in {"1", "1.0", "true"}


def harm(toxic: bool, **labels: bool) -> dict[str, bool]:
    """Return labels of a text judged as a whole: harmless means none of the harms."""
    if toxic:
        return {"toxicity": True, **labels}
    return {**dict.fromkeys(HARMS, False), **labels}


def ham(labels: dict[str, bool]) -> dict[str, bool]:
    return {**labels, "spam": False}
