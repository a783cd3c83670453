"""Sets about hatred of groups and toxicity in many languages.

Where a set tells hatred of groups alone, its other texts are not harmless: an insult
without a group is among them. Such a set tells `identity_attack`, and no other label.
"""

from __future__ import annotations

from classifiers.data.public_set import PublicSet, Row, harm, is_yes


def _hate(row: Row) -> dict[str, bool]:
    return {"identity_attack": is_yes(row["hate"])}


def _offensive_to_groups(row: Row) -> dict[str, bool]:
    return {"identity_attack": is_yes(row["offensive"])}


def _sexist(row: Row) -> dict[str, bool]:
    return {"identity_attack": is_yes(row["sexist"])}


def _edos(row: Row) -> dict[str, bool]:
    return _sexist(row) | {"threat": is_yes(row["threat"])}


def _hatemoji(row: Row) -> dict[str, bool]:
    if is_yes(row["hate"]):
        threat = {"threat": True} if is_yes(row["threat"]) else {}
        return {"identity_attack": True, "toxicity": True, **threat}
    return {"identity_attack": False, "threat": False}


def _offensive(row: Row) -> dict[str, bool]:
    return {"toxicity": is_yes(row["offensive"])}


def _toxic(row: Row) -> dict[str, bool]:
    return {"toxicity": is_yes(row["toxic"])}


def _harmless_or_toxic(row: Row) -> dict[str, bool]:
    return harm(is_yes(row["toxic"]))


def _japanese(row: Row) -> dict[str, bool]:
    return _toxic(row) | {"profanity": is_yes(row["profanity"])}


def _mlma(row: Row) -> dict[str, bool]:
    return _toxic(row) | {"identity_attack": is_yes(row["hateful"])}


def _indonesian(row: Row) -> dict[str, bool]:
    return _toxic(row) | {"identity_attack": is_yes(row["hate"])}


SETS = (
    PublicSet(
        name="hatemoji_build",
        labels=_hatemoji,
        may_train=True,
        license="CC BY 4.0",
        is_adversarial=True,
    ),
    PublicSet(
        name="social_bias_frames",
        labels=_offensive,
        may_train=True,
        license="CC BY 4.0",
        is_adversarial=True,
    ),
    PublicSet(
        name="german_gahd",
        labels=_hate,
        may_train=True,
        license="CC BY 4.0",
        is_adversarial=True,
        language="de",
    ),
    PublicSet(
        name="spanish_politics_gold",
        labels=_harmless_or_toxic,
        may_train=True,
        license="CC BY 4.0",
        language="es",
    ),
    PublicSet(
        name="polish_poleval",
        labels=_hate,
        may_train=True,
        license="BSD-3-Clause",
        language="pl",
    ),
    PublicSet(
        name="chinese_cold",
        labels=_offensive_to_groups,
        may_train=True,
        license="Apache-2.0",
        language="zh",
    ),
    PublicSet(
        name="chinese_cold_test",
        labels=_offensive_to_groups,
        may_train=False,
        license="Apache-2.0",
        language="zh",
    ),
    PublicSet(
        name="japanese_toxic",
        labels=_japanese,
        may_train=True,
        license="Apache-2.0",
        language="ja",
    ),
    PublicSet(
        name="french_mlma",
        labels=_mlma,
        may_train=True,
        license="MIT",
        language="fr",
    ),
    PublicSet(
        name="arabic_mlma",
        labels=_mlma,
        may_train=True,
        license="MIT",
        language="ar",
    ),
    PublicSet(
        name="german_germs_news",
        labels=_sexist,
        may_train=False,
        license="CC BY-NC-SA",
        language="de",
    ),
    PublicSet(
        name="italian_haspeede",
        labels=_hate,
        may_train=False,
        license="non-commercial",
        language="it",
    ),
    PublicSet(
        name="spanish_haternet",
        labels=_hate,
        may_train=False,
        license="unclear",
        language="es",
    ),
    PublicSet(name="edos_sexism", labels=_edos, may_train=False, license="none stated"),
    PublicSet(
        name="russian_detox",
        labels=_toxic,
        may_train=False,
        license="none stated",
        language="ru",
        group="pair",
    ),
    PublicSet(
        name="turkish_offenseval",
        labels=_offensive,
        may_train=False,
        license="unclear",
        language="tr",
    ),
    PublicSet(
        name="arabic_lhsab",
        labels=_toxic,
        may_train=False,
        license="none stated",
        language="ar",
    ),
    PublicSet(
        name="indonesian_multilabel",
        labels=_indonesian,
        may_train=False,
        license="CC BY-NC-SA",
        language="id",
    ),
)
