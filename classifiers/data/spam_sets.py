"""Sets of advertising and scams."""

from __future__ import annotations

from classifiers.data.public_set import PublicSet, Row, is_yes


def _scam(row: Row) -> dict[str, bool]:
    return {"spam": is_yes(row["spam"]) or is_yes(row["promo"])}


def _all_spam(row: Row) -> dict[str, bool]:
    return {"spam": True}


SETS = (
    PublicSet(
        name="x_scam",
        labels=_scam,
        may_train=True,
        license="MIT",
        # The others are unclear; one person took many of them for a machine's.
        keep=lambda row: row["spam"] != "" or is_yes(row["promo"]),
    ),
    PublicSet(
        name="telegram_spam_multi", labels=_all_spam, may_train=True, license="MIT"
    ),
    PublicSet(
        name="telegram_jobs_ru",
        labels=_all_spam,
        may_train=False,
        license="none stated",
        language="ru",
    ),
)
