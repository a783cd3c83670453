"""Compile what builds the address of a route when it is first asked for.

Most tests make an app of their own, and werkzeug spends two thirds of that on functions
that build addresses, of which a test uses a few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder


def compile_at_first_use() -> None:
    """Let werkzeug's rules wait; call it before an app is made."""
    Rule._compile_builder = _waiting  # type: ignore[assignment, method-assign]


def _waiting(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    def build(bound: Rule, *args: Any, **kwargs: Any) -> Any:
        built = _compile(bound, append_unknown).__get__(bound, None)
        if append_unknown:
            bound._build_unknown = built
        else:
            bound._build = built
        return built(*args, **kwargs)

    return build
