"""One teacher's probabilities are completed by another's."""

from __future__ import annotations

import numpy as np

from classifiers.data import teacher_labels


def test_a_teacher_is_filled_by_another() -> None:
    first = teacher_labels.SoftLabels(
        rows={teacher_labels.key("a"): 0},
        labels={"toxicity": 0},
        probabilities=np.array([[0.5]], np.float32),
    )
    second = teacher_labels.SoftLabels(
        rows={teacher_labels.key("b"): 0, teacher_labels.key("a"): 1},
        labels={"insult": 0, "toxicity": 1},
        probabilities=np.array([[0.25, 0.75], [0.125, 1.0]], np.float32),
    )
    both = first.filled(second)
    assert both.of(["a", "b"], "toxicity").tolist() == [0.5, 0.75]
    np.testing.assert_array_equal(both.of(["a", "b"], "insult"), [np.nan, 0.25])
