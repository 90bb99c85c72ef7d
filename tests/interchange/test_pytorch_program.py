"""Programs made of projects: they give the losses of a run, to the last bit."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.build.network import Network
from studio.catalog.template import TEMPLATE
from studio.catalog.trust import trust
from studio.errors import StudioError
from studio.interchange.program.written import export_pytorch_program, make_program, to_pytorch_program
from studio.places import shipped
from studio.project.project import Data, Project, Setting
from studio.project.storage import load
from tests.build.drawings import classifier, draw, node
from tests.interchange.program_runs import (
    Both,
    assert_same,
    both,
    lint,
    plan_in,
    run_programs,
    trained_with,
)

SAMPLES = shipped("samples")
PLAIN = (
    "linear_regression",
    "logistic_regression",
    "mlp_digits",
    "cnn_digits",
    "recommender_ink",
    "two_inputs",
    "lstm_sunspots",
    "char_transformer",
    "text_language",
    "autoencoder_digits",
)
"""One of each kind of data, of loss and of network among the samples."""


def sample(name: str, **options: object) -> Project:
    project = load(SAMPLES / f"{name}.loom")
    return trained_with(project, epochs=1 if name == "char_transformer" else 2, **options)  # type: ignore[arg-type]


def changed_node(project: Project, name: str, **params: object) -> Project:
    node = project.graph.nodes[name]
    changed = replace(node, params={**node.params, **params})  # type: ignore[dict-item]
    return replace(project, graph=replace(project.graph, nodes={**project.graph.nodes, name: changed}))


DIGITS = Data(Setting("ScikitLearn", {"dataset": "digits"}))


def own_layers() -> Project:
    """A formula, a class kept in the project that draws at random, and a module by its path."""
    source = TEMPLATE.replace("import torch\n", "import random\n\nimport torch\n")
    source = source.replace("(in_features,), start)", "(in_features,), start + random.random())")
    project = classifier(
        node("swish", "Expression", expression="input * sigmoid(input)"),
        node("flat", "Flatten"),
        node("scale", "PythonLayer", source=source),
        node("shrink", "Module", path="torch.nn.Softshrink", lambd=0.1),
    )
    return replace(project, data=DIGITS)


def between() -> Project:
    """Two losses, one of them written and of a tensor in between; the result is another one."""
    project = draw(
        [
            node("x", "Input", field="image"),
            node("flat", "Flatten"),
            node("code", "Linear", out_features=12),
            node("drop", "Dropout", p=0.2),
            node("scores", "Linear", out_features=10),
            node("shares", "Softmax"),
            node("classes", "Output"),
            node("loss", "CrossEntropy", target="label"),
            node("small", "FormulaLoss", formula="mean(code ** 2)", weight=0.1),
        ],
        *["x > flat", "flat > code", "code > drop", "drop > scores", "scores > shares", "shares > classes"],
        *["scores > loss.prediction", "code > small.code"],
    )
    return replace(project, data=DIGITS)


def likelihood() -> Project:
    """Logarithms of shares, with classes that count differently and one that does not count."""
    loss = node("loss", "NLL", target="label", class_weights="balanced", ignore_index=3)
    nodes = [
        node("x", "Input", field="image"),
        node("flat", "Flatten"),
        node("scores", "Linear", out_features=10),
        node("logs", "LogSoftmax"),
    ]
    wires = ["x > flat", "flat > scores", "scores > logs", "logs > loss.prediction"]
    return replace(draw([*nodes, loss], *wires), data=DIGITS)


def settings() -> dict[str, Project]:
    """Training settings, each of which makes a program otherwise."""
    mlp, cnn = sample("mlp_digits", batch_size=256), sample("cnn_digits", batch_size=256)
    metrics = (
        "accuracy",
        "topk",
        "precision",
        "recall",
        "f1",
        "iou",
        "auroc",
        "average_precision",
        "perplexity",
    )
    return {
        "accumulated": trained_with(mlp, accumulate=3, clip_norm=0.5, batch_size=64),
        "ema": trained_with(cnn, average="ema", ema_decay=0.9),
        "swa": trained_with(cnn, average="swa", swa_start=0.3, epochs=3),
        "halves": trained_with(mlp, precision="bfloat16"),
        "scaled": trained_with(mlp, precision="float16", clip_norm=1.0),
        "patience": trained_with(mlp, Setting("SGD", {"lr": 3.0}), patience=2, least_gain=0.01, epochs=9),
        "best by": trained_with(mlp, best_by="accuracy", validate_every=2, epochs=3),
        "decay": trained_with(cnn, Setting("AdamW", {"weight_decay": 0.3}), decay_all=False),
        "limited": trained_with(mlp, max_steps=7),
        "within": trained_with(cnn, validate_steps=2, batch_size=300, average="swa", swa_start=0.2, epochs=3),
        "within and patient": trained_with(
            mlp,
            Setting("SGD", {"lr": 3.0}),
            Setting("Plateau", {"patience": 1, "warmup": 0.5}),
            validate_steps=2,
            patience=3,
            epochs=9,
            max_steps=30,
            max_minutes=60.0,
        ),
        "minutes": trained_with(mlp, max_minutes=60.0, validate_every=2, epochs=3),
        "shares": changed_node(mlp, "hidden", lr_factor=0.1),
        "search": trained_with(mlp, Setting("LBFGS", {"max_iter": 3}), batch_size=1000),
        "muon": trained_with(mlp, Setting("Muon", {"lr": 0.002})),
        "plateau": trained_with(mlp, None, Setting("Plateau", {"patience": 0, "threshold": 0.5})),
        "chained": trained_with(
            mlp, None, Setting("Chained", {"until": 1.0, "second": "OneCycle", "warmup": 0.5})
        ),
        "metrics": changed_node(mlp, "loss", metrics=metrics),
        "balanced": changed_node(cnn, "loss", class_weights="balanced", ignore_index=3),
        "likelihood": trained_with(likelihood(), epochs=2, batch_size=256),
        "own layers": trained_with(own_layers(), epochs=2, batch_size=256),
        "between": trained_with(between(), epochs=2, batch_size=256),
        "folds": replace(mlp, data=replace(mlp.data, options={"split": "folds", "normalize": "range"})),
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    """Every sample and every setting, trained here and by its program."""
    out = tmp_path_factory.mktemp("programs")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NEUROLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        trust().add(str(own_layers().graph.nodes["scale"].params["source"]))
        found = _all(out)
    run_programs(found.values())
    return found


def _all(out: Path) -> dict[str, Both]:
    found = {name: both(sample(name), SAMPLES, name, out) for name in PLAIN}
    found |= {name: both(one, SAMPLES, name.replace(" ", "_"), out) for name, one in settings().items()}
    return found


@pytest.mark.parametrize("name", [*PLAIN, *settings()])
def test_the_losses_are_those_of_the_run(name: str, runs: dict[str, Both]) -> None:
    assert_same(runs[name])


def test_all_are_written_well(runs: dict[str, Both]) -> None:
    lint(one.program for one in runs.values())


def test_nothing_of_ours_is_imported(runs: dict[str, Both]) -> None:
    for one in runs.values():
        imported = [node for node in ast.walk(ast.parse(one.program.read_text())) if _imports(node)]
        assert imported
        assert not [node for node in imported if "studio" in ast.unparse(node)]


def _imports(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def test_it_reads_the_data_itself_where_that_can_be_said(runs: dict[str, Both]) -> None:
    assert all(
        runs[name].exported.paths == (runs[name].program,) for name in PLAIN if name != "text_language"
    )
    rows = runs["text_language"].exported
    assert rows.paths[1].name == "text_language_rows.safetensors"
    assert rows.notes == ("Which rows train, validate and test is read from a file beside the program.",)


def test_a_program_reads_like_one() -> None:
    project = sample("lstm_sunspots")
    text = to_pytorch_program(project, plan_in(project, SAMPLES), SAMPLES)
    for line in (
        'DATA = Path(__file__).parent / "data/sunspots.csv"',
        '    frame = pl.read_csv(path, infer_schema_length=None).sort("year")',
        "class LstmSunspots(nn.Module):",
        "    rows = split_by_time(first, first + 24, 0.15, 0.2)",
        "        said = number.double() * 35.372459325562154 + 46.77570621468927",
        "    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, fused=True)",
        '            losses["loss"].backward()',
    ):
        assert line in text, line


def test_weights_lie_beside_it_and_are_evaluated(tmp_path: Path) -> None:
    project = sample("mlp_digits")
    plan = plan_in(project, SAMPLES)
    torch.manual_seed(3)
    weights = Network(plan).state_dict()
    path = tmp_path / "digits.py"
    exported = export_pytorch_program(project, plan, path, SAMPLES, weights)
    assert exported.paths == (path, tmp_path / "digits.safetensors")
    assert exported.largest_difference == 0.0
    assert exported.samples == 8
    assert "--evaluate --weights digits.safetensors" in path.read_text()
    assert all(torch.equal(one, weights[name]) for name, one in load_file(exported.paths[1]).items())


def test_a_program_begins_with_the_weights_of_the_settings(tmp_path: Path) -> None:
    project = sample("mlp_digits", weights="given.safetensors")
    plan = plan_in(project, SAMPLES)
    text = to_pytorch_program(project, plan, tmp_path, tmp_path / "made" / "program.py")
    assert 'default=Path(__file__).parent / "../given.safetensors"' in text


def test_what_is_left_out_is_told() -> None:
    for options, words in (
        ({"processes": 2, "keep_best": 3}, ("one process", "the best weights only")),
        ({"seeds": 3}, ("others of 3",)),
    ):
        project = sample("mlp_digits", **options)
        made = make_program(project, plan_in(project, SAMPLES), SAMPLES)
        for one in words:
            assert one in " ".join(made.notes)
            assert one in " ".join(made.text.split())


def test_the_minutes_end_it(tmp_path: Path) -> None:
    one = both(trained_with(sample("mlp_digits"), max_minutes=0.001, epochs=1000), SAMPLES, "late", tmp_path)
    run_programs([one])
    assert 1 <= len(one.own) < 1000
    assert all(part for part in one.own[-1])  # the last epoch is validated, however short it was


def test_without_a_loss_there_is_nothing_to_train() -> None:
    project = sample("mlp_digits")
    plan = replace(plan_in(project, SAMPLES), losses=())
    with pytest.raises(StudioError, match="no loss"):
        make_program(project, plan, SAMPLES)


def test_data_that_are_not_there_are_told(tmp_path: Path) -> None:
    project = sample("mlp_digits")
    plan = plan_in(project, SAMPLES)
    gone = replace(project, data=Data(Setting("CSV", {"path": "gone.csv"})))
    with pytest.raises(StudioError, match=r"gone\.csv"):
        make_program(gone, plan, tmp_path)
