"""A first network for data that was just chosen: small, plain, and fit to be trained at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import prod

from studio.project.edits import name_for
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node, free_name
from studio.project.params import Value
from studio.project.project import Project

ACROSS, DOWN, IN_A_ROW = 250.0, 170.0, 4
WIDTH = 64
SMALLEST_MAP = 8
"""Pictures are halved until their shorter side is about this."""
MOST_HALVINGS = 4
LONGEST_PLAIN = 1024
"""Rows of more numbers than this are looked at in windows first."""
FEW_SAMPLES, MANY_EPOCHS = 20_000, 30
VERY_FEW, SMALLER = 300, 4
"""So few samples get a network that many times narrower, since they could not fill a wider one."""
FEWEST_COPIED, MOST_COPIED, MOST_COPIED_POINTS = 4, 4096, 2**22
"""Numbers of a sample, and those of a picture, for it to be made again from less."""
NARROWER = 8
"""What is made again goes through about so many times fewer numbers."""
LARGEST_BATCH, LEAST_BATCHES = 64, 8
FEATURES = "features"


@dataclass
class _Drawing:
    """Nodes in rows as they are read, each wired to the one before; widths are divided by `smaller`."""

    smaller: int = 1
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    row: int = 0
    column: int = 0

    def add(self, type: str, after: str = "", name: str = "", **params: Value) -> str:
        """Place a node behind another; gives its name."""
        found = free_name(name or name_for(type), self.nodes)
        if self.column == IN_A_ROW:
            self.row, self.column = self.row + 1, 0
        self.nodes[found] = Node(found, type, params, (self.column * ACROSS, self.row * DOWN))
        self.column += 1
        if after:
            self.wire(after, found)
        return found

    def wire(self, source: str, target: str, port: str = "input", index: int = 0) -> None:
        self.edges.append(Edge(Endpoint(source, "output"), Endpoint(target, port, index)))

    def new_row(self) -> None:
        if self.column:
            self.row, self.column = self.row + 1, 0


def first_network(project: Project, fields: Mapping[str, Field], samples: int = 0) -> Project | None:
    """The project with a network that predicts the first target from all inputs or, where nothing is a
    target, makes its one input again from less; None where no small network could be drawn. Few samples are
    seen more often.
    """
    target = next((one for one in fields.values() if one.role == "target"), None)
    inputs = _inputs(fields.values())
    drawing = _Drawing(SMALLER if 0 < samples < VERY_FEW else 1)
    if not inputs or not _drawn(drawing, inputs, target):
        return None
    made = project.with_graph(Graph(drawing.nodes, tuple(drawing.edges)))
    if project.training.options or not 0 < samples < FEW_SAMPLES:
        return made
    options: dict[str, Value] = {"epochs": MANY_EPOCHS}
    batch = LARGEST_BATCH
    while batch * LEAST_BATCHES > samples and batch > 1:
        batch //= 2
    if batch != LARGEST_BATCH:
        options["batch_size"] = batch
    return replace(made, training=replace(made.training, options=options))


def _drawn(drawing: _Drawing, inputs: list[Field], target: Field | None) -> bool:
    """Whether a network could be drawn."""
    if target is None:
        return _itself(drawing, inputs)
    if not _predictable(target):
        return False
    if _tokens(target):
        return _next_tokens(drawing, inputs, target)
    if target.classes is not None and len(target.shape) == 2:
        return _every_place(drawing, inputs, target, len(target.classes))
    if len(target.shape) == 3:
        return _another_picture(drawing, inputs, target)
    return _one_answer(drawing, inputs, target)


def _inputs(fields: Iterable[Field]) -> list[Field]:
    """What enters: where numbers were put together, not each of them once more."""
    inputs = [one for one in fields if one.role == "input"]
    if any(one.name == FEATURES for one in inputs):
        return [one for one in inputs if one.name == FEATURES or prod(one.shape) > 1]
    return inputs


def _tokens(one: Field) -> bool:
    """Whether a field is a row of numbers that stand for words or letters."""
    return one.dtype == "int64" and len(one.shape) == 1


def _predictable(target: Field) -> bool:
    if _tokens(target):
        return True
    if target.classes is not None:
        return len(target.shape) in (0, 2)
    return target.dtype == "float32" and len(target.shape) <= (3 if target.picture else 2)


def _one_answer(drawing: _Drawing, inputs: list[Field], target: Field) -> bool:
    """Each input on a branch of its own, then together to classes or numbers."""
    ends = [_branch(drawing, one) for one in inputs]
    last = ends[0]
    if len(ends) > 1:
        drawing.new_row()
        last = drawing.add("Concat", name="together")
        for index, end in enumerate(ends):
            drawing.wire(end, last, "inputs", index)
        last = drawing.add(
            "ReLU", drawing.add("Linear", last, "hidden", out_features=WIDTH // drawing.smaller)
        )
    if target.classes is not None:
        scores = drawing.add("Linear", last, "scores", out_features=len(target.classes))
        _loss(drawing, "CrossEntropy", scores, target)
        return True
    last = drawing.add("Linear", last, "answer", out_features=prod(target.shape))
    if len(target.shape) == 2:
        last = drawing.add("Unflatten", last, unflattened_size=target.shape)
    elif not target.shape:
        last = drawing.add("Squeeze", last)
    _loss(drawing, "MSE", last, target)
    return True


def _loss(drawing: _Drawing, type: str, scores: str, target: Field) -> None:
    drawing.wire(scores, drawing.add(type, name="loss", target=target.name), "prediction")
    if type == "MSE":
        drawing.nodes["loss"] = drawing.nodes["loss"].with_params(metrics=("mae", "r2"))


def _itself(drawing: _Drawing, inputs: list[Field]) -> bool:
    """An autoencoder: the input through a narrow place, and made again behind it."""
    one = inputs[0]
    picture = len(one.shape) == 3 and prod(one.shape) > LONGEST_PLAIN
    most = MOST_COPIED_POINTS if picture else MOST_COPIED
    if len(inputs) > 1 or one.dtype != "float32" or not FEWEST_COPIED <= prod(one.shape) <= most:
        return False
    first = last = drawing.add("Input", name=one.name, field=one.name)
    last = _picture_again(drawing, last, one.shape) if picture else _numbers_again(drawing, last, one.shape)
    drawing.new_row()
    drawing.wire(last, drawing.add("MSE", name="loss"), "prediction")
    drawing.wire(first, "loss", "target")
    return True


def _numbers_again(drawing: _Drawing, last: str, shape: tuple[int, ...]) -> str:
    if len(shape) > 1:
        last = drawing.add("Flatten", last)
    narrow = max(2, min(prod(shape) // NARROWER, WIDTH // 2))
    for name, width in (("hidden", WIDTH), ("code", narrow), ("wider", WIDTH)):
        last = drawing.add("ReLU", drawing.add("Linear", last, name, out_features=width))
    last = drawing.add("Linear", last, "again", out_features=prod(shape))
    return drawing.add("Unflatten", last, unflattened_size=shape) if len(shape) > 1 else last


def _picture_again(drawing: _Drawing, last: str, shape: tuple[int, ...]) -> str:
    """Halved until it is small, and grown back through the same sizes."""
    channels, *size = shape
    sizes: list[tuple[int, ...]] = []
    while min(size) >= 2 * SMALLEST_MAP and len(sizes) < MOST_HALVINGS:
        last = _rectified(drawing, last, 2, out_channels=16 if not sizes else 32, padding="same")
        last = drawing.add("MaxPool2d", last, "pool")
        sizes.append(tuple(size))
        size = [side // 2 for side in size]
    last = _rectified(drawing, last, 2, "code", out_channels=NARROWER, padding="same")
    for larger in reversed(sizes):
        last = drawing.add("Upsample", last, "grow", size=larger)
        last = _rectified(drawing, last, 2, out_channels=16 if larger == sizes[0] else 32, padding="same")
    return drawing.add("Conv2d", last, "again", out_channels=channels, padding="same")


def _next_tokens(drawing: _Drawing, inputs: list[Field], target: Field) -> bool:
    """At each place of a text what comes there in the target, from all before."""
    text = next((one for one in inputs if _tokens(one) and one.shape == target.shape), None)
    if text is None:
        return False
    last = drawing.add("Input", name=text.name, field=text.name)
    width = 2 * WIDTH // drawing.smaller
    last = drawing.add("Embedding", last, num_embeddings=_known(text), embedding_dim=width // 2)
    last = drawing.add("LSTM", last, "memory", hidden_size=width)
    last = drawing.add("Linear", last, "scores", out_features=_known(target))
    _loss(drawing, "CrossEntropy", drawing.add("Permute", last, "by_token"), target)
    return True


def _known(one: Field) -> int:
    """How many different tokens there are."""
    return max(2, len(one.classes) if one.classes is not None else int(one.high or 0) + 1)


def _every_place(drawing: _Drawing, inputs: list[Field], target: Field, classes: int) -> bool:
    """A class for each point of a picture of the same size."""
    picture = next((one for one in inputs if one.shape[1:] == target.shape), None)
    if picture is None:
        return False
    last = _wide_view(drawing, picture)
    _loss(
        drawing,
        "CrossEntropy",
        drawing.add("Conv2d", last, "scores", out_channels=classes, kernel_size=1),
        target,
    )
    drawing.nodes["loss"] = drawing.nodes["loss"].with_params(metrics=("accuracy", "iou"))
    return True


def _another_picture(drawing: _Drawing, inputs: list[Field], target: Field) -> bool:
    """A picture made of another one, of the size that is to come out."""
    picture = next((one for one in inputs if len(one.shape) == 3 and one.dtype == "float32"), None)
    if picture is None:
        return False
    last = _wide_view(drawing, picture)
    if picture.shape[1:] != target.shape[1:]:
        last = drawing.add("Upsample", last, "resize", size=target.shape[1:])
    _loss(
        drawing,
        "MSE",
        drawing.add("Conv2d", last, "answer", out_channels=target.shape[0], kernel_size=1),
        target,
    )
    return True


def _wide_view(drawing: _Drawing, picture: Field) -> str:
    """For each point of a picture what lies around it, near and far."""
    last = drawing.add("Input", name=picture.name, field=picture.name)
    for dilation in (1, 2, 4, 1):
        last = _rectified(
            drawing, last, 2, out_channels=32 // drawing.smaller, padding="same", dilation=dilation
        )
    return last


def _branch(drawing: _Drawing, one: Field) -> str:
    """From an input to a row of numbers for each sample."""
    drawing.new_row()
    last = drawing.add("Input", name=one.name, field=one.name)
    if one.classes is not None and not one.shape:
        return drawing.add(
            "Embedding", last, num_embeddings=len(one.classes), embedding_dim=16 // drawing.smaller
        )
    if _tokens(one):
        return _words(drawing, last, one)
    if one.dtype != "float32":
        last = drawing.add("Cast", last)
    match one.shape:
        case ():
            return _dense(drawing, drawing.add("Reshape", last, shape=1))
        case (_, _, _):
            return _picture(drawing, last, one)
        case (channels, length) if channels * length > LONGEST_PLAIN:
            return _sound(drawing, last, length)
        case (_,):
            return _dense(drawing, last)
        case _:
            return _dense(drawing, drawing.add("Flatten", last))


def _dense(drawing: _Drawing, last: str) -> str:
    for _ in range(2):
        last = drawing.add(
            "ReLU", drawing.add("Linear", last, "hidden", out_features=WIDTH // drawing.smaller)
        )
    return last


def _words(drawing: _Drawing, last: str, one: Field) -> str:
    """A learned vector for each token; their mean; what it says."""
    known = len(one.classes) if one.classes is not None else int(one.high or 0) + 1
    last = drawing.add(
        "Embedding", last, num_embeddings=max(known, 2), embedding_dim=WIDTH // drawing.smaller
    )
    last = drawing.add("Mean", last, dim=1)
    return drawing.add("ReLU", drawing.add("Linear", last, "hidden", out_features=WIDTH // drawing.smaller))


def _picture(drawing: _Drawing, last: str, one: Field) -> str:
    """Convolutions, halving the picture between them, and the mean of each channel at the end."""
    side, width = min(one.shape[1:]), 16 // drawing.smaller
    last = _rectified(drawing, last, 2, out_channels=width, padding="same")
    halvings = 0
    while side >= 2 * SMALLEST_MAP or (halvings < 1 and side >= SMALLEST_MAP):
        if halvings == MOST_HALVINGS:
            break
        last = drawing.add("MaxPool2d", last, "pool")
        side, halvings, width = side // 2, halvings + 1, min(2 * width, 128 // drawing.smaller)
        last = _rectified(drawing, last, 2, out_channels=width, padding="same")
    return drawing.add("Flatten", drawing.add("AdaptiveAvgPool2d", last, "mean"))


def _sound(drawing: _Drawing, last: str, length: int) -> str:
    """Convolutions over time with long steps, and the mean of each channel at the end."""
    width = 16 // drawing.smaller
    for _ in range(MOST_HALVINGS):
        if length < 16:
            break
        last = _rectified(drawing, last, 1, out_channels=width, kernel_size=9, stride=4, padding=4)
        length, width = (length + 3) // 4, min(2 * width, 128 // drawing.smaller)
    return drawing.add("Flatten", drawing.add("AdaptiveAvgPool1d", last, "mean"))


def _rectified(drawing: _Drawing, last: str, dimensions: int, name: str = "conv", **params: Value) -> str:
    last = drawing.add(f"Conv{dimensions}d", last, name, bias=False, **params)
    return drawing.add("ReLU", drawing.add(f"BatchNorm{dimensions}d", last, "norm"))
