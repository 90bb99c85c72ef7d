"""evaluate and predict: what a trained run is worth, and what it says about new inputs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.progress import metrics_text
from studio.cli.projects import run_folder
from studio.cli.say import say, say_json, table, tell

if TYPE_CHECKING:
    from studio.analysis.answers import Answer
    from studio.analysis.evaluate import Confusion, Evaluation
    from studio.analysis.predict import Prediction

MOST_CLASSES = 20
WORST = 5
LIKELIEST = 3


@contextmanager
def asked_run(given: str) -> Generator[Path]:
    """A run's folder; for a project's file one with the weights that its settings name."""
    if not given.endswith(".loom"):
        yield run_folder(given)
        return
    from studio.analysis.without_run import run_of

    with run_of(Path(given)) as run:
        yield run


def evaluate_run(arguments: Namespace) -> int:
    """neuroloom evaluate RUN: metrics, confusion, and the samples that came out worst."""
    from studio.analysis.evaluate import evaluate

    with asked_run(arguments.run) as run:
        found = evaluate(run, arguments.part, arguments.checkpoint)
    if arguments.json:
        say_json(_evaluation_values(found))
        return 0
    say(f"{found.part} part, {found.count:,} samples: {metrics_text(found.metrics)}")
    for name, confusion in found.confusions.items():
        if len(confusion.classes) <= MOST_CLASSES:
            say(f"\n{name}: true class down, predicted across\n{_confusion_table(confusion)}")
    rows = [["row", "truth", "prediction", "confidence", "loss"]]
    for one in found.samples[:WORST]:
        confidence = "" if one.confidence is None else f"{one.confidence:.0%}"
        rows.append([str(one.row), str(one.truth), str(one.prediction), confidence, f"{one.loss:.4g}"])
    say(f"\nthe worst:\n{table(rows, right=(0, 3, 4))}")
    return 0


def _confusion_table(confusion: Confusion) -> str:
    rows = [["", *confusion.classes]]
    for name, counts in zip(confusion.classes, confusion.counts, strict=True):
        rows.append([name, *(str(count) if count else "·" for count in counts.tolist())])
    return table(rows, right=range(1, len(rows[0])))


def _evaluation_values(found: Evaluation) -> dict[str, object]:
    return {
        "part": found.part,
        "count": found.count,
        "metrics": dict(found.metrics),
        "confusions": {
            name: {"classes": list(one.classes), "counts": one.counts.tolist()}
            for name, one in found.confusions.items()
        },
        "samples": [
            {
                "row": int(one.row),
                "truth": str(one.truth),
                "prediction": str(one.prediction),
                "confidence": one.confidence,
                "loss": one.loss,
            }
            for one in found.samples
        ],
    }


def predict(arguments: Namespace) -> int:
    """neuroloom predict RUN INPUT…: one line for each sample."""
    from studio.analysis.answer_table import refused_text
    from studio.analysis.predict import Predictor

    with asked_run(arguments.run) as run:
        predictor = Predictor(run, arguments.checkpoint)
    found = predictor.predict(arguments.inputs)
    if arguments.json:
        say_json([_prediction_values(one) for one in found])
        return 0
    for note in dict.fromkeys(note for one in found for note in one.notes):
        tell(note)
    refused = [one for one in found if one.refused]
    for one in found:
        if one.refused:
            say(f"{one.given}: no answer. {one.refused}")
            continue
        several = len(one.answers) > 1
        answers = [
            f"{name}: {_worded(said)}" if several else _worded(said) for name, said in one.answers.items()
        ]
        say(f"{one.given}: {'; '.join(answers)}")
    if refused:
        tell(refused_text(found))
    return 0


def _worded(answer: Answer) -> str:
    """7 (98.1 %; then 9 1.2 %, 4 0.3 %), or the numbers."""
    if not answer.shares:
        return str(answer)
    (label, share), *others = answer.shares[:LIKELIEST]
    rest = ", ".join(f"{name} {part:.1%}" for name, part in others)
    return f"{label} ({share:.1%}{'; then ' if rest else ''}{rest})"


def _prediction_values(one: Prediction) -> dict[str, object]:
    answers = {
        name: {
            "label": said.label,
            "confidence": said.confidence,
            "shares": dict(said.shares),
            "numbers": None if said.numbers is None else said.numbers.tolist(),
        }
        for name, said in one.answers.items()
    }
    return {
        "input": one.given,
        "answers": answers,
        "notes": list(one.notes),
        "refused": one.refused or None,
    }
