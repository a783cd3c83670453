"""Files of models: forged manifests, and versions that other sites have.

Based on CWE-345 (insufficient verification of data authenticity) and CWE-203
(observable discrepancy): with the weights alone under the hash, a copy with invented
figures passed as the original, and a refusal revealed what another site has.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from sqlalchemy.orm import Session

from classifiers.errors import BadArtifact
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.fast_scorer import FastScorer
from moderation.accounts.staff import Role
from moderation.tables.models import Model
from tests.builders import Answer, Newsroom
from tests.refusals import on_sqlite

BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def shipped() -> FastScorer:
    return default_model.load()


@pytest.fixture(scope="module")
def data(shipped: FastScorer) -> bytes:
    """A file as it is written today, with the weights of the shipped model."""
    new = artifact.named(
        "visitor",
        labels=shipped.labels,
        weights=shipped.weights,
        manifest=shipped.manifest,
        frozen=shipped.frozen,
    )
    return artifact.dumps(new)


def forged(data: bytes, **changes: Any) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    manifest = {**json.loads(header["__metadata__"]["manifest"]), **changes}
    return save_tensors(load_tensors(data), metadata={"manifest": json.dumps(manifest)})


@pytest.mark.parametrize(
    "changes",
    [
        {"auc_by_language": {"en": 0.999}},
        {"good_for": {}},
        {"anything": 1},
        {"name": "shipped"},
        {"format": 2},
        {"format": 1},
        {"anything": float("nan")},
    ],
    ids=str,
)
def test_a_forged_manifest_is_refused(data: bytes, changes: dict[str, Any]) -> None:
    artifact.loads(forged(data))
    with pytest.raises(BadArtifact):
        artifact.loads(forged(data, **changes))


def test_other_figures_are_another_version(shipped: FastScorer, data: bytes) -> None:
    other = artifact.named(
        "visitor",
        labels=shipped.labels,
        weights=shipped.weights,
        manifest={**shipped.manifest, "examples": 7},
        frozen=shipped.frozen,
    )
    assert other.version != artifact.loads(data).version


@pytest.mark.parametrize("languages", ["de", [1], None, {"de": True}])
def test_a_head_with_odd_languages_is_refused(
    shipped: FastScorer, languages: object
) -> None:
    deep = {**shipped.manifest["deep"], "readable": languages}
    odd = artifact.named(
        "visitor",
        labels=shipped.labels,
        weights=shipped.weights,
        manifest={**shipped.manifest, "deep": deep},
        frozen=shipped.frozen,
        head=shipped.head,
    )
    with pytest.raises(BadArtifact, match="languages"):
        artifact.loads(artifact.dumps(odd))


@pytest.fixture(scope="module")
def old(shipped: FastScorer) -> bytes:
    """A file of format 2, whose hash covers the arrays alone."""
    arrays = artifact.arrays_of(replace(shipped.weights, home=None), shipped.frozen)
    digest = artifact.weights_hash(arrays)
    manifest = {**shipped.manifest, "format": 2, "features": 2, "sha256": digest}
    del manifest["deep"]  # came with format 5
    return save_tensors(arrays, metadata={"manifest": json.dumps(manifest)})


def test_a_file_of_before_keeps_its_version(old: bytes) -> None:
    scorer = artifact.loads(old)
    assert scorer.version == f"shipped-{scorer.manifest['sha256'][:8]}"
    again = artifact.loads(artifact.dumps(scorer))
    assert again.version == scorer.version


def send(newsroom: Newsroom, data: bytes) -> Answer:
    path = f"/api/v1/sites/{newsroom.name}/models"
    admin = newsroom.as_staff(Role.ADMIN)
    return admin.call("POST", path, data=data, headers=BINARY)


def test_each_site_imports_the_same_model_once(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session, data: bytes
) -> None:
    first, second = send(newsroom, data), send(other_newsroom, data)
    assert (first.status_code, second.status_code) == (201, 201)
    assert send(newsroom, data).status_code == 409
    owners = session.scalars(
        sa.select(Model.site_id).where(Model.version == first.json["version"])
    )
    assert sorted(owners) == sorted([newsroom.site_id, other_newsroom.site_id])


@on_sqlite
def test_no_copy_passes_for_the_shipped_model(newsroom: Newsroom) -> None:
    data = default_model.PATH.read_bytes()
    answer = send(newsroom, data)
    assert answer.status_code == 409
    assert "registry already" in answer.json["message"]
    assert send(newsroom, forged(data, good_for={})).status_code == 422


@on_sqlite
def test_no_copy_passes_for_a_model_of_before(newsroom: Newsroom, old: bytes) -> None:
    assert send(newsroom, old).status_code == 201
    answer = send(newsroom, forged(old, auc_by_language={"xx": 0.999}))
    assert answer.status_code == 409
    assert "registry already" in answer.json["message"]
