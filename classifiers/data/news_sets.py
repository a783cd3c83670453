"""Sets of news comments and harmless texts."""

from __future__ import annotations

from classifiers.data.datasets import HARMS
from classifiers.data.public_set import PublicSet, Row, ham, harm, is_yes

#: Share of raters from which on a label holds, and up to which it does not.
HOLDS, FAILS = 0.5, 0.2
_CIVIL = {
    "toxicity": "toxicity",
    "severe_toxicity": "severe_toxicity",
    "insult": "insult",
    "profanity": "obscene",
    "identity_attack": "identity_attack",
    "threat": "threat",
    "sexually_explicit": "sexual_explicit",
}


def _civil(row: Row) -> dict[str, bool]:
    """Return the labels on which most raters agree; between them, none is known."""
    if not row["toxicity"]:
        return ham(harm(is_yes(row["toxic"])))
    shares = {label: float(row[column]) for label, column in _CIVIL.items()}
    return ham(
        {
            label: share >= HOLDS
            for label, share in shares.items()
            if share >= HOLDS or share <= FAILS
        }
    )


def _harmless(row: Row) -> dict[str, bool]:
    return ham(harm(False))


def _toxic(row: Row) -> dict[str, bool]:
    return ham(harm(is_yes(row["toxic"])))


def _kmhas(row: Row) -> dict[str, bool]:
    toxic, profane = is_yes(row["toxic"]), is_yes(row["profanity"])
    return ham({"toxicity": toxic, "profanity": profane})


def _unsafe(row: Row) -> dict[str, bool]:
    return {"toxicity": is_yes(row["unsafe"])}


def _incivility(row: Row) -> dict[str, bool]:
    labels = {"toxicity": is_yes(row["uncivil"])}
    if row["intolerant"]:
        labels["identity_attack"] = is_yes(row["intolerant"])
    return ham(labels)


def _abuse(row: Row) -> dict[str, bool]:
    abusive = is_yes(row["abusive"])
    if not abusive:
        return dict.fromkeys(HARMS, False) | {"spam": False}
    return {"toxicity": True, "spam": False}


SETS = (
    PublicSet(name="civil_comments", labels=_civil, may_train=True, license="CC0"),
    PublicSet(
        name="polis_opinions",
        labels=_harmless,
        may_train=True,
        license="CC BY 4.0",
        keep=lambda row: row["lang"] == "en",
    ),
    PublicSet(
        name="polis_opinions_de",
        file="polis_opinions",
        labels=_harmless,
        may_train=True,
        license="CC BY 4.0",
        language="de",
        keep=lambda row: row["lang"] == "de",
    ),
    PublicSet(
        name="korean_kmhas_news",
        labels=_kmhas,
        may_train=True,
        license="CC BY-SA 4.0",
        language="ko",
    ),
    PublicSet(
        name="wiki_context",
        labels=_harmless,
        may_train=True,
        license="Apache-2.0, text CC BY-SA",
        keep=lambda row: not is_yes(row["toxic"]),
    ),
    PublicSet(name="convabuse", labels=_abuse, may_train=True, license="CC BY 4.0"),
    PublicSet(
        name="xstest_double_meanings",
        labels=_unsafe,
        may_train=False,
        license="CC BY 4.0",
    ),
    PublicSet(
        name="c3_news_measure",
        labels=_toxic,
        may_train=False,
        license="none",
        group="article",
        keep=lambda row: is_yes(row["clear"]) or is_yes(row["toxic"]),
    ),
    PublicSet(
        name="german_germeval2021",
        labels=_toxic,
        may_train=False,
        license="academic use",
        language="de",
    ),
    PublicSet(
        name="vietnamese_victsd_news",
        labels=_toxic,
        may_train=False,
        license="none stated",
        language="vi",
        about=(None, None, "title"),
    ),
    PublicSet(
        name="political_incivility",
        labels=_incivility,
        may_train=False,
        license="none stated",
    ),
)
