"""Write and read a scorer as one safe file, checked before it is served.

The file is a safetensors file: a JSON header and plain arrays. Nothing in it is
ever executed, and every array's name, type and shape is known beforehand.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from classifiers.errors import BadArtifact
from classifiers.serving import head as heads
from classifiers.serving import network, regression_set
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.head import Head
from classifiers.serving.regression_set import Frozen
from classifiers.serving.weights import ARRAYS, HOME, Weights
from classifiers.text import features
from classifiers.text.labels import LABELS

#: Larger files are refused unread.
MAX_BYTES = 20 * 1000 * 1000
#: A larger JSON header is refused unread: ours has a few kilobytes.
MAX_HEADER_BYTES = 1000 * 1000
#: Changes when the arrays or their meaning do: the second may have a network, the hash
#: of the third covers the manifest, the fourth may have the words of its languages, and
#: the fifth a head for an encoder.
FORMAT = 5
READ_FORMATS = (1, 2, 3, 4, 5)
#: What a denied word may count: powers of two keep sums exact.
DENIED_SHARES = (1.0, 0.5, 0.25, 0.125)

Arrays = dict[str, npt.NDArray[Any]]


def weights_hash(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """Return the SHA-256, in hex, of all arrays with their names and shapes."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def whole_hash(manifest: Mapping[str, Any], arrays: Arrays) -> str:
    """Return the SHA-256, in hex, that a manifest of its format must name.

    From format 3 on it covers the manifest itself, all but the hash. Before, it covered
    the arrays alone.
    """
    digest = weights_hash(arrays)
    if manifest["format"] < 3:
        return digest
    rest = {name: value for name, value in manifest.items() if name != "sha256"}
    text = json.dumps(rest, sort_keys=True, allow_nan=False)
    return hashlib.sha256(f"{digest}\n{text}".encode()).hexdigest()


def arrays_of(
    weights: Weights, frozen: Frozen | None, head: Head | None = None
) -> Arrays:
    """Return the weights as named arrays, ready to be written."""
    arrays = {name: getattr(weights, name) for name in ARRAYS}
    if weights.home is not None:
        arrays[HOME] = weights.home
    network_arrays = weights.network.arrays() if weights.network else {}
    frozen_arrays = frozen.arrays() if frozen else {}
    head_arrays = head.arrays() if head else {}
    named_arrays = {**arrays, **network_arrays, **frozen_arrays, **head_arrays}
    # A file takes an array's memory as it lies.
    return {name: np.ascontiguousarray(array) for name, array in named_arrays.items()}


def named(
    name: str,
    *,
    labels: tuple[str, ...],
    weights: Weights,
    manifest: Mapping[str, Any],
    frozen: Frozen | None = None,
    head: Head | None = None,
) -> FastScorer:
    """Put fitted weights together under the version that follows from them.

    Parameters
    ----------
    name : what the version begins with; the hash of the whole is appended
    """
    whole = {
        **manifest,
        "format": FORMAT,
        "features": features.VERSION,
        "name": name,
        "labels": list(labels),
        "denied_share": weights.denied_share,
    }
    if head is None:
        whole.pop("deep", None)
    whole["sha256"] = whole_hash(whole, arrays_of(weights, frozen, head))
    return _scorer(whole, weights, frozen, head)


def _scorer(
    manifest: Mapping[str, Any],
    weights: Weights,
    frozen: Frozen | None,
    head: Head | None,
) -> FastScorer:
    return FastScorer(
        version=f"{manifest['name']}-{manifest['sha256'][:8]}",
        labels=tuple(manifest["labels"]),
        weights=weights,
        manifest=manifest,
        frozen=frozen,
        head=head,
        languages=frozenset(manifest["languages"]),
    )


def dumps(scorer: FastScorer) -> bytes:
    """Return the scorer as the bytes of one file."""
    text = json.dumps(dict(scorer.manifest), sort_keys=True, allow_nan=False)
    return save_tensors(
        arrays_of(scorer.weights, scorer.frozen, scorer.head),
        metadata={"manifest": text},
    )


def save(scorer: FastScorer, path: Path | str) -> None:
    """Write the scorer to a file; a reader sees the old file or the whole new one."""
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(dumps(scorer))
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def load(path: Path | str) -> FastScorer:
    """Read a scorer from a file.

    Raises
    ------
    BadArtifact
        If the file is missing, too large, damaged, or not one that this version
        can serve.
    """
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise BadArtifact("the file is larger than 20 MB")
        return loads(Path(path).read_bytes())
    except OSError as error:
        raise BadArtifact(f"the file cannot be read: {error.strerror}") from error


def loads(data: bytes) -> FastScorer:
    """Read a scorer from the bytes of a file.

    Raises
    ------
    BadArtifact
        If they are damaged, or no scorer that this version can serve.
    """
    manifest = _manifest(data)
    try:
        arrays = load_tensors(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise BadArtifact(f"the arrays cannot be read: {error}") from error
    _check_arrays(arrays, len(manifest["labels"]))
    head = _head(manifest, arrays)
    if _expected_hash(manifest, arrays) != manifest["sha256"]:
        raise BadArtifact("weights and manifest do not match their SHA-256")
    sum_arrays = {name: arrays[name] for name in ARRAYS}
    frozen = (
        regression_set.of_arrays(arrays) if regression_set.NAMES & set(arrays) else None
    )
    beside = network.of_arrays(arrays) if network.NAMES & set(arrays) else None
    share = _denied_share(manifest)
    weights = Weights(
        **sum_arrays, denied_share=share, home=arrays.get(HOME), network=beside
    )
    return _scorer(manifest, weights, frozen, head)


def _head(manifest: Mapping[str, Any], arrays: Arrays) -> Head | None:
    """Return the head of a file, if it has one, once it is checked."""
    part = {name: arrays[name] for name in heads.NAMES if name in arrays}
    deep = manifest.get("deep")
    if not part and deep is None:
        return None
    if not isinstance(deep, dict) or not isinstance(deep.get("encoder"), str):
        raise BadArtifact("the manifest says no encoder of the head")
    labels, own = deep.get("labels") or [], deep.get("manifest")
    count = len(manifest["labels"])
    if not _is_names(labels) or labels[:count] != manifest["labels"]:
        raise BadArtifact("the head's labels do not begin with the scorer's")
    if not isinstance(own, dict):
        raise BadArtifact("the head has no manifest of its own")
    if not all(map(_is_names, (deep.get("familiar"), deep.get("readable", [])))):
        raise BadArtifact("the head's languages are no list of names")
    _check_manifest({**manifest, **own, "labels": labels})
    wrong = heads.fault(part, len(labels))
    if wrong is not None:
        raise BadArtifact(wrong)
    return heads.of_arrays(part)


def _expected_hash(manifest: Mapping[str, Any], arrays: Arrays) -> str:
    try:
        return whole_hash(manifest, arrays)
    except ValueError as error:  # NaN, or half a character
        raise BadArtifact("the manifest has values that can't be written") from error


def _manifest(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise BadArtifact("the file is larger than 20 MB")
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(MAX_HEADER_BYTES, len(data) - 8):
        raise BadArtifact("the header is cut off or too large")
    try:
        header = json.loads(data[8 : 8 + length])
        manifest = json.loads(header["__metadata__"]["manifest"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadArtifact("the header is no manifest") from error
    if not isinstance(manifest, dict):
        raise BadArtifact("the manifest is no object")
    _check_manifest(manifest)
    return manifest


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    if manifest.get("format") not in READ_FORMATS:
        raise BadArtifact(f"format {manifest.get('format')!r} is unknown")
    if manifest.get("features") not in features.READ_VERSIONS:
        raise BadArtifact(f"feature version {manifest.get('features')!r} is unknown")
    labels = manifest.get("labels")
    if not _is_names(labels) or not labels or len(set(labels)) != len(labels):
        raise BadArtifact("the labels are no list of distinct names")
    unknown = set(labels) - set(LABELS)
    if unknown:
        raise BadArtifact(f"label {min(unknown)!r} is unknown")
    if not _is_names(manifest.get("languages")):
        raise BadArtifact("the languages are no list of codes")
    if not _is_good_for(manifest.get("good_for", {})):
        raise BadArtifact("what languages are good for is no list of labels each")
    if not _is_thresholds(manifest.get("thresholds"), labels):
        raise BadArtifact("the thresholds are no pair of numbers for each label")
    if manifest.get("denied_share", 1.0) not in DENIED_SHARES:
        raise BadArtifact("the share of denied words is none that keeps sums exact")
    if not all(isinstance(manifest.get(key), str) for key in ("name", "sha256")):
        raise BadArtifact("the manifest lacks name or sha256")


def _denied_share(manifest: Mapping[str, Any]) -> float:
    """Return what a denied word counts; older files have no negation."""
    return float(manifest.get("denied_share", 1.0))


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_good_for(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_names, value.values()))


def _is_thresholds(value: object, labels: list[str]) -> bool:
    """Return whether each label has two cut points from 0 to 1, in order."""
    if not isinstance(value, dict) or set(value) != set(labels):
        return False
    for cuts in value.values():
        if not isinstance(cuts, dict):
            return False
        low, high = cuts.get("review_at"), cuts.get("reject_at")
        if not isinstance(low, float | int) or not isinstance(high, float | int):
            return False
        if not 0 <= low <= high <= 1:
            return False
    return True


def _shapes(labels: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {
        "rows": ("float16", (1 << features.BITS, labels)),
        "pairs": ("float16", (1 << features.PAIR_BITS, labels)),
        "rarity": ("float16", (1 << features.BITS,)),
        "known": ("uint8", (1 << (features.Lexicon.BITS - 3),)),
        "harsh": ("uint8", (1 << (features.Lexicon.BITS - 3),)),
        "slope": ("float64", (labels,)),
        "intercept": ("float64", (labels,)),
    }


def _check_arrays(arrays: Mapping[str, npt.NDArray[Any]], labels: int) -> None:
    expected = _shapes(labels)
    if HOME in arrays:
        expected[HOME] = expected["known"]
    beside = set(arrays) - heads.NAMES
    rest = {name: arrays[name] for name in beside - set(expected)}
    if len(beside) - len(rest) != len(expected):
        raise BadArtifact("the file does not have the arrays of a scorer")
    _check_beside(rest, labels)
    for name, (kind, shape) in expected.items():
        array = arrays[name]
        if array.dtype.name != kind or array.shape != shape:
            raise BadArtifact(f"array {name!r} has another type or shape")
        if not np.isfinite(array).all():
            raise BadArtifact(f"array {name!r} has values that are no numbers")


def _check_beside(arrays: Arrays, labels: int) -> None:
    """Check the optional parts of a file: a network and a frozen set."""
    for names, optional, fault in (
        (network.NAMES, frozenset(), network.fault),
        (
            regression_set.NAMES,
            frozenset({regression_set.BEYOND}),
            regression_set.fault,
        ),
    ):
        part = {name: arrays.pop(name) for name in names | optional if name in arrays}
        wrong = fault(part, labels) if part else None
        if wrong is not None:
            raise BadArtifact(wrong)
    if arrays:
        raise BadArtifact("the file has arrays that no scorer has")
