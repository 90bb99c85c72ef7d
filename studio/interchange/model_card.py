"""A model card: a Markdown page on a network for whoever gets it: layers, data, training, results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.build.plan import Checked, FieldRef, LossStep, Plan
from studio.catalog.registry import values_of
from studio.catalog.settings import DATA, TRAINING
from studio.interchange.exported import Exported
from studio.interchange.whole_files import write_whole
from studio.project.block import PREFIX
from studio.project.graph import Endpoint
from studio.project.params import Value
from studio.project.project import Project, Setting
from studio.train.runs import RunInfo, read_run

TOLD = ("epochs", "batch_size", "seed", "precision", "accumulate", "clip_norm", "average")
MOST_CLASSES = 20
MEANINGS: Mapping[tuple[str, str], str] = {
    ("classes", "softmax"): "a score for each class{}; softmax turns them into shares",
    ("classes", "exp"): "the logarithm of the share of each class{}",
    ("chances", "sigmoid"): "a score for yes{}; sigmoid turns it into a chance",
    ("chances", "none"): "the chance of yes{}",
    ("numbers", "none"): "the value{}",
}
"""What a prediction is, by what the loss compares and what makes shares of it."""


def export_card(
    checked: Checked,
    path: Path,
    run: Path | None = None,
    picture: str = "",
    beside: Iterable[str] = (),
) -> Exported:
    """Write the card of a checked project; `picture` and the files `beside` lie in its folder."""
    text = model_card(checked, read_run(run) if run is not None else None, picture, beside)
    write_whole(path, text.encode())
    return Exported((path,))


def model_card(
    checked: Checked, run: RunInfo | None = None, picture: str = "", beside: Iterable[str] = ()
) -> str:
    """The page as Markdown."""
    project = checked.project
    parts: list[str] = [f"# {_plain(project.name)}"]
    if project.notes.strip():
        parts.append(project.notes.strip())
    if picture:
        parts.append(f"![The network, drawn]({picture.replace(' ', '%20')})")
    files = list(beside)
    if files:
        parts.append("\n".join(["## Files", "", *(f"- `{name}`" for name in files)]))
    parts += [_network(checked), _layers(checked), _data(project, checked), _training(project), _results(run)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _network(checked: Checked) -> str:
    plan, total = checked.plan, checked.total
    lines = ["## Network", ""]
    lines += [f"- Takes **{step.name}**: {step.type} ({step.type.dtype})" for step in plan.model_inputs]
    meant = {loss.prediction: _meaning(loss, plan) for loss in plan.losses}
    given = [(step.name, step.type, meant.get(step.source, "")) for step in plan.outputs]
    given = given or [(_said_by(loss), loss.inputs[0], _meaning(loss, plan)) for loss in plan.losses]
    lines += [f"- Gives **{name}**: {type}{f', {told}' if told else ''}" for name, type, told in given]
    lines.append(f"- {total.parameters:,} parameters, {total.multiply_adds:,} multiply-adds for one sample")
    if total.frozen:
        lines.append(f"- {total.frozen:,} of the parameters do not learn")
    return "\n".join([*lines, "", "N is the number of samples."])


def _said_by(loss: LossStep) -> str:
    """What a prediction without an Output is called: the node that makes it."""
    return loss.prediction.node if isinstance(loss.prediction, Endpoint) else loss.name


def _meaning(loss: LossStep, plan: Plan) -> str:
    """What the numbers of a prediction say, as the loss compares them."""
    fields = {Endpoint(step.name, "output"): step.field for step in plan.inputs}
    target = loss.target
    field = target.field if isinstance(target, FieldRef) else fields.get(target or Endpoint("", ""))
    told = MEANINGS.get((loss.layer.compares, loss.layer.turn), "")
    return told.format(f" of **{field}**" if field else "")


def _layers(checked: Checked) -> str:
    rows = [["Node", "Type", "Output", "Parameters"], *_rows(checked, "")]
    return f"## Layers\n\n{_table(rows, right=(3,))}"


def _rows(checked: Checked, path: str) -> Iterator[list[str]]:
    """The nodes in the order in which they run; behind a block those inside of its first use."""
    for step in checked.plan.steps:
        type = step.layer.type.removeprefix(PREFIX)
        if step.repeat > 1:
            type = f"{type} × {step.repeat}" + (" (shared)" if len(step.inner) == 1 else "")
        cost = checked.costs.get(step.name)
        shapes = ", ".join(str(one) for one in step.outputs)
        yield [f"{path}{step.name}", type, shapes, f"{cost.parameters:,}" if cost else ""]
        if step.inner:
            yield from _rows(checked.inside((step.name,)), f"{path}{step.name}.")


def _data(project: Project, checked: Checked) -> str:
    source = project.data.source
    if source.type == "None":
        return ""
    lines = ["## Data", "", f"- Source: {_setting(source)}"]
    if checked.parts:
        lines.append("- Samples: " + ", ".join(f"{count:,} {part}" for part, count in checked.parts.items()))
    values = values_of(DATA, project.data.options)
    lines.append(f"- Inputs are scaled: {values['normalize']} (learned from the training part)")
    for field in (checked.fields or {}).values():
        shape = "×".join(map(str, field.shape)) or "a number"
        lines.append(f"- Field **{field.name}**: {shape}, {field.dtype}{_classes(field.classes)}")
    return "\n".join(lines)


def _classes(classes: Sequence[str] | None) -> str:
    if not classes:
        return ""
    named = ", ".join(map(_plain, classes[:MOST_CLASSES]))
    return f"; classes: {named}{' …' if len(classes) > MOST_CLASSES else ''}"


def _training(project: Project) -> str:
    training = project.training
    values: Mapping[str, Any] = values_of(TRAINING, training.options)
    lines = ["## Training", "", f"- Optimizer: {_setting(training.optimizer)}"]
    if training.schedule.type != "Constant":
        lines.append(f"- Schedule: {_setting(training.schedule)}")
    told = {name: values[name] for name in TOLD if values[name] not in (None, "none", "float32")}
    lines.append("- " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items()))
    return "\n".join(lines)


def _results(run: RunInfo | None) -> str:
    if run is None:
        return "## Results\n\nThese weights are those of no run: nothing was measured."
    lines = ["## Results", ""]
    day, name = f"{run.created:%Y-%m-%d}", _plain(run.name)
    lines.append(f"Run {name} of {day}: {run.epochs_done} epochs, the best was epoch {run.best_epoch}.")
    parts = {**{part: run.metrics.get(part, {}) for part in ("train", "validation")}, "test": run.test}
    names = list(dict.fromkeys(name for of in parts.values() for name in of))
    if names:
        rows = [["Metric", *(part for part, of in parts.items() if of)]]
        rows += [[name, *(_number(of.get(name)) for of in parts.values() if of)] for name in names]
        lines += ["", _table(rows, right=range(1, len(rows[0])))]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _setting(setting: Setting) -> str:
    params = ", ".join(f"{name} {_shown(value)}" for name, value in setting.params.items())
    return f"{setting.type}" + (f" ({params})" if params else "")


def _shown(value: Value) -> str:
    text = " ".join(str(value).split())
    return _plain(text if len(text) <= 60 else f"{text[:57]}…")


def _plain(text: str) -> str:
    """A text that Markdown takes for no more than text."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in " ".join(text.split()))


def _table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    to_the_right = frozenset(right)
    ruler = ["---:" if at in to_the_right else "---" for at in range(len(rows[0]))]
    lines = [rows[0], ruler, *([cell.replace("|", "\\|") for cell in row] for row in rows[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
