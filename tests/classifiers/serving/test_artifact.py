"""A file is served whole and unharmed, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from classifiers.errors import BadArtifact
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer


@pytest.fixture(scope="module")
def data(small: FastScorer) -> bytes:
    return artifact.dumps(small)


def changed(data: bytes, arrays: dict[str, Any], **manifest: Any) -> bytes:
    """Write a file again with other arrays or another manifest."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    whole = {**json.loads(header["__metadata__"]["manifest"]), **manifest}
    kept = {**load_tensors(data), **arrays}
    return save_tensors(kept, metadata={"manifest": json.dumps(whole)})


def test_scores_survive_saving(small: FastScorer, data: bytes, tmp_path: Path) -> None:
    artifact.save(small, tmp_path / "one.safetensors")
    again = artifact.load(tmp_path / "one.safetensors")
    document = Document(text="you are an idiot")
    assert again.score(document) == small.score(document)
    assert again.version == small.version
    assert artifact.dumps(again) == data


def test_version_names_the_weights(small: FastScorer) -> None:
    assert small.version == f"plain-{small.manifest['sha256'][:8]}"


@pytest.mark.parametrize("kept", [0, 4, 8, 100, 10_000, -1])
def test_truncated_file_is_refused(data: bytes, kept: int) -> None:
    with pytest.raises(BadArtifact):
        artifact.loads(data[:kept])


@pytest.mark.parametrize(
    "data",
    [
        b"no scorer at all",
        (2**63).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
        (6).to_bytes(8, "little") + b"[" * 6,
        (400_000).to_bytes(8, "little") + b"[" * 400_000,
        b"\x80\x04\x95" + b"\x00" * 64,
    ],
    ids=["text", "huge header", "empty header", "broken", "deep", "pickle"],
)
def test_hostile_header_is_refused(data: bytes) -> None:
    with pytest.raises(BadArtifact):
        artifact.loads(data)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"format": 99}, "format 99"),
        ({"features": 99}, "feature version 99"),
        ({"labels": ["toxicity", "beauty"]}, "beauty"),
        ({"labels": ["toxicity", "toxicity"]}, "distinct"),
        ({"labels": []}, "labels"),
        ({"labels": "toxicity"}, "labels"),
        ({"languages": [1]}, "languages"),
        ({"sha256": "0" * 64}, "SHA-256"),
        ({"sha256": None}, "sha256"),
        ({"thresholds": 3}, "thresholds"),
    ],
)
def test_manifest_that_cannot_be_served_is_refused(
    data: bytes, manifest: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadArtifact, match=message):
        artifact.loads(changed(data, {}, **manifest))


def test_flipped_weight_is_refused(data: bytes) -> None:
    rows = load_tensors(data)["rows"].copy()
    rows[5, 0] += 1
    with pytest.raises(BadArtifact, match="SHA-256"):
        artifact.loads(changed(data, {"rows": rows}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slope", np.array([np.nan, 1.0])),
        ("slope", np.array([np.inf, 1.0])),
        ("slope", np.ones(3)),
        ("slope", np.ones(2, np.float32)),
        ("known", np.zeros(3, np.uint8)),
        ("extra", np.zeros(3, np.uint8)),
        ("frozen_rows", np.full(3, 2**31, np.uint32)),
        ("frozen_labels", np.full((1, 2), 7, np.int8)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(data: bytes, name: str, value: Any) -> None:
    with pytest.raises(BadArtifact):
        artifact.loads(changed(data, {name: value}))


def test_oversized_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(artifact.MAX_BYTES + 1)
    with pytest.raises(BadArtifact, match="20 MB"):
        artifact.load(path)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArtifact, match="cannot be read"):
        artifact.load(tmp_path / "none")


def test_shipped_file_is_small_enough() -> None:
    assert default_model.PATH.stat().st_size <= artifact.MAX_BYTES


def test_file_of_before_weakens_no_denied_word(data: bytes) -> None:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    manifest = json.loads(header["__metadata__"]["manifest"])
    assert artifact.loads(data).weights.denied_share < 1
    del manifest["denied_share"]
    manifest["format"] = 2
    manifest["sha256"] = artifact.weights_hash(load_tensors(data))
    before = save_tensors(
        load_tensors(data), metadata={"manifest": json.dumps(manifest)}
    )
    assert artifact.loads(before).weights.denied_share == 1


@pytest.mark.parametrize("share", [0.3, 0, -1, 2, "a quarter", None])
def test_share_of_denied_words_keeps_sums_exact(data: bytes, share: object) -> None:
    with pytest.raises(BadArtifact, match="denied"):
        artifact.loads(changed(data, {}, denied_share=share))


@pytest.mark.parametrize("good_for", [["en"], {"en": "spam"}, {"en": [1]}, None, 3])
def test_what_languages_are_good_for_is_checked(data: bytes, good_for: object) -> None:
    with pytest.raises(BadArtifact, match="good for"):
        artifact.loads(changed(data, {}, good_for=good_for))


def test_a_label_that_a_language_is_not_good_for_is_weak(data: bytes) -> None:
    scorer = artifact.loads(data)
    assert not any(scorer.weak.values())
    less = [label for label in scorer.labels if label != "toxicity"]
    good_for = {"en": less, "de": []}
    whole = {**scorer.manifest, "good_for": good_for}
    digest = artifact.whole_hash(whole, load_tensors(data))
    weaker = artifact.loads(changed(data, {}, good_for=good_for, sha256=digest))
    assert weaker.weak == {"en": {"toxicity"}}
