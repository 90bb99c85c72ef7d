"""The import of a module: it is run on small inputs, drawn, and the drawing is compared with it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from studio.build.check import Checker
from studio.build.network import Network
from studio.build.plan import Checked
from studio.errors import StudioError
from studio.interchange.foreign.faults import in_a_line
from studio.interchange.imported import Imported, ModulePath, Told, Trial
from studio.interchange.modules.arguments import Arguments, arguments
from studio.interchange.modules.comparing import ACCURATE, SEED, largest_difference, seed
from studio.interchange.modules.drawing import Drawing
from studio.interchange.modules.fitness import evaluate, make_fit
from studio.interchange.modules.fitting import Form, UnequalError, fitted, fixed
from studio.interchange.modules.gradients import OTHERWISE, learns_otherwise
from studio.interchange.modules.guarding import LONGEST, guarded, unchanged
from studio.interchange.modules.merging import merged
from studio.interchange.modules.recording import Recording, record
from studio.interchange.modules.state import kept_between_calls
from studio.interchange.modules.values import Place, UndrawableError, placed, values_in
from studio.project.project import Project

FAULTS = (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError)
"""What a drawing may raise that does not run."""
Like = Callable[[int], tuple[Sequence[Any], Mapping[str, Any]]]
"""Arguments of a forward for a number of samples, other values every time."""


def import_module(
    module: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    name: str = "imported",
    like: Like | None = None,
) -> Imported:
    """A module as a drawing with its weights, and how far the drawing's results are from the module's.

    `args` and `kwargs` are what its forward takes: small real inputs, the batch first. `like` gives others
    for a number of samples; left out, they are drawn from the values of those given. The module's own
    code runs. Raises StudioError where it cannot be run or drawn.
    """
    make_fit(module, args, kwargs or {})
    with guarded(module) as printed:
        evaluate(module)
        given = arguments(module, args, kwargs or {})
        found = _Import(module, given, name, like).run()
    told = list(found.report)
    if text := printed.getvalue().strip():
        told.append(Told("warning", None, f"While it ran it printed: {text[:LONGEST]}"))
    return Imported(
        found.project, found.weights, tuple(told), found.largest_difference, found.origin, found.classes,
        found.trials,
    )  # fmt: skip


class _Import:
    """One import, step by step."""

    def __init__(self, module: nn.Module, given: Arguments, name: str, like: Like | None) -> None:
        self._module, self._given, self._name, self._like = module, given, name, like
        self._generator = torch.Generator().manual_seed(SEED)
        self._told: list[Told] = []
        self._opened = frozenset[int]()
        self._closed: dict[ModulePath, str] = {}

    def run(self) -> Imported:
        """Draw it, closing what cannot be read: the module at fault first, then the one around it."""
        reason = ""
        while True:
            try:
                return self._once()
            except UndrawableError as error:
                fixed_only = next((one.message for one in self._told), "")
                where = f"{'.'.join(error.path)}: " if error.path else ""
                reason = reason or f"{where}{error} {fixed_only}".strip()
                outward = (error.path[:depth] for depth in range(len(error.path), -1, -1))
                path = next((one for one in outward if one not in self._closed), None)
                if path is None:
                    raise StudioError(
                        f"{type(self._module).__name__} cannot be drawn: {reason}.",
                        "Import the part of it that is a plain network.",
                    ) from error
                self._closed[path] = str(error)
                self._told.clear()

    def _once(self) -> Imported:
        batch = max(2, self._given.batch)
        first = self._given if batch == self._given.batch else self._resized(batch)
        second = self._resized(batch + 1)
        one = self._record(first)
        if again := _shared(one, self._module):
            self._opened |= again
            one = self._record(first)
        if not one.outputs:
            message = f"{type(self._module).__name__} returns no tensor, so there is nothing to draw."
            raise StudioError(message, "Let its forward return what it computes.")
        form, other = self._fitted(one, first, second, batch)
        drawing = Drawing(form, self._module)
        checked = Checker().check(Project(name=self._name, graph=drawing.graph), {})
        if checked.errors:
            raise _not_checked(checked, drawing)
        try:
            network = Network(checked.plan).eval()
            network.load_state_dict(dict(drawing.weights))
            trials, largest = self._compared(checked, drawing, network, second, other, batch)
        except FAULTS as error:
            raise UndrawableError(f"the drawing does not run: {in_a_line(error)}") from error
        ran = second if other else first
        if largest <= ACCURATE and learns_otherwise(self._module, ran, drawing, network, checked.plan):
            self._told.append(OTHERWISE)
        fewest = 1 if other else ran.batch
        if kept := kept_between_calls(self._module, self._resized(fewest), self._resized(fewest)):
            self._told.append(kept)
        told = (*self._told, *self._kept(drawing), *_baked(form, drawing))
        origin, classes = drawing.origin, _classes(self._module)
        return Imported(checked.project, drawing.weights, told, largest, origin, classes, tuple(trials))

    def _resized(self, batch: int) -> Arguments:
        if self._like is None:
            return self._given.resized(batch, self._generator)
        args, kwargs = self._like(batch)
        return arguments(self._module, args, kwargs)

    def _record(self, given: Arguments) -> Recording:
        closed = frozenset(self._closed)
        try:
            with unchanged(self._module):
                seed()
                once = given.copied()
                return record(self._module, once.args, once.kwargs, once.tensors, self._opened, closed)
        except (StudioError, UndrawableError):
            raise
        except Exception as error:
            raise _not_run(self._module, given, error) from error

    def _fitted(
        self, one: Recording, first: Arguments, given: Arguments, batch: int
    ) -> tuple[Form, Recording | None]:
        """The form at any number of samples; at the one it was run with where it has another at others."""
        try:
            other = self._record(given)
            with contextlib.suppress(UnequalError):
                return fitted(one, other, batch, batch + 1), other
            with contextlib.suppress(UnequalError):
                return fitted(merged(one), merged(other), batch, batch + 1), other
            one, other = self._record(first), self._record(given)  # now that tables of its own are made
            return fitted(one, other, batch, batch + 1), other
        except (UnequalError, StudioError) as error:
            path = error.path if isinstance(error, UnequalError) else ()
            where = ".".join(path) or "it"
            if any(path[:depth] not in self._closed for depth in range(len(path), 0, -1)):
                raise UndrawableError(f"what {where} does depends on the samples: {error}", path) from error
            why = f"depends on the number of samples ({error})"
            told = f"What {where} does {why}: the drawing holds for {batch}."
            self._told.append(Told("warning", None, told))
            return fixed(one), None

    def _kept(self, drawing: Drawing) -> Iterator[Told]:
        """The modules that stayed one node."""
        for name, node in drawing.nodes.items():
            reason = self._closed.get(drawing.origin[name])
            if node.type in ("Module", "PythonLayer") and reason is not None:
                of = type(self._module.get_submodule(".".join(drawing.origin[name])))
                text = f"{of.__module__}.{of.__qualname__} could not be read ({reason}): it stays one node."
                yield Told("warning", name, text, "Trust it to run the drawing; it trains like any layer.")

    def _trial(self, drawing: Drawing, batch: int) -> Trial:
        given = self._resized(batch)
        results = {drawing.outputs[place]: one for place, one in self._answers(given).items()}
        return Trial(_inputs(drawing, given), results)

    def _answers(self, given: Arguments) -> dict[Place, Tensor]:
        with torch.no_grad(), unchanged(self._module):
            seed()
            once = given.copied()
            return {place: one.clone() for place, one in placed(self._module(*once.args, **once.kwargs))}

    def _compared(
        self,
        checked: Checked,
        drawing: Drawing,
        network: Network,
        second: Arguments,
        other: Recording | None,
        batch: int,
    ) -> tuple[list[Trial], float]:
        """The trials, and the largest difference on them. A single sample costs least: it is the other number
        of samples, unless the module does something else with one alone.
        """
        trials: list[Trial] = []
        if other is not None:
            results = {drawing.outputs[place]: one for place, one in other.outputs.items()}
            trials.append(Trial(_inputs(drawing, second), results))
            alone = self._alone(checked, drawing, network)
            if alone is not None:
                return [*trials, alone], largest_difference(checked, network, trials)
        trials.append(self._trial(drawing, batch + 2 if other else batch))
        largest = largest_difference(checked, network, trials)
        if largest > ACCURATE:
            told = f"The drawing's results differ from the module's by up to {largest:.1e} of the largest."
            self._told.append(Told("warning", None, told))
        return trials, largest

    def _alone(self, checked: Checked, drawing: Drawing, network: Network) -> Trial | None:
        """A trial of one sample; None where the drawing's results are not the module's there."""
        try:
            trial = self._trial(drawing, 1)
            apart = largest_difference(checked, network, [trial])
        except Exception:  # Foreign code may raise anything where it is to work on one sample alone.
            return None
        return trial if apart <= ACCURATE else None


def _inputs(drawing: Drawing, given: Arguments) -> dict[str, Tensor]:
    """Copies of the tensors, by the names of Input nodes, as these take them."""
    return drawing.taken({name: one.detach().clone() for name, one in given.tensors.items()})


def _shared(one: Recording, module: nn.Module) -> frozenset[int]:
    """The modules that cannot be layers as they stand, since their weights are read elsewhere too."""
    readers: dict[int, int] = {}
    parameters = {name: id(one) for name, one in module.named_parameters()}
    for op in one.ops:
        if op.leaf is not None:
            held = {id(weight) for weight in (*op.leaf.module.parameters(), *op.leaf.module.buffers())}
        else:
            named = (value.name for value in values_in((op.args, op.kwargs)) if value.kind == "parameter")
            held = {parameters[name] for name in named}
        for key in held:
            readers[key] = readers.get(key, 0) + 1
    return frozenset(
        id(op.leaf.module)
        for op in one.ops
        if op.leaf is not None
        and any(readers.get(id(weight), 0) > 1 for weight in op.leaf.module.parameters())
    )


def _classes(module: nn.Module) -> dict[ModulePath, str]:
    return {
        tuple(name.split(".")) if name else (): type(one).__name__ for name, one in module.named_modules()
    }


def _baked(form: Form, drawing: Drawing) -> Iterator[Told]:
    """What was read off tensors as plain Python, and so stands in the drawing as it was."""
    seen: set[ModulePath] = set()
    for path, function, _ in form.baked:
        if path in seen:
            continue
        seen.add(path)
        where = ".".join(path) or "The module"
        node = next((name for name, at in drawing.origin.items() if at == path), None)
        yield Told(
            "warning", node, f"{where} reads a value off a tensor ({function.strip('_')}): the drawing keeps "
            "what it was for the inputs given.", "Compare it with the original on inputs of your own.",
        )  # fmt: skip


def _not_run(module: nn.Module, given: Arguments, error: Exception) -> StudioError:
    shapes = ", ".join(f"{name} {'×'.join(map(str, one.shape))}" for name, one in given.tensors.items())
    return StudioError(
        f"{type(module).__name__} failed on inputs of {shapes}: {in_a_line(error)}",
        "Give inputs of the shapes it takes.",
    )


def _not_checked(checked: Checked, drawing: Drawing) -> UndrawableError:
    first = checked.errors[0]
    more = f" ({len(checked.errors)} such problems)" if len(checked.errors) > 1 else ""
    path = drawing.origin.get(first.node or "", ())
    return UndrawableError(f"{first.message}{more}. {first.hint}".rstrip(". "), path)
