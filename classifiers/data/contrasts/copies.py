"""Harmless comments with a link: copied ones sell, those of readers cite."""

from __future__ import annotations

from classifiers.data.contrasts.templates import Kind
from classifiers.data.datasets import HARMS

SPAM = {"spam": True}
FINE = dict.fromkeys(HARMS, False) | {"spam": False}
WEIGHT = 4.0

_WORDS = {
    "comment": (
        "The library should stay open on Saturdays, my kids go there every week.",
        "We had the same debate ten years ago, and nothing has changed since.",
        "I cycle to work, and the new lights at the station are a blessing.",
        "My father worked at the mill for thirty years before it closed.",
        "The budget looks fine on paper, but who pays for the repairs?",
        "Good that somebody finally asked the people who live there.",
        "The second half was much better than the first, well played.",
        "I agree with the mayor on this, and I did not vote for her.",
        "They built the school too small, everybody could see that.",
        "Let us wait for the report before we blame anybody.",
        "I fully agree.",
        "Great point, the buses are always late in winter.",
    ),
    "shop": (
        *("http://bonus-lark-casino.example", "https://www.larkpills.example/order"),
        *("www.fast-lark-loan.example", "https://larkreplica.example/watches"),
        *("https://lark-escorts.example", "http://slots.lark-win.example/?ref=77"),
        *("https://larkbet.example/free-spins", "cheap-lark-tickets.example"),
        *("https://earn-with-lark.example/join", "http://lark-viagra.example"),
    ),
    "source": (
        *("https://www.bbc.co.uk/news/uk-55512345", "https://www.gov.uk/council-tax"),
        *(
            "https://en.wikipedia.org/wiki/Tram",
            "https://www.reuters.com/world/story-1",
        ),
        *(
            "https://www.larkford.example/council/minutes.pdf",
            "https://apnews.com/a-77",
        ),
        *(
            "https://www.youtube.com/watch?v=lark77",
            "https://www.nhs.uk/conditions/flu",
        ),
    ),
    "pitch": (
        *("cheap pills", "best slots", "fast loans", "replica watches", "hot girls"),
        *("free spins", "no prescription", "earn at home", "bonus code"),
    ),
    "name": ("@anna", "@peter77", "@editor", "@mayor", "BBC News", "Wikipedia", "here"),
    "site": ("lark-casino", "larkpills", "larkloan", "lark bet", "larkstream"),
    "dot": ("dot", "(dot)", "[.]", "d0t", " . ", "[dot]"),
    "end": ("com", "xyz", "club", "net", "top", "online", "site"),
}
SELLING = Kind(
    name="copied comments with a link",
    labels=SPAM,
    weight=WEIGHT,
    words=_WORDS,
    templates=(
        "{comment} {shop}",
        "{comment} {comment} {shop}",
        "{shop} {comment}",
        "{comment} {pitch} {shop}",
        "{comment} Visit {shop} for {pitch}",
        "{comment} {comment} {pitch} at {shop}",
        "[{name}]({shop}) {comment}",
        "{comment} [{name}]({shop})",
        "{comment} {comment} [{pitch}]({shop})",
        "{comment} <a href='{shop}'>{pitch}</a>",
        "{comment} {pitch}: {site} {dot} {end}",
        "{pitch} at {site}{dot}{end}",
        "{comment} go to {site} {dot} {end} slash start",
        "{pitch} hxxp://{site}[.]{end}/go",
        "{comment} {site}{dot}{end}",
        "http:// {site} .{end} / join <- remove the spaces",
        "{comment} hxxps://{site}[.]{end}",
        "Search {site} {end} on google for {pitch}",
    ),
)
CITING = Kind(
    name="comments with a source",
    labels=FINE,
    weight=WEIGHT,
    words=_WORDS,
    templates=(
        "{comment} {source}",
        "{comment} {comment} {source}",
        "{source} {comment}",
        "{comment} See {source}",
        "{comment} [{name}]({source})",
        "The figures are here: {source} {comment}",
        "{comment} <a href='{source}'>source</a>",
        "{comment}",
        "{comment} {comment}",
        "{comment} The story is at {source}",
    ),
)
KINDS = (SELLING, CITING)
