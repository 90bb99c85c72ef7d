"""Each rule has a drawing that breaks it, whose first fix mends it, and one that does not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from studio.build import rules
from studio.build.check import Checker
from studio.build.plan import Checked
from studio.catalog.trust import trust
from studio.errors import Problem
from studio.project.fields import Field
from studio.project.graph import Edge, Endpoint, Node
from studio.project.project import FieldSetting, Project, Setting
from tests.build.breaking import Case
from tests.build.custom_cases import CUSTOM_CASES, CUSTOM_WITHOUT_FIX, TRUSTED
from tests.build.drawings import FIELDS, classifier, draw, node, residual, wire
from tests.build.tensor_cases import SEQUENCE, TENSOR_CASES

END = node("loss", "MSE", target="price")
GOOD = classifier(node("conv1", "Conv2d", out_channels=4), node("relu1", "ReLU"))


def with_node(project: Project, *nodes: Node) -> Project:
    return project.with_graph(project.graph.with_nodes(*nodes))


def with_wires(project: Project, *wires: str) -> Project:
    return project.with_graph(project.graph.with_edges(*map(wire, wires)))


def without_wires(project: Project, *wires: str) -> Project:
    return project.with_graph(project.graph.without_edges(*map(wire, wires)))


def trained_on(target: str, loss: str, *between: Node, outputs: int = 1, **params: object) -> Project:
    """Rows through a Linear of some outputs into a loss."""
    row = [node("x", "Input", field="rows"), node("fc", "Linear", out_features=outputs), *between]
    wires = [f"{one.name} > {other.name}" for one, other in pairwise(row)]
    loss_node = Node("loss", loss, {"target": target, **params})  # type: ignore[dict-item]
    return draw([*row, loss_node], *wires, f"{row[-1].name} > loss.prediction")


def options(project: Project, **values: object) -> Project:
    return replace(project, training=replace(project.training, options=values))  # type: ignore[arg-type]


def augmented(project: Project, type: str, column: str = "image") -> Project:
    """The project with a random change of a column in training."""
    setting = FieldSetting(augment=(Setting(type),))
    return replace(project, data=replace(project.data, fields={column: setting}))


CASES = (
    Case("mixed_targets", augmented(with_node(GOOD, node("loss", "Focal")), "Mixup"),
         "Mixup of image: loss (Focal) takes one class a sample, and Mixup makes shares of several",
         None, "data.fields.image", "Take Mixup off image"),
    Case("mixed_targets",
         augmented(with_node(GOOD, node("loss", "CrossEntropy", ignore_index=3)), "Cutmix"),
         "Cutmix of image: loss leaves a class out, and shares have none alone",
         None, "data.fields.image", "Take Cutmix off image"),
    Case("mixed_targets",
         augmented(
             draw([node("x", "Input", field="image"), node("conv", "Conv2d", padding=1, out_channels=2),
                   node("loss", "CrossEntropy", target="places")], "x > conv", "conv > loss.prediction"),
             "Mixup"),
         "Mixup of image: loss compares a class for each point, which has none between",
         None, "data.fields.image", "Take Mixup off image",
         fields={**FIELDS, "places": Field("places", (8, 8), "int64", ("no", "yes"), "target")}),
    Case("mixed_targets",
         augmented(
             draw([node("x", "Input", field="image"), node("flat", "Flatten"),
                   node("other", "Input", field="rows"), node("both", "Concat"),
                   node("fc", "Linear", out_features=10), node("loss", "CrossEntropy")],
                  "x > flat", "flat > both.inputs.0", "other > both.inputs.1", "both > fc",
                  "fc > loss.prediction"),
             "Mixup"),
         "Mixup of image: the drawing reads rows too, which would stay that of one sample",
         None, "data.fields.image", "Take Mixup off image"),
    Case(
        "circles",
        with_wires(
            draw(
                [node("x", "Input", field="image"), node("add", "Add"), node("relu1", "ReLU"),
                 node("flatten", "Flatten"), node("fc", "Linear", out_features=10),
                 node("loss", "CrossEntropy")],
                "x > add.inputs.0", "add > relu1", "relu1 > flatten", "flatten > fc", "fc > loss.prediction",
            ),
            "relu1 > add.inputs.1",
        ),
        "add: the wires go round in a circle, add → relu1 → add", "add", "inputs",
        "Remove the wire from relu1 to add",
    ),
    Case("circles", with_wires(without_wires(GOOD, "conv1 > relu1"), "relu1 > relu1"),
         "relu1: the wires go round in a circle, relu1 → relu1", "relu1", "input",
         "Remove the wire from relu1 to relu1"),
    Case("unconnected_inputs", without_wires(GOOD, "conv1 > relu1"),
         "relu1: nothing is connected to input", "relu1", "input", "Connect conv1"),
    Case("unconnected_inputs", without_wires(GOOD, "fc > loss.prediction"),
         "loss: nothing is connected to prediction", "loss", "prediction", "Connect fc"),
    Case("no_loss", GOOD.with_graph(GOOD.graph.without_nodes(["loss"])),
         "There is no loss: the network can be run and exported, but not trained", None, "training",
         "Add CrossEntropy after fc", severity="warning"),
    Case("unused_nodes", with_wires(with_node(GOOD, node("tanh1", "Tanh")), "conv1 > tanh1"),
         "tanh1: nothing uses its result", "tanh1", "output", "Add Output after tanh1", severity="warning"),
    Case("nothing_to_learn",
         draw([node("x", "Input", field="rows"), node("relu1", "ReLU"), node("loss", "CrossEntropy")],
              "x > relu1", "relu1 > loss.prediction").with_graph(
             draw([node("x", "Input", field="ten"), node("flat", "Flatten"), node("loss", "CrossEntropy")],
                  "x > flat", "flat > loss.prediction").graph),
         "loss: no layer before it learns anything", "loss", "prediction", "Insert Linear before loss",
         fields={**FIELDS, "ten": Field("ten", (10,))}, severity="warning"),
    Case("all_frozen",
         GOOD.with_graph(GOOD.graph.with_nodes(
             *(GOOD.graph.nodes[name].with_params(freeze=True) for name in ("conv1", "fc")))),
         "loss: all layers before it are frozen, so that none learns anything", "loss", "prediction",
         "Let fc learn", severity="warning"),
    Case("indices_beyond_table",
         classifier(node("embedding", "Embedding", num_embeddings=10), field="words"),
         "embedding: words holds numbers up to 19; the table ends at 9", "embedding", "num_embeddings",
         "Set num_embeddings to 20"),
    Case("invalid_name", classifier(node("forward", "ReLU")),
         "forward: this name does not work: PyTorch itself uses the name forward", "forward", None,
         "Rename it to forward1"),
    Case("unknown_parameters", classifier(node("conv1", "Conv2d", kernel=5), node("relu1", "ReLU")),
         "conv1: Conv2d has no parameter kernel", "conv1", "kernel", "Rename kernel to kernel_size",
         severity="warning"),
    Case("wrong_values", classifier(node("conv1", "Conv2d", out_channels=0), node("relu1", "ReLU")),
         "conv1: out_channels takes a whole number of at least 1, not 0", "conv1", "out_channels",
         "Set out_channels back to 32"),
    Case("wires_to_nowhere", with_wires(GOOD, "conv1 > relu1.inplace"),
         "relu1: a wire from conv1 ends at inplace; ReLU has input", "relu1", "inplace",
         "Remove the wire from conv1 to relu1"),
    Case("wires_to_nowhere",
         with_wires(without_wires(GOOD, "conv1 > relu1"), "conv1 > relu1.x"),
         "relu1: a wire from conv1 ends at x; ReLU has input", "relu1", "x", "Use the port input of relu1"),
    Case("wires_from_nowhere", with_wires(without_wires(GOOD, "conv1 > relu1"), "ghost > relu1"),
         "relu1: the wire to input comes from ghost, which does not exist", "relu1", "input",
         "Remove the wire from ghost to relu1"),
    Case("wires_from_nowhere", with_wires(without_wires(GOOD, "conv1 > relu1"), "conv1.hidden > relu1"),
         "relu1: the wire to input comes from hidden, which conv1 does not have", "relu1", "input",
         "Use the port output of conv1"),
    Case("wires_from_nowhere", with_node(GOOD, replace(GOOD.graph.nodes["x"], muted=True)),
         "conv1: nothing comes through the wire from x, which is muted and has nothing to pass on", "conv1",
         "input", "Unmute x"),
    Case("crowded_ports", with_wires(GOOD, "x > relu1"),
         "relu1: input takes one wire; 2 end there, from conv1 and x", "relu1", "input",
         "Remove the wire from x to relu1"),
    Case("lonely_ports", classifier(node("relu1", "ReLU")).with_graph(
         draw([node("x", "Input", field="rows"), node("add", "Add"), node("fc", "Linear", out_features=10),
               node("loss", "CrossEntropy")], "x > add.inputs.0", "add > fc", "fc > loss.prediction").graph),
         "add: Add joins two or more tensors; only one arrives", "add", "inputs", "Mute add",
         severity="warning"),
    Case("input_field", classifier(field="images"), "x: the data has no field images", "x", "field",
         "Take the field image"),
    Case("input_field", classifier(field=""), "x: no field of the data is chosen", "x", "field",
         "Take the field image"),
    Case("open_shape", GOOD.with_graph(GOOD.graph.with_nodes(
        node("x", "Input", field="image", shape=(3, "H", "W")))),
         "x: the shape 3×H×W is not that of the field image, 1×8×8", "x", "shape",
         "Set shape back to None"),
    Case("target_field", trained_on("prize", "MSE"),
         "loss: the data has no field prize to compare with", "loss", "target", "Compare with price"),
    Case("dimensions", classifier(node("conv1", "Conv2d"), field="rows"),
         "conv1: Conv2d takes N×C×H×W; it gets N×5", "conv1", "input", "Insert Reshape to 1×1×5"),
    Case("dimensions", classifier(node("lstm", "LSTM")),
         "lstm: LSTM takes N×L×features; it gets N×1×8×8", "lstm", "input", "Insert Flatten before lstm"),
    Case("dimensions", classifier(node("lstm", "LSTM"), field="rows"),
         "lstm: LSTM takes N×L×features; it gets N×5", "lstm", "input", "Insert Reshape to 1×5"),
    Case("kinds_of_values", classifier(node("lin", "Linear"), field="words"),
         "lin: Linear takes fractions (float32); it gets whole numbers (int64)", "lin", "input",
         "Insert Embedding before lin"),
    Case("kinds_of_values", classifier(node("embedding", "Embedding"), field="rows"),
         "embedding: Embedding takes whole numbers (int64); it gets float32", "embedding", "input",
         "Let x take the field words"),
    Case("dims_in_range", classifier(node("mean", "Mean", dim=4)),
         "mean: there is no dimension 4; N×1×8×8 has 4 (0 to 3)", "mean", "dim", "Set dim to 3"),
    Case("windows", classifier(node("conv1", "Conv2d", kernel_size=9)),
         "conv1: a window of 9×9 does not fit into 8×8", "conv1", "kernel_size", "Set kernel_size to 8"),
    Case("batch_mixed", classifier(node("soft", "Softmax", dim=0)),
         "soft: dimension 0 is the batch: samples of one step would be mixed with each other", "soft", "dim",
         "Set dim to -1", severity="warning"),
    Case("output_padding", classifier(node("up", "ConvTranspose2d", stride=2, output_padding=(1, 2))),
         "up: output_padding of 1×2 is too large for a stride of 2×2", "up", "output_padding",
         "Set output_padding to 0"),
    Case("kinds_of_values", classifier(node("lstm", "LSTM"), field="words"),
         "lstm: LSTM takes fractions (float32); it gets whole numbers (int64)", "lstm", "input",
         "Insert Embedding before lstm"),
    Case("idle_dropout", classifier(node("turn", "Reshape", shape=(8, 8)), node("lstm", "LSTM", dropout=0.5)),
         "lstm: dropout acts between layers; this LSTM has one", "lstm", "dropout", "Set dropout to 0.0",
         severity="warning"),
    Case("batch_of_one", options(classifier(node("norm", "BatchNorm1d"), field="rows"), batch_size=1),
         "training: one sample a step is too few for norm: BatchNorm1d needs several", None,
         "training.batch_size", "Set batch_size to 2"),
    Case("unused_nodes", with_node(GOOD, node("aside", "Input", field="rows")),
         "aside: nothing uses its result", "aside", "output", "Delete aside", severity="warning"),
    Case("prediction_and_target", classifier(outputs=7),
         "loss: label has 10 classes; the prediction has 7 outputs", "loss", "prediction",
         "Set the number of outputs to 10"),
    Case("prediction_and_target", classifier(outputs=12),
         "loss: label has 10 classes; the prediction has 12 outputs", "loss", "prediction",
         "Set the number of outputs to 10", severity="warning"),
    Case("prediction_and_target",
         draw([node("x", "Input", field="image"), node("conv1", "Conv2d", kernel_size=8, out_channels=10),
               node("loss", "CrossEntropy")], "x > conv1", "conv1 > loss.prediction"),
         "loss: the prediction must be N×classes for a target of N; it is N×10×1×1", "loss", "prediction",
         "Insert Flatten"),
    Case("prediction_and_target", trained_on("price", "CrossEntropy"),
         "loss: CrossEntropy compares with classes (whole numbers); price holds float32", "loss", "target",
         "Compare with label"),
    Case("prediction_and_target", trained_on("price", "MSE", outputs=10),
         "loss: MSE needs prediction and target of one shape; they are N×10 and N×1", "loss", "prediction",
         "Set the number of outputs to 1"),
    Case("prediction_and_target", trained_on("price", "MSE", node("one", "Select", index=0)),
         "loss: MSE needs prediction and target of one shape; they are N and N×1", "loss", "prediction",
         "Insert Reshape to 1"),
    Case("prediction_and_target",
         draw([node("x", "Input", field="image"), node("conv1", "Conv2d"),
               node("loss", "MSE", target="price")], "x > conv1", "conv1 > loss.prediction"),
         "loss: MSE needs prediction and target of one shape; they are N×32×6×6 and N×1", "loss",
         "prediction",
         "Insert Flatten and Linear with 1 outputs"),
    Case("prediction_and_target", trained_on("label", "MSE", outputs=10),
         "loss: MSE compares numbers; label holds 10 classes", "loss", "target", "Make it CrossEntropy"),
    Case("prediction_and_target", trained_on("label", "BCEWithLogits"),
         "loss: BCEWithLogits compares numbers; label holds 10 classes", "loss", "target",
         "Make it CrossEntropy"),
    Case("prediction_and_target", trained_on("answer", "BCEWithLogits", outputs=2),
         "loss: the prediction must be N×1, a score for yes; it is N×2", "loss", "prediction",
         "Set the number of outputs to 1"),
    Case("prediction_and_target", trained_on("price", "BCEWithLogits"),
         "loss: BCEWithLogits takes targets from 0 to 1; price has 20.0 to 300.0", "loss", "target",
         "Make it MSE"),
    Case("wrong_options", options(GOOD, epochs=0),
         "training: epochs takes a whole number from 1 to 1000000, not 0", None, "training.epochs",
         "Set epochs back to 10"),
    Case("wrong_options", options(GOOD, epoch=5), "training: there is no setting epoch", None,
         "training.epoch", "Remove epoch", severity="warning"),
    Case("wrong_components", replace(GOOD, training=replace(GOOD.training, optimizer=Setting("Adamm"))),
         "training: there is no optimizer called Adamm", None, "training.optimizer", "Choose Adam"),
    Case("wrong_components",
         replace(GOOD, training=replace(GOOD.training, optimizer=Setting("Adam", {"lr": -1.0}))),
         "training: Adam: lr takes a number of at least 0, not -1.0", None, "training.optimizer.lr",
         "Set lr back to its default"),
    Case("batch_larger_than_part", options(GOOD, batch_size=64),
         "training: a batch of 64 is larger than the training part of 40 samples", None,
         "training.batch_size", "Set batch_size to 4", parts={"train": 40}, severity="warning"),
    *TENSOR_CASES,
    *CUSTOM_CASES,
)  # fmt: skip

NO_FIX = (
    Case("no_data", GOOD.with_graph(GOOD.graph.with_nodes(node("x", "Input", shape=(1, 8, 8)))),
         "There is no data to train on", None, "data.source", "", fields={}, severity="warning"),
    Case("input_field", GOOD, "x: the data has no field image: there is no data", "x", "field", "",
         fields={}),
    Case("prediction_and_target",
         draw([*SEQUENCE, node("lstm", "LSTM"), node("loss", "MSE", target="price")], "x > rows",
              "rows > lstm", "lstm.hidden > loss.prediction"),
         "loss: the prediction has one result per sample first; it is 1×N×64", "loss", "prediction", ""),
    *CUSTOM_WITHOUT_FIX,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _trusted() -> None:
    trust().add(TRUSTED, keep=False)


def check(case: Case, project: Project | None = None) -> Checked:
    fields = FIELDS if case.fields is None else case.fields
    return Checker().check(case.project if project is None else project, fields, parts=case.parts)


def found(case: Case) -> Problem:
    problems = check(case).problems
    assert [p.message for p in problems] == [case.message]
    return problems[0]


def name_of(case: Case) -> str:
    return f"{case.rule}: {case.message}"


@pytest.mark.parametrize("case", [*CASES, *NO_FIX], ids=name_of)
def test_a_broken_rule_is_the_one_problem_and_says_where(case: Case) -> None:
    problem = found(case)
    assert (problem.severity, problem.node, problem.field) == (case.severity, case.node, case.field)
    assert problem.hint.endswith((".", "?"))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_first_fix_mends_it(case: Case) -> None:
    fix = found(case).fixes[0]
    assert fix.label == case.fix
    mended = fix.edit(case.project)
    assert mended != case.project
    messages = [problem.message for problem in check(case, mended).problems]
    assert case.message not in messages


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_every_fix_applies_and_leaves_a_project_it_no_longer_fits_alone(case: Case) -> None:
    for fix in found(case).fixes:
        assert isinstance(fix.edit(case.project), Project)
        assert isinstance(fix.edit(Project()), Project)


@pytest.mark.parametrize("case", [*CASES, *NO_FIX], ids=name_of)
def test_without_the_rule_nothing_says_so(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ("NODE", "TYPES", "WHOLE"):
        kept = tuple(rule for rule in getattr(rules, table) if rule.__name__ != case.rule)
        monkeypatch.setattr(rules, table, kept)
    assert case.message not in [problem.message for problem in check(case).problems]


def test_every_rule_is_broken_by_some_drawing() -> None:
    modules = ("rules_counts", "rules_training", "rules_processes")  # among the mistakes
    modules += ("rules_memory",)  # the forecast of memory: it needs to know how much is free
    elsewhere = {f"studio.build.{name}" for name in modules}
    every = (*rules.NODE, *rules.TYPES, *rules.WHOLE)
    names = {rule.__name__ for rule in every if rule.__module__ not in elsewhere}
    assert names == {case.rule for case in (*CASES, *NO_FIX)}


@pytest.mark.parametrize(
    "project",
    [
        GOOD,
        augmented(GOOD, "Mixup"),
        augmented(GOOD, "Flip"),
        residual(),
        trained_on("price", "MSE"),
        trained_on("answer", "BCEWithLogits"),
        trained_on("label", "CrossEntropy", outputs=10),
        classifier(node("embedding", "Embedding", num_embeddings=20), field="words"),
        classifier(node("norm", "BatchNorm1d"), field="rows"),
        classifier(node("mean", "Mean", dim=(2, 3))),
        Project(),
    ],
    ids=lambda project: " ".join(project.graph.nodes) or "nothing drawn",
)
def test_a_sound_drawing_has_no_problem(project: Project) -> None:
    checked = Checker().check(project, FIELDS, parts={"train": 1000})
    assert [problem.message for problem in checked.problems] == []


@pytest.mark.parametrize("count", [1, 5])
def test_one_mistake_is_told_once_however_much_follows(count: int) -> None:
    behind = [node(f"conv{i}", "Conv2d", padding=1) for i in range(2, 2 + count)]
    checked = Checker().check(classifier(node("conv1", "Conv2d", kernel_size=20), *behind), FIELDS)
    assert [problem.node for problem in checked.problems] == ["conv1"]


def test_an_unknown_layer_offers_the_ones_that_are_near_and_is_the_one_problem() -> None:
    project = classifier(node("conv1", "Conv2D", out_channels=3), node("relu1", "ReLU"))
    problem = Checker().check(project, FIELDS).problems[0]
    assert problem.message == "conv1: there is no layer called Conv2D"
    assert problem.fixes[0].label == "Make it Conv2d"
    mended = problem.fixes[0].edit(project)
    assert Checker().check(mended, FIELDS).problems == ()
    assert mended.graph.nodes["conv1"].params == {"out_channels": 3}


def test_a_wire_that_ends_at_a_node_which_is_gone_does_no_harm() -> None:
    project = GOOD.with_graph(
        GOOD.graph.with_edges(Edge(Endpoint("fc", "output"), Endpoint("gone", "input")))
    )
    assert Checker().check(project, FIELDS).errors == ()


def test_problems_of_the_data_come_along_and_silence_the_missing_data() -> None:
    told = Problem("error", "digits.csv does not exist", "Choose a file.", None, "data.path")
    project = with_node(GOOD, node("x", "Input", shape=(1, 8, 8)))
    assert Checker().check(project, {}, (told,)).problems == (told,)


def test_one_sample_to_train_on_is_too_few_for_batch_normalisation() -> None:
    project = classifier(node("norm", "BatchNorm1d"), field="rows")
    (problem,) = Checker().check(project, FIELDS, parts={"train": 1}).errors
    assert problem.message == "data: one sample to train on is too few for norm: BatchNorm1d needs several"
    assert problem.field == "data.source"
    assert Checker().check(project, FIELDS, parts={"train": 2}).errors == ()


def test_data_that_cannot_be_read_is_told_once() -> None:
    """Not once more for each Input and loss whose field is not there then."""
    told = Problem("error", "table.csv, row 3: expected 2 values, got 3.", field="data.path")
    assert Checker().check(GOOD, {}, (told,)).problems == (told,)


def test_flatten_goes_before_the_linear_that_makes_the_scores() -> None:
    project = draw(
        [
            node("x", "Input", field="image"),
            node("conv1", "Conv2d", out_channels=4),
            node("fc", "Linear", out_features=10),
            node("act", "ReLU"),
            node("loss", "CrossEntropy"),
        ],
        "x > conv1",
        "conv1 > fc",
        "fc > act",
        "act > loss.prediction",
    )
    (problem,) = Checker().check(project, FIELDS).errors
    mended = problem.fixes[0].edit(project)
    assert [edge.source.node for edge in mended.graph.incoming("fc")] == ["flatten"]
    assert [edge.source.node for edge in mended.graph.incoming("flatten")] == ["conv1"]
    assert Checker().check(mended, FIELDS).errors == ()
