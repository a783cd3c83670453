"""The public suffixes of domain names, loaded once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract


@functools.cache
def public_suffixes() -> TLDExtract:
    """Return the bundled list of public suffixes; nothing is fetched.

    Source: the Public Suffix List (publicsuffix.org), as tldextract brings it.
    """
    from tldextract import TLDExtract  # imports an HTTP client: with the first link

    return TLDExtract(suffix_list_urls=(), cache_dir=None)
