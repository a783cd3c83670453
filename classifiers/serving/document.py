"""A comment as the classifiers see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Document:
    """A comment with its author and article."""

    #: the comment itself
    text: str
    #: name the author gave
    author_name: str | None = None
    #: address the author gave
    author_url: str | None = None
    #: title of the article commented on
    article_title: str | None = None
