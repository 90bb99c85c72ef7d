"""Every loss trains a drawing on real tensors, is evaluated, and says what does not fit it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from studio.build.check import Checker
from studio.build.network import make_losses
from studio.catalog.registry import registry
from studio.cli import main
from studio.errors import Problem
from studio.project import storage
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Graph, Node
from studio.project.params import Value
from studio.project.project import Data, Project, Setting, Training
from studio.train.events import EpochEnded
from studio.train.runs import read_events
from tests.train.drawings import train

ROWS = 120


def arrays() -> dict[str, np.ndarray]:
    """Inputs and, by name, targets of every kind that follow from them."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 6)).astype(np.float32)
    total = x.sum(1)
    shares = np.exp(2 * x[:, :3])
    several = (x[:, :3] > 0).astype(np.float32)
    lists = np.full((ROWS, 3), -1)
    for row, chosen in enumerate(several > 0):
        found = np.flatnonzero(chosen)
        lists[row, : len(found)] = found
    return {
        "x": x,
        "picture": np.repeat(np.repeat(x[:, None, :2, None], 2, 2), 4, 3).astype(np.float32),
        "mask": np.repeat(np.repeat((x[:, :2] > 0).astype(np.int64)[:, :, None], 2, 1), 4, 2),
        "kind": np.digitize(total, (-1.0, 1.0)),
        "answer": (total > 0).astype(np.int64),
        "several": several,
        "lists": lists.astype(np.int64),
        "number": total[:, None],
        "count": rng.poisson(np.exp(total / 3)).astype(np.int64),
        "shares": (shares / shares.sum(1, keepdims=True)).astype(np.float32),
        "word": np.stack([1 + (x[:, 0] > 0), 1 + (x[:, 1] > 0)], 1).astype(np.int64),
    }


TARGETS = "kind, answer, several, number, count, shares"


@dataclass(frozen=True)
class Case:
    """A loss, the layers between the input and its ports, and the field it compares with."""

    type: str
    target: str
    wires: tuple[str, ...]
    nodes: tuple[Node, ...] = ()
    params: dict[str, Value] = field(default_factory=dict)
    steps: int = 6
    input: str = "x"

    @property
    def project(self) -> Project:
        """The drawing as a project on the arrays."""
        given = {"target": self.target} if self.target else {}
        nodes = (
            Node("x", "Input", {"field": self.input}),
            *self.nodes,
            Node("loss", self.type, {**given, **self.params}),
        )
        edges = []
        for text in self.wires:
            source, _, target = text.partition(" > ")
            of, _, out = source.partition(".")
            to, _, port = target.partition(".")
            edges.append(Edge(Endpoint(of, out or "output"), Endpoint(to, port or "input")))
        graph = Graph({node.name: node for node in nodes}, tuple(edges))
        source = Setting("Arrays", {"path": "data.npz", "target": TARGETS})
        training = Training(Setting("Adam", {"lr": 0.03}), Setting("Constant"),
                            {"epochs": self.steps, "batch_size": 42, "seed": 1})  # fmt: skip
        return Project(self.type, graph, Data(source, {"normalize": "none"}), training)


def linear(name: str, outputs: int) -> Node:
    return Node(name, "Linear", {"out_features": outputs})


def scores(
    type: str, target: str, outputs: int, *after: Node, port: str = "prediction", **params: Value
) -> Case:
    """A Linear of some outputs, perhaps something after it, into the loss."""
    row = (linear("fc", outputs), *after)
    wires = [
        f"{a} > {b}"
        for a, b in zip(("x", *(one.name for one in row)), (one.name for one in row), strict=False)
    ]
    return Case(type, target, (*wires, f"{row[-1].name} > loss.{port}"), row, params)


def several(type: str, target: str, **ports: Node) -> Case:
    """A layer for each port."""
    wires = [
        wire for port, node in ports.items() for wire in (f"x > {node.name}", f"{node.name} > loss.{port}")
    ]
    return Case(type, target, tuple(wires), tuple(ports.values()))


LOG = Node("log", "LogSoftmax")
SHARE = Node("share", "Sigmoid")
CONV = Node("conv", "Conv2d", {"out_channels": 2, "kernel_size": 1})
ONE = Node("conv", "Conv2d", {"out_channels": 1, "kernel_size": 1})
CASES = (
    scores("CrossEntropy", "kind", 3),
    scores("CrossEntropy", "kind", 3, class_weights="1, 2, 0.5", label_smoothing=0.1),
    scores("CrossEntropy", "kind", 3, class_weights="balanced",
           metrics=("accuracy", "topk", "top5", "precision", "recall", "f1", "auroc", "average_precision",
                    "perplexity", "iou", "dice")),
    scores("CrossEntropy", "kind", 3, ignore_index=1),
    scores("NLL", "kind", 3, LOG),
    scores("NLL", "kind", 3, LOG, class_weights="1, 2, 0.5", ignore_index=1),
    scores("NLL", "kind", 3, LOG, class_weights="balanced"),
    scores("BCEWithLogits", "answer", 1,
           metrics=("accuracy", "precision", "recall", "f1", "auroc", "average_precision", "iou", "dice")),
    scores("BCEWithLogits", "several", 3),
    scores("BCE", "answer", 1, SHARE, metrics=("accuracy", "auroc")),
    scores("Focal", "kind", 3),
    scores("Focal", "answer", 1, mode="yes or no", alpha=0.4),
    Case("Dice", "mask", ("x > conv", "conv > loss.prediction"), (CONV,), input="picture"),
    replace(scores("Dice", "answer", 1), params={"mode": "yes or no"}),
    scores("MultiMargin", "kind", 3, margin=0.8, p=2),
    scores("MultiLabelMargin", "lists", 3),
    scores("MultiLabelSoftMargin", "several", 3),
    scores("MSE", "number", 1, metrics=("mae", "mse", "rmse", "r2")),
    scores("L1", "number", 1),
    scores("SmoothL1", "number", 1, beta=0.5),
    scores("Huber", "number", 1),
    scores("PoissonNLL", "count", 1),
    scores("PoissonNLL", "count", 1, Node("soft", "Softplus"), log_input=False),
    Case("GaussianNLL", "number",
         ("x > mean", "mean > loss.prediction", "x > width", "width > soft", "soft > loss.variance"),
         (linear("mean", 1), linear("width", 1), Node("soft", "Softplus"))),
    scores("FormulaLoss", "number", 1),
    scores("FormulaLoss", "number", 1, formula="mean(log(cosh(prediction - target)))"),
    Case("FormulaLoss", "", ("x > mean", "x > width", "mean > loss.mu", "width > loss.logvar"),
         (linear("mean", 4), linear("width", 4)),
         {"formula": "-0.5 * mean(1 + logvar - mu ** 2 - exp(logvar))"}),
    scores("KLDiv", "shares", 3, LOG),
    scores("CTC", "word", 15, Node("turn", "Reshape", {"shape": (5, 3)}),
           Node("log", "LogSoftmax", {"dim": -1})),
    several("TripletMargin", "", anchor=linear("a", 3), positive=linear("p", 3), negative=linear("n", 3)),
    several("CosineEmbedding", "answer", first=linear("a", 3), second=linear("b", 3)),
    several("MarginRanking", "answer", first=linear("a", 1), second=linear("b", 1)),
    scores("HingeEmbedding", "answer", 1, Node("act", "Softplus")),
)  # fmt: skip


def label(case: Case) -> str:
    return "-".join((case.type, *map(str, case.params.values())))[:50]


def test_every_loss_is_tried() -> None:
    assert {case.type for case in CASES} == {layer.type for layer in registry().families()["Loss"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("losses")
    np.savez(path / "data.npz", **arrays())
    return path


@pytest.mark.parametrize("case", CASES, ids=label)
def test_it_trains_through_the_command_line_and_is_evaluated(
    case: Case, folder: Path, tmp_path, capsys
) -> None:
    file = folder / f"{case.type}.loom"
    storage.save(case.project, file)
    assert main(["check", str(file)]) == 0, capsys.readouterr()
    assert main(["train", str(file), "--runs", str(tmp_path)]) == 0, capsys.readouterr()
    (run,) = tmp_path.iterdir()
    epochs = [event for event in read_events(run) if isinstance(event, EpochEnded)]
    losses = [event.train["loss"] for event in epochs]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    capsys.readouterr()
    assert main(["evaluate", str(run), "--part", "validation", "--checkpoint", "last", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["metrics"]["loss"] == pytest.approx(epochs[-1].validation["loss"], rel=1e-4, abs=1e-6)
    assert told["metrics"].keys() == epochs[-1].validation.keys()
    assert len(case.params.get("metrics", ())) <= len(told["metrics"])
    assert main(["evaluate", str(run), "--part", "train"]) == 0


@pytest.mark.parametrize("optimizer", ["Muon", "LBFGS", "Adafactor"])
@pytest.mark.parametrize("schedule", ["OneCycle", "Plateau"])
def test_other_optimizers_and_schedules_are_set_on_the_command_line(
    optimizer, schedule, folder, tmp_path
) -> None:
    file = folder / "set.loom"
    storage.save(scores("MSE", "number", 1).project, file)
    sets = [f"optimizer={optimizer}", "optimizer.lr=0.05", f"schedule={schedule}", "schedule.warmup=1.5",
            "training.decay_all=off"]  # fmt: skip
    arguments = [part for one in sets for part in ("--set", one)]
    assert main(["train", str(file), "--runs", str(tmp_path), *arguments]) == 0
    (run,) = tmp_path.iterdir()
    epochs = [event for event in read_events(run) if isinstance(event, EpochEnded)]
    assert epochs[-1].train["loss"] < epochs[0].train["loss"]
    assert epochs[1].learning_rate <= 0.05


@pytest.mark.parametrize("type", ["CrossEntropy", "NLL"])
def test_balanced_weights_are_those_of_scikit_learn(folder: Path, type: str) -> None:
    from sklearn.utils.class_weight import compute_class_weight

    from studio.data.prepare import prepare
    from studio.train.balance import balanced

    project = scores(type, "kind", 3, class_weights="balanced").project
    prepared = prepare(project.data, folder)
    plan = Checker().check(project, prepared.fields).plan
    labels = prepared.parts["train"].tensors["kind"].numpy()
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    module = make_losses(balanced(plan, prepared.parts["train"].tensors))["loss"]
    np.testing.assert_allclose(module.weight.numpy(), expected, rtol=1e-6)


def test_values_equal_torchs_own() -> None:
    generator = torch.Generator().manual_seed(0)
    said, classes = torch.randn(6, 4, generator=generator), torch.randint(4, (6,), generator=generator)
    yes = torch.rand(6, 4, generator=generator).round()

    def of(type: str, *tensors: torch.Tensor, **params: Value) -> torch.Tensor:
        layer = registry().layer_of(Node("loss", type, params))
        assert layer is not None
        names = [port.name for port in layer.inputs][: len(tensors)]
        dtypes = {n: str(one.dtype).removeprefix("torch.") for n, one in zip(names, tensors, strict=True)}
        fields = {n: Field(n, tuple(one.shape[1:]), dtypes[n]) for n, one in zip(names, tensors, strict=True)}
        nodes = [
            Node("loss", type, {**params, "metrics": ()} if layer.options[-1].name == "metrics" else params)
        ]
        nodes += [Node(n, "Input", {"field": n}) for n in names]
        edges = tuple(Edge(Endpoint(n, "output"), Endpoint("loss", n)) for n in names)
        project = Project(graph=Graph({node.name: node for node in nodes}, edges))
        plan = Checker().check(project, fields).plan
        return make_losses(plan)["loss"](*tensors)

    weights = torch.tensor([1.0, 2.0, 0.5, 1.0])
    assert torch.equal(
        of("CrossEntropy", said, classes, class_weights="1, 2, 0.5, 1", label_smoothing=0.1),
        functional.cross_entropy(said, classes, weights, label_smoothing=0.1),
    )
    assert torch.equal(
        of("NLL", said, classes, class_weights="1, 2, 0.5, 1", ignore_index=2),
        functional.nll_loss(said, classes, weights, ignore_index=2),
    )
    assert of("Focal", said, classes, gamma=0.0) == pytest.approx(
        functional.cross_entropy(said, classes).item()
    )
    assert of("Focal", said, yes, gamma=0.0, mode="yes or no") == pytest.approx(
        functional.binary_cross_entropy_with_logits(said, yes).item()
    )
    exact = torch.nn.functional.one_hot(classes, 4) * 200.0 - 100.0
    assert of("Dice", exact, classes, smooth=1e-6).item() == pytest.approx(0.0, abs=1e-6)
    assert of("MarginRanking", said, said.flip(0), yes).item() == pytest.approx(
        functional.margin_ranking_loss(said, said.flip(0), yes * 2 - 1).item()
    )
    assert of("CosineEmbedding", said, said.flip(0), yes[:, :1]).item() == pytest.approx(
        functional.cosine_embedding_loss(said, said.flip(0), yes[:, 0] * 2 - 1).item()
    )
    logs = torch.randn(3, 7, 5, generator=generator).log_softmax(2)
    words = torch.tensor([[1, 2, 0], [3, 0, 0], [4, 4, 1]])
    lengths, steps = torch.tensor([2, 1, 3]), torch.tensor([7, 7, 7])
    expected = functional.ctc_loss(logs.transpose(0, 1), words, steps, lengths)
    assert torch.equal(of("CTC", logs, words), expected)
    short = torch.tensor([6, 4, 7])
    assert torch.equal(
        of("CTC", logs, words, short, lengths),
        functional.ctc_loss(logs.transpose(0, 1), words, short, lengths),
    )


FIELDS = {
    "x": Field("x", (6,)),
    "kind": Field("kind", (), "int64", ("a", "b", "c"), "target"),
    "answer": Field("answer", (), "int64", ("no", "yes"), "target"),
    "number": Field("number", (1,), role="target", low=-3.0, high=3.0),
    "shares": Field("shares", (3,), role="target", low=0.0, high=1.0),
    "logs": Field("logs", (3,), role="target", low=-9.0, high=-0.1),
    "word": Field("word", (9,), "int64", role="target", low=0.0, high=4.0),
    "lists": Field("lists", (3,), "int64", role="target", low=-1.0, high=2.0),
}
STEPS = Node("turn", "Reshape", {"shape": (5, 5)})
MISTAKES: tuple[tuple[Case, str, str | None], ...] = (
    (scores("CrossEntropy", "kind", 3, class_weights="1, 2"), "there are 2 class weights for 3 classes",
     "class_weights"),
    (scores("NLL", "kind", 3, LOG, class_weights="1, 2"), "there are 2 class weights for 3 classes",
     "class_weights"),
    (scores("CrossEntropy", "kind", 3, class_weights="1, x, 3"),
     "class_weights takes a number for each class", "class_weights"),
    (scores("PoissonNLL", "number", 1), "PoissonNLL takes counts of at least 0; number goes down to -3.0",
     "target"),
    (several("GaussianNLL", "number", prediction=linear("m", 1), variance=linear("v", 2)),
     "the variance must have the prediction's shape, N×1; it is N×2", "variance"),
    (several("TripletMargin", "", anchor=linear("a", 3), positive=linear("p", 3), negative=linear("n", 4)),
     "anchor and negative must have one shape; they are N×3 and N×4", "negative"),
    (several("CosineEmbedding", "answer", first=linear("a", 3), second=linear("b", 2)),
     "first and second must have one shape; they are N×3 and N×2", "second"),
    (several("CosineEmbedding", "kind", first=linear("a", 3), second=linear("b", 3)),
     "CosineEmbedding takes yes or no; kind has 3 classes", "target"),
    (several("MarginRanking", "answer", first=linear("a", 2), second=linear("b", 2)),
     "answer must hold one yes or no for each value; it is N, first is N×2", "first"),
    (scores("HingeEmbedding", "answer", 2), "answer must hold one yes or no for each value; it is N, "
     "prediction is N×2", "prediction"),
    (scores("MultiLabelMargin", "lists", 2), "MultiLabelMargin takes N×classes and lists as long of classes",
     "prediction"),
    (scores("KLDiv", "kind", 3, LOG), "KLDiv compares shares; kind holds whole numbers", "target"),
    (scores("KLDiv", "shares", 4, LOG),
     "KLDiv needs prediction and target of one shape; they are N×4 and N×3", "prediction"),
    (scores("KLDiv", "logs", 3, LOG),
     "KLDiv takes shares of at least 0; logs goes down to -9.0", "log_target"),
    (scores("CTC", "word", 5, LOG), "CTC takes N×T×classes: scores at each step; it gets N×5", "prediction"),
    (scores("CTC", "number", 25, STEPS, LOG), None, None),
    (scores("CTC", "word", 25, STEPS, LOG, blank=5), "the blank is class 5; the prediction has the classes 0 "
     "to 4", "blank"),
    (scores("CTC", "word", 25, STEPS, LOG), "a target of 9 symbols may be longer than the 5 steps",
     "zero_infinity"),
    (scores("FormulaLoss", "number", 1, formula="mean(prediction - "), "this is no formula", "formula"),
    (scores("FormulaLoss", "number", 1, formula="mean(import_it(prediction))"),
     "there is no function import_it", "formula"),
    (scores("FormulaLoss", "number", 1, formula="(prediction - target) ** 2", metrics=()),
     "the formula comes to N×1, not to one number", "formula"),
    (scores("FormulaLoss", "number", 3, metrics=("mae",)),
     "the metrics compare prediction and target of one shape; they are N×3 and N×1", "metrics"),
    (scores("FormulaLoss", "number", 3), "prediction and target differ in shape: N×3 and N×1", "prediction"),
    (scores("FormulaLoss", "answer", 1),
     "prediction and target hold as many values, but in other shapes: N×1 and N", "prediction"),
)  # fmt: skip


def found(case: Case) -> Problem | None:
    problems = Checker().check(case.project, FIELDS).problems
    return next((one for one in problems if one.node == "loss"), None)


@pytest.mark.parametrize(
    ("case", "message", "at"), MISTAKES, ids=lambda one: label(one) if isinstance(one, Case) else ""
)
def test_what_does_not_fit_is_told_and_the_first_fix_helps(case, message, at) -> None:
    problem = found(case)
    if message is None:
        assert problem is None
        return
    assert problem is not None
    assert problem.message.startswith(f"loss: {message}")
    assert problem.field == at
    assert problem.hint
    for fix in problem.fixes[:1]:
        fixed = Checker().check(fix.edit(case.project), FIELDS)
        assert not [one for one in fixed.problems if one.message == problem.message]


def test_a_triplet_of_one_network_pulls_like_things_together(folder: Path, tmp_path) -> None:
    """What is compared may come from the data and from layers."""
    case = Case("TripletMargin", "", ("x > a", "a > loss.anchor", "x > b", "b > loss.positive",
                "x > c", "c > loss.negative"), (linear("a", 2), linear("b", 2), linear("c", 2)))  # fmt: skip
    project = case.project
    source = replace(
        project.data.source, params={**project.data.source.params, "path": str(folder / "data.npz")}
    )
    ran = train(replace(project, data=replace(project.data, source=source)), tmp_path)
    assert ran.result.finished is not None
    assert set(ran.result.finished.test) == {"loss"}
