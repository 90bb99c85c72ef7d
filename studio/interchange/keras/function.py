"""The body of one function of Keras source: the layers called in order, on tensors in the order they want."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.build.plan import Ref, Step
from studio.interchange.keras.naming import Naming
from studio.interchange.keras.orders import order_of_ref
from studio.interchange.keras.placed import Placed, placed_lines
from studio.interchange.keras.twin import HERE, Order, Said, Site, Twin
from studio.interchange.keras.twins import nearest, twin_of
from studio.interchange.pytorch import text
from studio.interchange.pytorch.class_lines import as_code
from studio.interchange.pytorch.lines import WIDTH, broken, statement
from studio.interchange.pytorch.shapes import Shapes
from studio.interchange.pytorch.values import Solved
from studio.project.graph import Endpoint, free_name

INDENT = 4
ANCHOR = "anchor"
"""What a function is given that takes no tensor: any, for layers that need one to be called on."""
TURNED = {"torch": "first", "last": "last"}
"""What a tensor is called behind its name once its channels were moved."""


@dataclass(frozen=True, slots=True)
class Written:
    """A function's lines, the pieces that the source must hold, and the order of each result."""

    lines: tuple[str, ...]
    copies: tuple[str, ...]
    results: tuple[str, ...]
    orders: tuple[Order, ...]


class Body:
    """Writes one function; `inputs` are its tensors by name with their orders.

    `taken` are names that no variable may have, `prefix` is the variable of the name before all names.
    """

    def __init__(
        self,
        solved: Solved,
        steps: Sequence[Step],
        inputs: Mapping[str, Order],
        shapes: Shapes,
        placed: Mapping[str, Placed],
        taken: set[str],
        naming: Naming,
        prefix: str = "",
    ) -> None:
        self._solved, self._steps, self._shapes, self._placed = solved, steps, shapes, placed
        self._naming, self._prefix = naming, prefix
        self._taken = set(taken)
        self.lines: list[str] = []
        self.copies: dict[str, None] = {}
        self._where: dict[Ref, dict[Order, str]] = {}
        self._ranks: dict[Ref, int] = {}
        self._used = {ref for step in steps for ref in step.args} | set(solved.kind.results)
        for name in inputs:
            self._taken.add(name)
        for step in solved.kind.plan.inputs:
            if step.name in inputs:
                ref = Endpoint(step.name, "output")
                self._where[ref] = {inputs[step.name]: step.name}
                self._ranks[ref] = len(step.type.shape)
        self._anchor = next(iter(inputs), ANCHOR)

    def write(self, wanted: Mapping[Ref, Order]) -> Written:
        """All lines; `wanted` are orders that results shall have."""
        for step in self._steps:
            if step.inner:
                self._block(step)
            else:
                self._layer(step)
        results: list[str] = []
        orders: list[Order] = []
        for ref in self._solved.kind.results:
            order = wanted.get(ref) or self._order(ref)
            results.append(self.read(ref, order))
            orders.append(order)
        return Written(tuple(self.lines), tuple(self.copies), tuple(results), tuple(orders))

    def _order(self, ref: Ref) -> Order:
        """The order that a tensor was made in."""
        return next(iter(self._where[ref]))

    def read(self, ref: Ref, order: Order) -> str:
        """The variable that holds a tensor in an order, moved there where it is not yet."""
        rank, known = self._ranks[ref], self._where[ref]
        if rank < 3:
            return next(iter(known.values()))
        if order not in known:
            source = next(iter(known.values()))
            name = self._free(f"{source}_{TURNED[order]}")
            places = (*range(2, rank), 1) if order == "last" else (rank - 1, *range(1, rank - 1))
            self.lines += statement(INDENT, f"{name} = ", f"layers.Permute({places})({source})")
            known[order] = name
        return known[order]

    def _free(self, name: str) -> str:
        found = free_name(name, self._taken)
        self._taken.add(found)
        return found

    def _common(self, step: Step) -> Order:
        """The order of the tensors of a step that takes them as they are: one for all."""
        ranks = {self._ranks[ref] for ref in step.args if self._ranks[ref] > 2}
        mixed = len({self._ranks[ref] for ref in step.args}) > 1
        orders = {self._order(ref) for ref in step.args if self._ranks[ref] > 2}
        return "last" if len(ranks) == 1 and not mixed and "last" in orders else "torch"

    def _layer(self, step: Step) -> None:
        twin = twin_of(step)
        if twin is None:
            self._missing(step)
            return
        order = self._order_for(step, twin)
        inputs = tuple(self.read(ref, order) for ref in step.args)
        outputs = self._outputs(step)
        said = twin.write(self._site(step, inputs, order, outputs))
        self.copies |= dict.fromkeys(said.copies)
        self._emit(step, said, inputs, outputs)
        for at, port in enumerate(step.layer.outputs):
            ref = Endpoint(step.name, port.name)
            rank = self._ranks[ref] = len(step.outputs[at].shape)
            made: Order = said.orders[at] if at < len(said.orders) else order
            variable = outputs[port.name] if said.chain else inputs[0]
            self._where[ref] = {made if rank > 2 else "torch": variable}
        if not said.chain:
            return
        self._comment(step)

    def _order_for(self, step: Step, twin: Twin) -> Order:
        """The order in which a twin gets its tensors."""
        wanted = twin.order(step)
        if twin.as_is:
            return self._order(step.args[0])
        return self._common(step) if wanted == "any" else wanted

    def _site(self, step: Step, inputs: tuple[str, ...], order: Order, outputs: Mapping[str, str]) -> Site:
        values = {name: as_code(value) for name, value in self._solved.given[step.name].items()}
        uses = tuple(use.steps[step.name] for use in self._solved.kind.uses)
        return Site(step, uses, inputs, order, self._name(step.name), values, outputs, self._anchor)

    def _name(self, node: str) -> str:
        if self._prefix:
            return f'f"{{{self._prefix}}}{self._naming.between}{node}"'
        return f'"{self._naming.renamed.get(node, node)}"'

    def _emit(self, step: Step, said: Said, inputs: Sequence[str], outputs: Mapping[str, str]) -> None:
        here = inputs[0] if inputs else self._anchor
        target = outputs[step.layer.outputs[0].name]
        for one in said.chain:
            to, expression = one if isinstance(one, tuple) else (target, one)
            self.lines += written(INDENT, f"{to} = ", expression.replace(HERE, here))
            here = target

    def _missing(self, step: Step) -> None:
        """A line that says what Keras cannot, where it would have to run."""
        reason = f"{step.name}: {nearest(step)}"
        self.lines += statement(INDENT, "raise ", f"NotImplementedError({text.literal(reason)})")
        for at, port in enumerate(step.layer.outputs):
            ref = Endpoint(step.name, port.name)
            self._ranks[ref] = len(step.outputs[at].shape)
            self._where[ref] = {"torch": self._outputs(step)[port.name]}

    def _outputs(self, step: Step) -> dict[str, str]:
        """A variable for each result that is used, named as the node, with the port behind for others."""
        found: dict[str, str] = {}
        for at, port in enumerate(step.layer.outputs):
            ref = Endpoint(step.name, port.name)
            piece = re.fullmatch(r"output(\d+)", port.name)
            behind = f"{step.name}_{piece[1] if piece else port.name}"
            name = behind if at or piece else step.name
            needed = ref in self._used or len(step.layer.outputs) == 1
            found[port.name] = self._free(name) if needed else "_"
        if set(found.values()) == {"_"}:
            found[step.layer.outputs[0].name] = self._free(step.name)
        return found

    def _comment(self, step: Step) -> None:
        """The shapes of the results that are used, behind the last line."""
        shapes: list[str] = []
        for at, port in enumerate(step.layer.outputs):
            ref = Endpoint(step.name, port.name)
            if ref in self._used or len(step.layer.outputs) == 1:
                shapes.append(shape_in(self._shapes.output(step.name, at), self._order(ref)))
        note = " and ".join(shapes) if all(shapes) else ""
        if (
            note
            and len(self.lines[-1]) + len(note) + 4 <= WIDTH
            and not self.lines[-1].strip().startswith(")")
        ):
            self.lines[-1] += f"  # {note}"

    def _block(self, step: Step) -> None:
        """The call of a block's function, or of those of its turns."""
        kinds = self._solved.kind.inner[step.name]
        first = self._placed[kinds[0].name]
        inputs = [self.read(ref, first.inputs[at]) for at, ref in enumerate(step.args)] or [self._anchor]
        outputs = self._outputs(step)
        results = [outputs[port.name] for port in step.layer.outputs]
        self.lines += placed_lines(
            self._solved,
            step,
            self._placed,
            inputs,
            results,
            (self._name(step.name), self._naming.between),
            self._free,
        )
        last = self._placed[kinds[-1].name]
        for at, port in enumerate(step.layer.outputs):
            ref = Endpoint(step.name, port.name)
            self._ranks[ref] = len(step.outputs[at].shape)
            self._where[ref] = {order_of_ref(last.outputs[at], self._ranks[ref]): outputs[port.name]}
        self._comment(step)


def written(indent: int, start: str, text: str) -> list[str]:
    """A statement; of a layer that is made and called, the making is what breaks over lines."""
    tree = ast.parse(text, mode="eval").body
    if len(text) + len(start) + indent <= WIDTH or not isinstance(tree, ast.Call):
        return statement(indent, start, text)
    if not isinstance(tree.func, ast.Call):
        return statement(indent, start, text)
    made = ast.get_source_segment(text, tree.func) or ""
    if indent + len(start) + len(made) < WIDTH and len(text) > len(made) + 2:
        return statement(indent, start, text)
    return broken(indent, start, made, text[len(made) :])


def shape_in(shape: str, order: Order) -> str:
    """The text of a shape, its channels last where the tensor has them so."""
    sizes = shape.strip("()").split(", ")
    if order == "torch" or len(sizes) < 3:
        return shape
    return f"({', '.join([sizes[0], *sizes[2:], sizes[1]])})"
