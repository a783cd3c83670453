"""Comments are scored by both scorers where the setting says so."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from classifiers.pretrained import default_encoder, default_model
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from moderation.models import serving
from moderation.models.serving import Scoring

GERMAN = Document(text="Du bist so ein dummer Idiot, halt einfach den Mund!")


def test_both_score_by_default() -> None:
    scorer = Scoring(reads=Reads.ALWAYS).default
    assert isinstance(scorer, CombinedScorer)
    assert scorer.version.endswith(f".{default_encoder.load().version}")


def test_without_it_the_fast_scorer_is_alone() -> None:
    assert Scoring(reads=Reads.NEVER).default is default_model.load()


@pytest.mark.parametrize("name", ["layers.onnx", "words.npz"])
def test_a_truncated_file_leaves_the_fast_scorer_and_heals(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(default_encoder.PATH, tmp_path / "encoder")
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:1000])
    scoring = Scoring(reads=Reads.ALWAYS, encoder_path=folder)
    assert "SHA-256" in (scoring.encoder_fault or "")
    alone = scoring.find_default()
    assert alone is default_model.load()
    (scored,) = scoring.score(alone, [GERMAN])
    assert scored is not None
    assert scored.model_version == default_model.load().version
    (folder / name).write_bytes(whole)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + serving.RETRY_SECONDS + 1)
    assert isinstance(scoring.find_default(), CombinedScorer)
    assert scoring.encoder_fault is None


def test_a_model_for_another_encoder_goes_on_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(default_encoder.load(), "version", "00000000")
    scoring = Scoring(reads=Reads.ALWAYS)
    assert scoring.default is default_model.load()
    assert "is for another encoder" in caplog.text
