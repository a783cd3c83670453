"""Errors of a classifier.

ClassifierError
├── BadArtifact
├── UnknownLabel
└── BadExample
"""

from __future__ import annotations


class ClassifierError(Exception):
    """The classifier could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class BadArtifact(ClassifierError):
    """The file is no scorer that this version can serve."""


class UnknownLabel(ClassifierError):
    """The scorer has no such label."""


class BadExample(ClassifierError):
    """The example cannot be used for training or measuring."""
