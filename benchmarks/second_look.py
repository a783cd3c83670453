"""Weigh a second look: a small transformer for comments where the fast model is unsure.

python -m benchmarks.second_look FOLDER CHECKPOINT --model MODEL

FOLDER has the public sets as NAME.csv.gz; CHECKPOINT is what `benchmarks.teacher train`
wrote, MODEL the encoder that it started from. The transformer is turned into ONNX with
weights of eight bits, and looks at held-out and *measure* texts. Prints its size, its
time for a comment next to the fast model's in the same run, and for each set the AUC of
either, of both together, and of both where only unsure comments are looked at. Needs
torch, transformers, onnx, onnxscript and onnxruntime, which the project does not depend
on, in an environment of their own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import teacher
from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.evaluation import figures
from classifiers.evaluation.metrics import auc, recall_at
from classifiers.evaluation.model_scores import targets
from classifiers.pretrained import default_model
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer

Floats = npt.NDArray[np.float64]

SHARE = 0.5  # of the second look in the log-odds of both
#: Of toxicity, by the fast model: outside, it is taken to be sure.
BANDS = ((0.05, 0.95), (0.1, 0.9), (0.2, 0.8))
MOST = 4000  # texts of a set
TIMED = 300  # comments
LEAST_SIDE = 20  # texts
TOXICITY = teacher.LABELS.index("toxicity")


def exported(checkpoint: Path, model: Path, folder: Path) -> Path:
    """Write the transformer as ONNX with weights of eight bits."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    found, _ = teacher.build(model, 1)
    found.load_state_dict(torch.load(checkpoint, weights_only=True))
    found.eval()
    found.is_half = False
    ids = torch.ones((2, 16), dtype=torch.int64)
    whole, small = folder / "whole.onnx", folder / "small.onnx"
    torch.onnx.export(
        found,
        (ids, ids),
        str(whole),
        input_names=["ids", "mask"],
        output_names=["log_odds"],
        dynamic_axes={"ids": {0: "n", 1: "w"}, "mask": {0: "n", 1: "w"}},
        dynamo=False,
    )
    quantize_dynamic(whole, small, per_channel=True, weight_type=QuantType.QInt8)
    return small


class Look:
    """The transformer, on one core."""

    def __init__(self, path: Path, model: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options)
        self._model = model

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        examples = [Example(text=text, labels={}) for text in texts]
        return teacher.encoded(self._model, examples)

    def log_odds(self, ids: Sequence[list[int]]) -> Floats:
        """Return log-odds, texts × `teacher.LABELS`."""
        found = np.zeros((len(ids), len(teacher.LABELS)))
        for batch in teacher.batches(ids, np.arange(len(ids))):
            asked = {"ids": batch.ids, "mask": batch.mask}
            found[batch.rows] = self._session.run(None, asked)[0]
        return found


def fast_log_odds(scorer: FastScorer, texts: Sequence[str]) -> Floats:
    """Return log-odds of the fast model, texts × `teacher.LABELS`."""
    columns = [scorer.labels.index(label) for label in teacher.LABELS]
    found = scorer.log_odds([Document(text=text) for text in texts])
    return found[:, columns]


def seconds(call: Any, ones: Sequence[Any]) -> float:
    """Return the median time that one takes by itself."""
    taken = []
    for one in ones:
        begun = time.perf_counter()
        call(one)
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken))


def told(truth: Floats, each: dict[str, Floats]) -> str:
    """Return AUC and recall at 1% false alarms of each way."""
    known = ~np.isnan(truth)
    pairs = [(truth[known], one[known]) for one in each.values()]
    return "".join(f"{auc(*pair):9.4f} {recall_at(*pair):.3f}" for pair in pairs)


def drawn(examples: Sequence[Example]) -> list[Example]:
    """Return some of a set, in an order of chance."""
    order = np.random.default_rng(0).permutation(len(examples))[:MOST]
    return [examples[place] for place in order]


def ways(fast: Floats, look: Floats) -> dict[str, Floats]:
    """Return the log-odds of toxicity of each way."""
    both = (1 - SHARE) * fast + SHARE * look
    unsure = {band: is_between(fast, band) for band in BANDS}
    looked = {
        f"{low:.2f}-{high:.2f}": np.where(unsure[low, high], both, fast)
        for low, high in BANDS
    }
    return {"fast": fast, "look": look, "both": both, **looked}


def is_between(log_odds: Floats, band: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Return where a probability lies in a band."""
    low, high = (np.log(end / (1 - end)) for end in band)
    found: npt.NDArray[np.bool_] = (log_odds > low) & (log_odds < high)
    return found


def main() -> None:
    """Turn, time and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    options = parser.parse_args()
    scorer = default_model.load()
    sets = {
        name: drawn(examples)
        for name, examples in figures.measured_sets(options.folder).items()
        if PUBLIC[name].language == "en"
    }
    with tempfile.TemporaryDirectory() as folder:
        path = exported(options.checkpoint, options.model, Path(folder))
        print(f"{path.stat().st_size / 2**20:.1f} MiB")
        look = Look(path, options.model)
    news = [e.text for e in sets[figures.NEWS] if not e.labels["toxicity"]]
    ids = look.encoded(news[:TIMED])
    slow = seconds(lambda one: look.log_odds([one]), ids)
    scorer.score_many([Document(text=one) for one in news])  # their words are known
    quick = seconds(lambda one: scorer.score(Document(text=one)), news[:TIMED])
    print(f"one comment: {1e3 * slow:.2f} ms, {slow / quick:.0f} times the fast model")
    fine = fast_log_odds(scorer, news)[:, TOXICITY]
    for band in BANDS:
        share = is_between(fine, band).mean()
        print(f"{band}: {share:.1%} of news comments are looked at")
    print(f"{'set':26}{'n':>6} AUC of toxicity and recall at 1% false alarms, by way")
    first = True
    for name, examples in sets.items():
        truth = targets(examples, "toxicity")
        if min((truth == side).sum() for side in (0, 1)) < LEAST_SIDE:
            continue
        texts = [e.text for e in examples]
        each = ways(
            fast_log_odds(scorer, texts)[:, TOXICITY],
            look.log_odds(look.encoded(texts))[:, TOXICITY],
        )
        if first:
            print(" " * 32 + "".join(f"{way:>15}" for way in each))
            first = False
        print(f"{name:26}{len(texts):6}{told(truth, each)}", flush=True)


if __name__ == "__main__":
    main()
