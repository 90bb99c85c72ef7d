"""A project as one Keras program: its data, its network, `compile`, `fit` and `evaluate`."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.build.plan import LossStep, Plan
from studio.build.targets import adaptation
from studio.data.prepare import Prepared
from studio.interchange.exported import Exported
from studio.interchange.keras.compiling import Compiled, compiled, field_of
from studio.interchange.keras.copied import copied_lines
from studio.interchange.keras.export import Stopped, never, refuse_missing, save_weights
from studio.interchange.keras.missing import missing_twins
from studio.interchange.keras.source import KerasSource, keras_source
from studio.interchange.program.begun import planned, program_path, training_options
from studio.interchange.program.data import DataCode, data_code
from studio.interchange.program.main import READ, argument_lines, wrapped
from studio.interchange.program.notes import of_data
from studio.interchange.program.places import beside, data_constants, near
from studio.interchange.program.schedule import Schedule, written_schedule
from studio.interchange.program.text import LOADERS, USED
from studio.interchange.pytorch.check import save_tensors
from studio.interchange.pytorch.imports import import_lines
from studio.interchange.pytorch.lines import listed, statement
from studio.interchange.pytorch.text import literal
from studio.interchange.whole_files import write_whole
from studio.project.project import Project
from studio.train.balance import balanced
from studio.train.work import needed_fields

KERAS = {
    "import keras": r"\bkeras\.",
    "from keras import layers": r"\blayers\.",
    "from keras import ops": r"\bops\.",
    "from safetensors.numpy import load_file": r"\bload_file\(",
}
TENSORS = "tensors = {name: torch.from_numpy(one) for name, one in arrays.items()}"
"""The line of a PyTorch program that Keras needs not."""
ABOUT = (
    "It has the data, the split, the network and the settings that were set up in Neuroloom; initial weights "
    "and the order of samples are Keras' own."
)
ABSENT: Mapping[str, object] = {
    "max_steps": None, "accumulate": 1, "average": "none", "processes": 1, "seeds": 1
}  # fmt: skip
"""Settings of training that are left out, with what says nothing."""
SEVERAL = {"loss": "losses", "loss_weights": "weights", "metrics": "metrics"}
"""Variables for what is said of several losses."""


@dataclass(frozen=True, slots=True)
class KerasProgram:
    """The text, the tensors that it loads from a file beside it, and what it does otherwise."""

    text: str
    plan: Plan
    beside: Mapping[str, Tensor] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    plain_data: bool = True


def to_keras_program(project: Project, plan: Plan, folder: Path, out: Path | None = None) -> str:
    """The program as text. Relative paths of the data start from `folder`; the program will be `out`.

    Raises StudioError where the data cannot be read, or there is nothing to train.
    """
    return make_keras_program(project, plan, folder, out).text


def export_keras_program(
    project: Project,
    plan: Plan,
    path: Path,
    weights: Mapping[str, Tensor] | None = None,
    folder: Path | None = None,
    stopped: Stopped = never,
    target: Path | None = None,
) -> Exported:
    """Write the whole program, what it loads and, where there are any, weights beside it.

    `target` is where the program will lie in the end, if that is another place. Raises StudioError, as
    `export_keras`.
    """
    folder = folder or path.absolute().parent
    refuse_missing(plan)
    made = make_keras_program(project, plan, folder, target or path)
    largest, count, weighed = save_weights(project, made.plan, path, weights, folder, stopped)
    write_whole(path, made.text.encode())
    paths = [path, *weighed]
    if made.beside:
        paths.append(beside(path, "rows" if made.plain_data else "data"))
        save_tensors(made.beside, paths[-1])
    return Exported(tuple(paths), largest, made.notes, count)


def make_keras_program(project: Project, plan: Plan, folder: Path, out: Path | None = None) -> KerasProgram:
    """The program with all that belongs to it. Raises StudioError."""
    options = training_options(project, plan)
    code, prepared = data_code(project, folder, needed_fields(plan))
    own = comparing(balanced(planned(project, prepared).plan, prepared.parts["train"].tensors))
    path = out or program_path(project, folder)
    made = _Made(project, own, options, code, prepared, path)
    told = (*made.compiled.notes, *code.notes, *of_data(prepared), *_left_out(project, options))
    notes = (*(str(one) for one in missing_twins(own)), *told)
    return KerasProgram(made.text(notes), own, code.beside, notes, code.plain)


def _left_out(project: Project, options: Mapping[str, Any]) -> Iterator[str]:
    """The settings of training that the program has not."""
    if project.training.schedule.type == "Plateau":
        yield "The rate stays: the schedule Plateau is left out."
    if options["validate_every"] > 1 or options["validate_steps"] is not None:
        yield "It validates after every epoch."
    if str(options["best_by"]) not in ("", "loss"):
        yield f"The best epoch is that of the least loss, not by {options['best_by']}."
    absent = [name for name, default in ABSENT.items() if options[name] != default]
    absent += ["precision"] if options["precision"] in ("bfloat16", "float16") else []
    if absent:
        yield f"Left out: {', '.join(absent)}."


def comparing(plan: Plan) -> Plan:
    """The plan whose results are the predictions that losses compare, by the names of these."""
    return replace(plan, outputs=())


class _Made:
    """The parts of a program."""

    def __init__(
        self,
        project: Project,
        plan: Plan,
        options: Mapping[str, Any],
        code: DataCode,
        prepared: Prepared,
        path: Path,
    ) -> None:
        self._project, self._plan, self._options = project, plan, options
        self._code, self._prepared, self._path = code, prepared, path
        self._source: KerasSource = keras_source(project, plan)
        self._schedule: Schedule | None = written_schedule(project.training.schedule)
        clip = options.get("clip_norm")
        self.compiled: Compiled = compiled(project.training.optimizer, plan, clip)

    def text(self, notes: Sequence[str]) -> str:
        """The whole file."""
        parts = [*self._data(), *self._network(), *self._training()]
        constants = ["Batch = dict[str, np.ndarray]", *self._constants()]
        body = "\n\n\n".join("\n".join(lines) for lines in parts)
        code = "\n".join([*constants, body])
        torch_free = {line: pattern for line, pattern in USED.items() if "safetensors" not in line}
        wanted = {**torch_free, **KERAS}
        needed = [line for line, pattern in wanted.items() if re.search(pattern, code, re.MULTILINE)]
        needed += [f"from sklearn.datasets import {name}" for name in re.findall(LOADERS, code)]
        needed += ["import math"] if re.search(r"\bmath\.", code) else []
        head = [*self._doc(notes), "", *import_lines(code, needed), "", *constants]
        return "\n".join([*head, "", "", body]) + "\n"

    def _doc(self, notes: Sequence[str]) -> Iterator[str]:
        name = self._path.name
        title = "".join(c for c in self._project.name if c.isprintable() and c not in '"\\')
        yield f'"""{title.strip() or "Model"}: a neural network in Keras with its data and training.'
        yield from ["", f"    python {name}", f"    python {name} --evaluate --weights {self._trained()}", ""]
        yield from wrapped(ABOUT)
        for note in notes:
            yield from wrapped(note)
        yield '"""'

    def _trained(self) -> str:
        return f"{self._path.stem}_trained.weights.h5"

    def _constants(self) -> Iterator[str]:
        if self._schedule is not None:
            yield "Schedule = Callable[[int], float]"
        yield from data_constants(self._code, self._path)

    def _data(self) -> Iterator[list[str]]:
        """Reading and splitting, as the PyTorch program has it, but for tensors: numpy is enough."""
        for function in dict.fromkeys(self._code.functions):
            yield inspect.getsource(function).rstrip().splitlines()
        for lines in self._code.lines:
            text = "\n".join(lines).replace("found[name].numpy()", "found[name]")
            text = text.replace(f"    {TENSORS}\n", "")
            yield text.replace("tensors.items()", "arrays.items()").splitlines()
        yield list(self._fed())

    def _fed(self) -> Iterator[str]:
        """What `fit` takes of a part: inputs and targets as Keras has them."""
        yield "def fed(part: Batch) -> tuple[Any, Any]:"
        yield '    """What the model takes, and what its losses compare with."""'
        inputs = {step.name: self._input(step.name, step.field) for step in self._plan.model_inputs}
        targets = {loss.name: self._target(loss) for loss in self._plan.losses}
        yield from _assigned("inputs", inputs)
        yield from _assigned("targets", targets)
        yield "    return inputs, targets"

    def _input(self, name: str, of: str) -> str:
        text = f"part[{literal(of)}]"
        rank = len(next(one.type.shape for one in self._plan.model_inputs if one.name == name))
        if self._source.inputs[name] == "last" and rank > 2:
            return f"np.moveaxis({text}, 1, -1)"
        return f'{text}.astype("int32")' if self._prepared.fields[of].dtype == "int64" else text

    def _target(self, loss: LossStep) -> str:
        of = field_of(loss, self._plan)
        text = f"part[{literal(of)}]"
        type = loss.type_at("target")
        if type is not None and adaptation(loss.layer.compares, type) == "numbers":
            sizes = ", ".join(map(str, ["-1", *loss.inputs[0].shape[1:]]))
            return f'{text}.reshape({sizes}).astype("float32")'
        return f'{text}.astype("int32")' if self._prepared.fields[of].dtype == "int64" else text

    def _network(self) -> Iterator[list[str]]:
        """The functions of the network, and the losses that Keras lacks."""
        body = self._source.text.split("\n\n\n", 1)[1].rstrip("\n")
        yield body.splitlines()
        yield from copied_lines(self.compiled.copies)

    def _training(self) -> Iterator[list[str]]:
        if self._schedule is not None:
            for function in dict.fromkeys(self._schedule.functions):
                yield inspect.getsource(function).rstrip().splitlines()
            yield list(self._schedule.lines)
            yield list(RATE)
        if self._options["max_minutes"] is not None:
            yield list(LIMIT)
        yield list(self._train())
        yield self._arguments()
        yield list(self._main())

    def _train(self) -> Iterator[str]:
        yield "def train(args: argparse.Namespace, model: keras.Model, data: dict[str, Batch]) -> None:"
        yield '    """Train, and keep the weights of the best epoch."""'
        yield '    inputs, targets = fed(data["train"])'
        watched = "val_loss" if self._validates() else "loss"
        yield "    callbacks = ["
        yield "        keras.callbacks.ModelCheckpoint("
        yield f'            args.output, monitor="{watched}", save_best_only=True, save_weights_only=True'
        yield "        ),"
        if self._schedule is not None:
            yield '        Rate(args, len(next(iter(data["train"].values())))),'
        if (minutes := self._options["max_minutes"]) is not None:
            yield f"        Limit({60.0 * minutes!r}),"
        if (patience := self._options["patience"]) is not None:
            gain = float(self._options["least_gain"])
            more = f", min_delta={gain!r}" if gain else ""
            call = f'keras.callbacks.EarlyStopping("{watched}"{more}, patience={patience})'
            *lines, end = statement(8, "", call)
            yield from [*lines, f"{end},"]
        yield "    ]"
        yield "    model.fit("
        yield "        inputs,"
        yield "        targets,"
        yield "        batch_size=args.batch_size,"
        yield "        epochs=args.epochs,"
        if self._validates():
            yield '        validation_data=fed(data["validation"]),'
        yield "        callbacks=callbacks,"
        yield "        verbose=2,"
        yield "    )"

    def _validates(self) -> bool:
        return len(self._prepared.parts["validation"]) > 0

    def _arguments(self) -> list[str]:
        trained = near(self._trained())
        rows = [
            *([READ] if self._code.reads else ()),
            ("--epochs", f"type=int, default={self._options['epochs']}", "passes over the training part"),
            ("--batch-size", f"type=int, default={self._options['batch_size']}", "samples of a step"),
            ("--lr", f"type=float, default={self.compiled.rate!r}", "the learning rate"),
            ("--seed", f"type=int, default={self._options['seed']}", "of initial weights and order"),
            ("--weights", "type=Path", "a .weights.h5 file to begin with, or to evaluate"),
            ("--evaluate", 'action="store_true"', "measure the weights, and train nothing"),
            ("--output", f"type=Path, default={trained}", "where the best weights go"),
        ]
        return argument_lines(rows)

    def _main(self) -> Iterator[str]:
        yield "def main() -> None:"
        yield '    """Train or evaluate, as the command line says."""'
        yield "    args = parsed_arguments()"
        yield "    keras.utils.set_random_seed(args.seed)"
        yield f"    data = load_data({'args.data' if self._code.reads else ''})"
        yield "    model = build_model()"
        arguments: list[str] = []
        for argument in self.compiled.arguments:
            name, _, text = argument.partition("=")
            if text.startswith("{"):
                yield from listed(4, f"{SEVERAL[name]} = ", _items(text), "{}")
                argument = f"{name}={SEVERAL[name]}"
            arguments.append(argument)
        yield from statement(4, "", f"model.compile({', '.join(arguments)})")
        yield "    if args.weights is not None:"
        yield "        model.load_weights(args.weights)"
        yield "    if not args.evaluate:"
        yield "        train(args, model, data)"
        yield "        model.load_weights(args.output)"
        yield '    for part in ("validation", "test"):'
        yield "        if len(next(iter(data[part].values()))):"
        yield "            inputs, targets = fed(data[part])"
        yield "            found = model.evaluate(inputs, targets, return_dict=True, verbose=0)"
        yield "            for name, value in found.items():"
        yield '                print(f"{part} {name} {value:.4f}")'
        yield ""
        yield ""
        yield 'if __name__ == "__main__":'
        yield "    main()"


RATE = (
    "class Rate(keras.callbacks.Callback):",
    '    """Sets the learning rate at every step, as the schedule says."""',
    "",
    "    def __init__(self, args: argparse.Namespace, count: int) -> None:",
    "        super().__init__()",
    "        per_epoch = -(-count // args.batch_size)",
    "        self.rate, self.step = args.lr, 0",
    "        self.schedule = make_schedule(args.epochs * per_epoch, per_epoch)",
    "",
    "    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:",
    '        """Before each step."""',
    "        self.model.optimizer.learning_rate = self.rate * self.schedule(self.step)",
    "        self.step += 1",
)


LIMIT = (
    "class Limit(keras.callbacks.Callback):",
    '    """Ends the training after so many seconds."""',
    "",
    "    def __init__(self, seconds: float) -> None:",
    "        super().__init__()",
    "        self.end = time.monotonic() + seconds",
    "",
    "    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:",
    '        """After each step; the epoch is over, and validated."""',
    "        if time.monotonic() >= self.end:",
    "            self.model.stop_training = True",
)


def _items(text: str) -> list[tuple[str, str]]:
    """The keys and values of a dictionary's text."""
    tree = ast.parse(text, mode="eval").body
    assert isinstance(tree, ast.Dict)
    pairs = zip(tree.keys, tree.values, strict=True)
    segments = (
        (ast.get_source_segment(text, one), ast.get_source_segment(text, of)) for one, of in pairs if one
    )
    return [(f"{key}: ", str(value)) for key, value in segments]


def _assigned(name: str, texts: Mapping[str, str]) -> list[str]:
    """One expression, or several in a dictionary."""
    if len(texts) == 1:
        return statement(4, f"{name} = ", next(iter(texts.values())))
    return [f"    {name} = {{", *(f'        "{key}": {one},' for key, one in texts.items()), "    }"]
