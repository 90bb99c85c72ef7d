"""What programs read: tables, arrays, pictures, series, and the prepared tensors of everything else."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.interchange.program import data as program_data
from studio.interchange.program.written import make_program
from studio.project.params import Value
from studio.project.project import Data, FieldSetting, Project, Setting
from tests.build.drawings import classifier, draw, node
from tests.interchange.program_runs import Both, assert_same, both, lint, plan_in, run_programs, trained_with

RANDOM = np.random.default_rng(1)


def regression(field: str = "features", loss: str = "MSE", width: int = 1, **params: Value) -> Project:
    return draw(
        [
            node("x", "Input", field=field),
            node("flatten", "Flatten"),
            node("fc", "Linear", out_features=width),
            node("loss", loss, **params),
        ],
        *["x > flatten", "flatten > fc", "fc > loss.prediction"],
    )


def reading(project: Project, source: str, params: Mapping[str, Value], **options: Value) -> Project:
    data = Data(Setting(source, params), options)
    return trained_with(replace(project, data=data), epochs=2, batch_size=16)


def people(count: int = 120) -> pl.DataFrame:
    """Numbers, classes, and a few values that are missing."""
    age = RANDOM.integers(18, 80, count).astype(float)
    return pl.DataFrame(
        {
            "age": [None if at % 17 == 3 else value for at, value in enumerate(age)],
            "height": RANDOM.normal(170.0, 9.0, count).round(1),
            "town": RANDOM.choice(["Kehl", "Ulm", "Aalen"], count),
            "income": RANDOM.normal(3000.0, 800.0, count).round(2),
            "class": RANDOM.choice(["low", "high"], count),
        }
    )


def table(folder: Path, name: str = "people.csv", **kwargs: str) -> Project:
    """A table that predicts a number; its missing values are filled in."""
    frame = people()
    if name.endswith(".parquet"):
        frame.write_parquet(folder / name)
    else:
        frame.write_csv(folder / name, **kwargs)  # type: ignore[arg-type]
    source = "Parquet" if name.endswith(".parquet") else "CSV"
    made = reading(regression(target="income"), source, {"path": name, "target": "income"})
    fields = {
        "age": FieldSetting(missing="median"),
        "income": FieldSetting(transforms=(Setting("Standardize"),)),
    }
    return replace(made, data=replace(made.data, fields=fields))


def classes_of_table(folder: Path) -> Project:
    people().drop("age").write_csv(folder / "classes.tsv", separator="\t")
    return reading(
        regression(loss="CrossEntropy", width=2, target="class"),
        "CSV",
        {"path": "classes.tsv", "target": "class"},
    )


def arrays(folder: Path) -> Project:
    shape = (60, 8, 8, 3)
    values = {"picture": RANDOM.integers(0, 255, shape, np.uint8), "label": RANDOM.choice(["a", "b"], 60)}
    np.savez(folder / "arrays.npz", **values)
    project = regression("picture", "CrossEntropy", 2, target="label")
    return reading(project, "Arrays", {"path": "arrays.npz", "target": "label"})


def mnist(folder: Path) -> Project:
    """Four files in MNIST's format, one of them packed."""
    (folder / "mnist").mkdir()
    for stem, count in (("train", 50), ("t10k", 20)):
        images = RANDOM.integers(0, 255, (count, 8, 8), np.uint8)
        labels = RANDOM.integers(0, 10, count).astype(np.uint8)
        labels[:10] = np.arange(10)
        for kind, one in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, one.ndim]) + np.array(one.shape, ">i4").tobytes()
            packed = kind.startswith("labels") and stem == "train"
            path = folder / "mnist" / f"{stem}-{kind}-ubyte{'.gz' if packed else ''}"
            content = head + one.tobytes()
            path.write_bytes(gzip.compress(content) if packed else content)
    return reading(classifier(), "IDX", {"folder": "mnist"})


def pictures(folder: Path) -> Project:
    for name in ("cat", "dog"):
        (folder / "animals" / name).mkdir(parents=True)
        for at in range(15):
            pixels = RANDOM.integers(0, 255, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "animals" / name / f"{at}.png")
    project = regression("image", "CrossEntropy", 2, target="label")
    return reading(project, "ImageFolder", {"folder": "animals"})


def series(folder: Path, name: str = "load.csv", drawn: np.random.Generator = RANDOM) -> Project:
    count = 150
    frame = pl.DataFrame(
        {
            "step": np.arange(count)[::-1],
            "load": drawn.normal(size=count).cumsum(),
            "wind": drawn.normal(size=count),
        }
    )
    frame.write_csv(folder / name)
    params = {"path": name, "target": "load", "history": 6, "horizon": 2, "stride": 2}
    return reading(regression("history", width=2, target="next"), "TimeSeries", params)


def holes(folder: Path) -> Project:
    """A series some of whose values are missing: what stands in for them is written beside the program."""
    project = series(folder, "gusts.csv", np.random.default_rng(1))
    frame = pl.read_csv(folder / "gusts.csv")
    gone = pl.int_range(pl.len()) % 9 == 4
    frame.with_columns(wind=pl.when(gone).then(None).otherwise("wind")).write_csv(folder / "gusts.csv")
    return project


def random(content: str, target: str, shape: tuple[int, ...], project: Project, **more: Value) -> Project:
    params = {"content": content, "target": target, "shape": shape, "samples": 40, **more}
    return reading(project, "Random", params, stratify=False)


def reviews(folder: Path) -> Project:
    """Texts in folders of classes."""
    for name, words in (("bad", ["dull", "long", "loud"]), ("good", ["bright", "short", "calm"])):
        (folder / "reviews" / name).mkdir(parents=True)
        for at in range(15):
            said = " ".join(RANDOM.choice([*words, "film", "a"], 5))
            (folder / "reviews" / name / f"{at}.txt").write_text(f"{said}.\n")
    return reading(spoken("label"), "TextFolder", {"folder": "reviews"})


def spoken(target: str) -> Project:
    """A classifier of texts."""
    return draw(
        [
            node("x", "Input", field="text"),
            node("embed", "Embedding", num_embeddings=80, embedding_dim=4),
            node("flatten", "Flatten"),
            node("fc", "Linear", out_features=2),
            node("loss", "CrossEntropy", target=target),
        ],
        *["x > embed", "embed > flatten", "flatten > fc", "fc > loss.prediction"],
    )


def texts(folder: Path, unit: str = "words") -> Project:
    """Sentences in a table; pieces of words have no plain form, so that the prepared tokens are written."""
    words = ["red", "green", "blue", "small", "large"]
    rows = [" ".join(RANDOM.choice(words, 6)) for _ in range(60)]
    kinds = ["colour" if "red" in row else "other" for row in rows]
    pl.DataFrame({"text": rows, "kind": kinds}).write_csv(folder / f"{unit}.csv")
    made = reading(spoken("kind"), "CSV", {"path": f"{unit}.csv", "target": "kind"})
    size = 400 if unit == "pieces" else 10_000
    steps = (Setting("Tokenize", {"unit": unit, "vocabulary": size}), Setting("PadTokens"))
    fields = {"text": FieldSetting(kind="text", role="input", transforms=steps)}
    made = replace(made, data=replace(made.data, fields=fields))
    wide = {**made.graph.nodes, "embed": node("embed", "Embedding", num_embeddings=400, embedding_dim=4)}
    return replace(made, graph=replace(made.graph, nodes=wide))


MADE = {
    "table": table,
    "delimited": lambda folder: table(folder, "people2.csv", separator=";"),
    "parquet": lambda folder: table(folder, "people.parquet"),
    "classes": classes_of_table,
    "arrays": arrays,
    "mnist": mnist,
    "pictures": pictures,
    "series": series,
    "holes": holes,
    "texts": texts,
    "letters": lambda folder: texts(folder, "characters"),
    "pieces": lambda folder: texts(folder, "pieces"),
    "reviews": reviews,
    "random numbers": lambda _: random("numbers", "numbers", (4,), regression("input", width=3), outputs=3),
    "random classes": lambda _: random(
        "numbers", "classes", (1, 8, 8), regression("input", "CrossEntropy", 5), classes=5
    ),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    """Each kind of data, trained on here and by its program."""
    folder, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("programs")
    found = {name: both(make(folder), folder, name.replace(" ", "_"), out) for name, make in MADE.items()}
    run_programs(found.values())
    return found


@pytest.mark.parametrize("name", MADE)
def test_the_losses_are_those_of_the_run(name: str, runs: dict[str, Both]) -> None:
    assert_same(runs[name])


def test_all_are_written_well(runs: dict[str, Both]) -> None:
    lint(one.program for one in runs.values())


def test_all_but_pieces_of_words_are_read_in_plain_code(runs: dict[str, Both]) -> None:
    beside = {name for name, one in runs.items() if len(one.exported.paths) > 1}
    assert beside == {"pieces", "holes"}
    (note,) = runs["pieces"].exported.notes
    assert "prepared tensors" in note
    assert note.split()[0] in runs["pieces"].program.read_text()


def test_a_table_is_read_as_a_person_would_read_it(runs: dict[str, Both]) -> None:
    text = runs["table"].program.read_text()
    assert 'np.nan_to_num(frame["age"].cast(pl.Float64).to_numpy(), nan=' in text
    assert 'one_hot(["Aalen", "Kehl", "Ulm"], frame["town"].cast(pl.String))' in text
    assert 'separator=";"' in runs["delimited"].program.read_text()
    assert "pl.read_parquet(path)" in runs["parquet"].program.read_text()
    assert 'numbered(["high", "low"], frame["class"].cast(pl.String))' in runs["classes"].program.read_text()


def test_of_large_data_it_is_told_that_nothing_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_data, "MOST_BYTES", 100)
    project = table(tmp_path)
    made = make_program(project, plan_in(project, tmp_path), tmp_path)
    assert made.notes == (program_data.UNTRIED,)
    assert "pl.read_csv(" in made.text
    spoken_of = texts(tmp_path, "pieces")
    with pytest.raises(StudioError, match="too large to be written beside"):
        make_program(spoken_of, plan_in(spoken_of, tmp_path), tmp_path)


def test_random_changes_are_left_out_and_told(tmp_path: Path) -> None:
    made = pictures(tmp_path)
    flips = {"image": FieldSetting(augment=(Setting("Flip"),))}
    project = replace(made, data=replace(made.data, fields=flips))
    found = make_program(project, plan_in(project, tmp_path), tmp_path)
    assert any("Random changes in training" in note for note in found.notes)
