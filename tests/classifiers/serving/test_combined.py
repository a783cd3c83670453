"""Both scorers' sum decides; without the encoder, the fast one goes on alone."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from classifiers.errors import BadArtifact, UnknownLabel
from classifiers.pretrained import default_encoder, default_model
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.head import Tongue
from classifiers.text.languages import is_supported, weak_labels

TEXTS = (
    "you are a stupid idiot",
    "The ferry was never cheap either.",
    "Du bist so ein dummer Idiot, halt einfach den Mund!",
    "ты тупой идиот, заткнись уже наконец",
    "I can't go on any more. Tonight I will kill myself.",
)
DOCUMENTS = [Document(text=text) for text in TEXTS]


def made(reads: Reads = Reads.ALWAYS) -> CombinedScorer:
    return CombinedScorer(default_model.load(), default_encoder.load(), reads)


@pytest.fixture(scope="module")
def both() -> CombinedScorer:
    return made()


def test_the_version_names_both(both: CombinedScorer, shipped: FastScorer) -> None:
    assert both.version == f"{shipped.version}.{default_encoder.load().version}"


def test_scores_are_the_same_alone_and_in_a_batch(both: CombinedScorer) -> None:
    together = both.score_many(DOCUMENTS)
    for document, scores in zip(DOCUMENTS, together, strict=True):
        assert both.score(document) == pytest.approx(scores, abs=2e-6)
    assert all(set(scores) == set(both.labels) for scores in together)
    assert all(0 <= score <= 1 for scores in together for score in scores.values())


def test_log_odds_are_the_heads_sum(both: CombinedScorer, shipped: FastScorer) -> None:
    column = both.labels.index("toxicity")
    fast = shipped.text_log_odds(DOCUMENTS)[0, column]
    vector = both.vectors(DOCUMENTS)[0].astype(np.float32)
    head = both.head
    deep = vector @ head.rows[:, column] + head.bias[column]
    expected = (
        head.share[Tongue.HOME, column] * fast
        + head.gain[Tongue.HOME, column] * deep
        + head.intercept[Tongue.HOME, column]
    )
    assert both.log_odds(DOCUMENTS)[0, column] == pytest.approx(expected, abs=1e-4)


def test_languages_have_sums_of_their_own(both: CombinedScorer) -> None:
    tongues = both.tongues(TEXTS[1:4]).tolist()
    assert tongues == [Tongue.HOME, Tongue.FAMILIAR, Tongue.FOREIGN]
    assert not both.head.share[Tongue.FOREIGN, both.labels.index("toxicity")]


def test_another_language_is_read(both: CombinedScorer, shipped: FastScorer) -> None:
    kind = Document(text="спасибо за хорошую статью, очень интересно")
    rude = DOCUMENTS[3]
    assert both.score(rude)["toxicity"] > both.score(kind)["toxicity"] + 0.2


def test_a_person_in_danger_is_found(both: CombinedScorer, shipped: FastScorer) -> None:
    assert "self_harm" not in shipped.labels
    danger, harmless = (both.score(DOCUMENTS[place])["self_harm"] for place in (4, 1))
    assert danger > 0.5 > harmless


def test_never_reading_gives_the_fast_scores(shipped: FastScorer) -> None:
    assert made(Reads.NEVER).score_many(DOCUMENTS) == shipped.score_many(DOCUMENTS)


def test_only_what_is_uncertain_is_read(both: CombinedScorer) -> None:
    uncertain = made(Reads.UNCERTAIN)
    plain = Document(text="Thank you for the article, the photographs are lovely.")
    assert "self_harm" not in uncertain.score(plain)
    for document in (DOCUMENTS[0], DOCUMENTS[2]):
        assert uncertain.score(document) == both.score(document)


def test_a_name_does_harm_as_before(both: CombinedScorer) -> None:
    named = Document(text="Lovely pictures.", author_name="Stupid Idiot")
    plain = Document(text="Lovely pictures.")
    assert both.score(named)["insult"] > both.score(plain)["insult"]


def test_the_fast_scorers_words_explain_what_it_finds_too(
    both: CombinedScorer, shipped: FastScorer
) -> None:
    document = DOCUMENTS[0]
    assert not both.is_left_out(document, "toxicity")
    assert both.explain(document, "toxicity") == shipped.explain(document, "toxicity")


def test_else_words_are_left_out(both: CombinedScorer) -> None:
    document = DOCUMENTS[4]
    assert both.is_left_out(document, "self_harm")
    spans = both.explain(document, "self_harm")
    marked = " ".join(document.text[span.start : span.end] for span in spans)
    assert marked == "kill myself"
    assert sum(span.share for span in spans) == pytest.approx(1, abs=0.35)
    assert [s.start for s in spans] == sorted(s.start for s in spans)


def test_nothing_is_marked_in_an_empty_text(both: CombinedScorer) -> None:
    assert both.explain(Document(text=""), "self_harm") == []


def test_an_unknown_label_is_refused(both: CombinedScorer) -> None:
    with pytest.raises(UnknownLabel):
        both.explain(DOCUMENTS[0], "beauty")


def test_a_head_for_another_encoder_is_refused(shipped: FastScorer) -> None:
    other = copy.copy(default_encoder.load())
    other.version = "00000000"
    with pytest.raises(BadArtifact, match="another encoder"):
        CombinedScorer(shipped, other, Reads.ALWAYS)


def test_a_scorer_without_a_head_is_refused(small: FastScorer) -> None:
    with pytest.raises(BadArtifact):
        CombinedScorer(small, default_encoder.load(), Reads.ALWAYS)


def test_a_site_lets_it_decide_in_languages_it_has_learned_some_of(
    both: CombinedScorer, shipped: FastScorer
) -> None:
    german = "Der neue Fahrplan der Fähre ist endlich da, vielen Dank an alle!"
    russian = "спасибо за хорошую статью, очень интересно"
    short = "Danke sehr!"
    assert not is_supported(german, both.languages, both.home)
    assert not is_supported(short, both.languages, both.home)
    allowed = both.deciding_in(frozenset({"de", "ru"}))
    assert allowed.languages == {"en", "de"}  # it knows too little Russian
    assert is_supported(german, allowed.languages, allowed.home)
    assert is_supported(short, allowed.languages, allowed.home)
    assert not is_supported(russian, allowed.languages, allowed.home)
    assert allowed.version == both.version
    assert allowed.score(DOCUMENTS[2]) == both.score(DOCUMENTS[2])
    assert both.languages == {"en"}
    assert shipped.deciding_in(frozenset({"de"})) is shipped


def test_letters_of_another_script_leave_short_texts_as_they_are(
    both: CombinedScorer,
) -> None:
    allowed = both.deciding_in(frozenset({"ko"}))
    assert is_supported("이 기사는 정말 좋습니다", allowed.languages, allowed.home)
    assert not is_supported("Danke sehr!", allowed.languages, allowed.home)


def test_no_label_is_weak_in_a_language_that_a_site_adds(both: CombinedScorer) -> None:
    weak = copy.copy(both)
    weak.weak = {"en": frozenset({"threat"})}
    allowed = weak.deciding_in(frozenset({"de"}))
    german = "Der neue Fahrplan der Fähre ist endlich da, vielen Dank an alle!"
    assert weak_labels(german, weak.weak) == {"threat"}
    assert not weak_labels(german, allowed.weak)
