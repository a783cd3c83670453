"""The encoder that ships: vectors that don't depend on the company, or a refusal."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from classifiers.encoder import encoder
from classifiers.encoder.encoder import Encoder
from classifiers.errors import BadArtifact
from classifiers.pretrained import default_encoder

TEXTS = (
    "The ferry was never cheap either.",
    "Ihr seid alle Idioten, geht weg!",
    "",
    "정말 좋은 기사네요",
    "a word " * 900,
)


@pytest.fixture(scope="module")
def shipped() -> Encoder:
    return default_encoder.load()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return shutil.copytree(default_encoder.PATH, tmp_path / "encoder")


def test_a_text_has_the_same_vector_alone_and_in_company(shipped: Encoder) -> None:
    together = shipped.vectors(TEXTS)
    assert together.shape == (len(TEXTS), encoder.WIDTH)
    for text, vector in zip(TEXTS, together, strict=True):
        assert (shipped.vectors([text])[0] == vector).all()


def test_a_comment_has_no_more_tokens_than_are_read(shipped: Encoder) -> None:
    assert len(shipped.tokens(TEXTS[-1])) == encoder.TOKENS
    assert len(shipped.tokens("")) == 2  # the marks of its begin and its end


def test_order_matters(shipped: Encoder) -> None:
    one, other = shipped.vectors(["dogs bite people", "people bite dogs"])
    assert (one != other).any()


def test_words_of_several_languages_are_in_the_alphabet(shipped: Encoder) -> None:
    unknown = shipped.tokens("\ue000")[1:-1]
    for text in ("größe", "élève", "żółć", "привет", "안녕", "你好", "مرحبا"):
        assert not set(unknown[-1:]) & set(shipped.tokens(text))


def _vector(text: str) -> list[int]:
    found: list[int] = default_encoder.load().vectors([text])[0].tolist()
    return found


def test_a_forked_process_reads_as_its_parent_does(shipped: Encoder) -> None:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        read = pool.map(_vector, TEXTS[:2] * 4)
    assert read == shipped.vectors(TEXTS[:2] * 4).tolist()


@pytest.mark.parametrize("name", [*encoder.FILES, encoder.MANIFEST])
def test_a_missing_file_is_named(files: Path, name: str) -> None:
    (files / name).unlink()
    with pytest.raises(BadArtifact, match="No such file"):
        encoder.load(files)


@pytest.mark.parametrize("name", encoder.FILES)
def test_a_truncated_file_is_refused(files: Path, name: str) -> None:
    whole = (files / name).read_bytes()
    (files / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadArtifact, match="SHA-256"):
        encoder.load(files)


def test_a_file_that_is_too_large_is_not_read(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "MAX_BYTES", 1000)
    with pytest.raises(BadArtifact, match="larger than"):
        encoder.load(files)


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"steps": [1]}', "{}", json.dumps({"steps": [1] * encoder.WIDTH})],
)
def test_a_damaged_manifest_is_refused(files: Path, text: str) -> None:
    (files / encoder.MANIFEST).write_text(text)
    with pytest.raises(BadArtifact, match="manifest"):
        encoder.load(files)


def test_without_onnx_runtime_it_is_refused(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BadArtifact, match="onnxruntime is not installed"):
        encoder.load(files)


def test_four_bits_a_number_are_read_as_they_were_written() -> None:
    halves = np.zeros((1, encoder.WIDTH // 2), np.uint8)
    halves[0, 0] = 3 | 15 << 4
    scales = np.full((1, encoder.WIDTH // encoder.BLOCK), 0.5, np.float16)
    words = encoder.Embeddings(
        halves=halves, scales=scales, places=np.zeros((4, encoder.WIDTH), np.float32)
    )
    read = words.of(np.array([0]))[0]
    assert read[0] == (3 - 8) * 0.5
    assert read[encoder.BLOCK // 2] == (15 - 8) * 0.5
    assert read[1] == -8 * 0.5


def test_the_files_are_no_larger_than_agreed() -> None:
    sizes = [(default_encoder.PATH / name).stat().st_size for name in encoder.FILES]
    assert sum(sizes) <= encoder.MAX_BYTES
    manifest = json.loads((default_encoder.PATH / encoder.MANIFEST).read_text())
    assert manifest["sha256"] == encoder.files_hash(default_encoder.PATH)
