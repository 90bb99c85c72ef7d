"""Texts: encodings, folders, lines, running texts, tokens; from file to a trained model that reads words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from samples.make_texts import make as make_texts
from studio.analysis.evaluate import evaluate
from studio.analysis.predict import Predictor
from studio.cli import main
from studio.data.cells import Listed
from studio.data.columns import plan
from studio.data.decoding.texts import decoded, recognised
from studio.data.findings import find
from studio.data.making import Made, make
from studio.data.pipeline import read_data
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.data.table import SourceColumn, Table
from studio.project.fields import Role
from studio.project.graph import Graph, Node
from studio.project.project import Data, FieldSetting, Project, Setting, Training
from tests.train.drawings import chain, train

LANGUAGES = {
    "gb18030": "你好，世界。今天天气很好，我们去公园散步。",
    "big5": "你好，世界。今天天氣很好",
    "shift_jis": "これは日本語のテキストです。漢字も。",
    "euc_jp": "これは日本語のテキストです。漢字も。",
    "euc_kr": "안녕하세요 세계",
    "cp1251": "Привет, мир! Это русский текст.",
    "cp1252": "über die Brücke – “naïve”",
    "utf-8": "你好 über",
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    make_texts(folder, 200)
    return folder


def made(values: list[str | None], *steps: Setting, train: int | None = None, missing: str = "error") -> Made:
    """A column of texts after its steps."""
    table = Table({"text": SourceColumn(Listed(values), "text")}, missing=missing)
    setting = FieldSetting(transforms=steps or None)
    planned = plan(table, find(table), {"text": setting})["text"]
    rows = np.arange(len(values))
    return make(planned, rows, rows[:train], None)


def folder_of(place: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return place


def refused(data: Data, folder: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        read_data(data, folder)
    return caught.value


@pytest.mark.parametrize("encoding", LANGUAGES)
def test_encodings_are_recognised(encoding: str) -> None:
    text = LANGUAGES[encoding]
    found = decoded(text.encode(encoding), "a.txt")
    assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_at_the_begin_tells_the_encoding(encoding: str) -> None:
    found = decoded("größer".encode(encoding), "a.txt")
    assert (found.text, found.encoding) == ("größer", encoding)


def test_an_encoding_that_is_none_is_named_with_line_and_byte(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.txt": b"first\nsecond \x81\x8d\x8f\n", "b.txt": b"\0\1\2 binary"})
    with pytest.raises(DataError, match=r"a\.txt, line 2: the byte 0x81 is no utf-8 text"):
        recognised(tmp_path / "a.txt")
    with pytest.raises(DataError, match=r"b\.txt, line 1: there is a NUL character"):
        recognised(tmp_path / "b.txt")
    with pytest.raises(DataError, match=r"a\.txt, line 2: the byte 0x8f is no gb18030"):
        recognised(tmp_path / "a.txt", "gb18030")


def test_folders_are_classes_and_parts(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"{part}/{kind}/{at}.txt": f"{kind} text {at} of {part}"
        for part in ("train", "test")
        for kind in ("bad", "good")
        for at in range(6)
    }
    folder_of(tmp_path / "set", files)
    ready = read_data(Data(Setting("TextFolder", {"folder": "set"})), tmp_path)
    assert ready.raw.fields["label"].classes == ("bad", "good")
    assert [ready.key(int(row)) for row in ready.rows["test"]][:2] == ["test/bad/0.txt", "test/bad/1.txt"]
    assert len(ready.rows["test"]) == 12
    tokens = ready.raw.fields["text"]
    assert (tokens.dtype, tokens.shape, tokens.low) == ("int64", (5,), 0.0)
    assert "test" not in ready.learned["text"][0]["tokens"]


def test_empty_and_broken_texts_are_named(tmp_path: Path) -> None:
    folder_of(tmp_path / "set", {"a/1.txt": "one two", "a/2.txt": "", "b/1.txt": "three", "b/2.md": b"\0\1"})
    data = Data(Setting("TextFolder", {"folder": "set"}), {"validation": 0.0, "test": 0.0})
    error = refused(data, tmp_path)
    assert "1 of 4 texts cannot be read. 2.md, line 1: there is a NUL" in error.message
    assert error.param == "broken"
    skipping = replace(data, source=Setting("TextFolder", {"folder": "set", "broken": "skip"}))
    ready = read_data(skipping, tmp_path)
    assert [ready.key(at) for at in range(3)] == ["a/1.txt", "a/2.txt", "b/1.txt"]
    told = [one.message for one in ready.raw.warnings]
    assert any("1 texts hold nothing: a/2.txt" in one for one in told)
    assert any("left out. 2.md" in one for one in told)
    assert ready.raw.arrays["text"][1].tolist() == [0, 0]


def test_a_folder_without_texts_is_told(tmp_path: Path) -> None:
    folder_of(tmp_path / "set", {"a.png": b"1"})
    error = refused(Data(Setting("TextFolder", {"folder": "set"})), tmp_path)
    assert error.message.endswith("set holds no texts, but 1 other files.")


def test_lines_of_files_and_their_classes(tmp_path: Path) -> None:
    folder_of(
        tmp_path / "names", {"German.txt": "Müller\n\nSchmidt\n", "French.txt": "Dupont\nMartin\nPetit"}
    )
    ready = read_data(Data(Setting("TextLines", {"path": "names"})), tmp_path)
    assert ready.raw.fields["label"].classes == ("French", "German")
    assert [ready.key(at) for at in range(5)][2:4] == ["French.txt:3", "German.txt:1"]
    alone = refused(Data(Setting("TextLines", {"path": "one.txt"})), folder_of(tmp_path, {"one.txt": "a"}))
    assert "one.txt holds one line of text; at least two are needed" in alone.message


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_of_a_running_text_each_next_token_is_the_target(tmp_path: Path, unit: str) -> None:
    folder_of(tmp_path, {"plays.txt": "to be or not to be, that is the question. " * 20})
    params = {"path": "plays.txt", "content": "running text", "unit": unit, "length": 7}
    ready = read_data(Data(Setting("TextLines", params)), tmp_path)
    arrays = ready.raw.arrays
    assert list(arrays) == ["text", "next"]
    assert np.array_equal(arrays["text"][:, 1:], arrays["next"][:, :-1])
    assert np.array_equal(arrays["next"][:-1, -1], arrays["text"][1:, 0])
    assert ready.learned["text"][0] == ready.learned["next"][0]
    assert ready.raw.fields["next"].role == "target"


def test_pieces_of_words_are_predicted_too(texts: Path) -> None:
    params = {"path": "plays.txt", "content": "running text", "unit": "pieces", "length": 16}
    ready = read_data(Data(Setting("TextLines", {**params, "vocabulary": 400})), texts)
    text, after = ready.raw.arrays["text"], ready.raw.arrays["next"]
    assert np.array_equal(text[:, 1:], after[:, :-1])
    assert ready.raw.fields["text"].high == 399
    assert (text != 0).mean() > 0.95


def test_a_text_too_short_for_a_piece_is_told(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a.txt": "short"})
    error = refused(Data(Setting("TextLines", {"path": "a.txt", "content": "running text"})), tmp_path)
    assert error.message == "a.txt makes 0 pieces of 128 characters; at least two are needed."
    assert error.param == "length"


def test_words_are_learned_from_the_training_part_alone() -> None:
    found = made(
        ["the fox, the hen", "the fox", "a wolf"], Setting("Tokenize"), Setting("PadTokens"), train=2
    )
    assert found.states[0]["tokens"] == ["<pad>", "<unknown>", "the", "fox", ",", "hen"]
    assert found.states[1] == {"length": 5}
    assert found.array.tolist() == [[2, 3, 4, 2, 5], [2, 3, 0, 0, 0], [1, 1, 0, 0, 0]]
    assert (found.field.low, found.field.high, found.field.dtype) == (0.0, 5.0, "int64")


def test_vocabulary_least_frequency_and_ends() -> None:
    texts: list[str | None] = ["a a a b b c"]
    few = made(texts, Setting("Tokenize", {"vocabulary": 4}), Setting("PadTokens"))
    assert few.states[0]["tokens"][2:] == ["a", "b"]
    often = made(texts, Setting("Tokenize", {"least": 3, "ends": True}), Setting("PadTokens"))
    assert often.array.tolist() == [[2, 4, 4, 4, 1, 1, 1, 3]]
    with pytest.raises(DataError, match="text: The texts of the training part hold no token that comes up 9"):
        made(texts, Setting("Tokenize", {"least": 9}), Setting("PadTokens"))


def test_characters_and_scripts_without_spaces() -> None:
    letters = made(["ab", "ba"], Setting("Tokenize", {"unit": "characters"}), Setting("PadTokens"))
    assert letters.array.tolist() == [[2, 3], [3, 2]]
    words = made(["我们 walk."], Setting("Tokenize"), Setting("PadTokens"))
    assert set(words.states[0]["tokens"][2:]) == {"我", "们", "walk", "."}


def test_byte_pairs_know_every_text_and_give_it_back() -> None:
    steps = Setting("Tokenize", {"unit": "pieces", "vocabulary": 300}), Setting("PadTokens")
    texts: list[str | None] = ["the theory of the thing"] * 5 + ["über 你好"]
    found = made(texts, *steps, train=5)
    assert 1 not in found.array
    again = made(texts, *steps, train=5)
    assert np.array_equal(found.array, again.array)
    with pytest.raises(DataError, match="at least 258"):
        made(texts, Setting("Tokenize", {"unit": "pieces", "vocabulary": 100}), Setting("PadTokens"))


def test_padding_and_cutting() -> None:
    texts: list[str | None] = ["a b c d", "a"]
    end = made(texts, Setting("Tokenize"), Setting("PadTokens", {"length": 3}))
    assert end.array.tolist() == [[2, 3, 4], [2, 0, 0]]
    begin = made(texts, Setting("Tokenize"), Setting("PadTokens", {"length": 3, "side": "begin"}))
    assert begin.array.tolist() == [[3, 4, 5], [0, 0, 2]]
    most = made(["a"] * 19 + ["a " * 50], Setting("Tokenize"), Setting("PadTokens", {"percentile": 50.0}))
    assert most.field.shape == (1,)
    with pytest.raises(DataError, match="A text has 1 tokens, and those up to 3 are to be taken"):
        made(texts, Setting("Tokenize"), Setting("CutTokens", {"length": 3}))


def test_one_way_to_write() -> None:
    steps = Setting("Lowercase"), Setting("Unicode", {"accents": False}), Setting("Tokenize")
    found = made(["CAFÉ", "cafe\u0301", "ｃａｆｅ"], *steps, Setting("PadTokens"))
    assert found.array.tolist() == [[2], [2], [2]]


def test_bag_of_words_counts_as_scikit_learn_does() -> None:
    texts = ["the cat sat on the mat", "the dog sat", "a cat and a dog", "birds"]
    found = made(list(texts), Setting("BagOfWords"), train=3)
    words = found.states[0]["tokens"][2:]
    peer = TfidfVectorizer(vocabulary=words, token_pattern=r"\w+").fit(texts[:3])
    assert np.allclose(found.array, peer.transform(texts).toarray(), atol=1e-6)
    counts = made(list(texts), Setting("BagOfWords", {"weights": "counts"}), train=3)
    assert counts.array[0][counts.states[0]["tokens"][2:].index("the")] == 2


def test_missing_texts_stop_or_count_as_empty() -> None:
    texts = ["one", None, "two"]
    with pytest.raises(DataError, match="text: 1 texts are missing"):
        made(texts)
    assert made(texts, missing="zero").array.tolist() == [[2], [0], [3]]


def test_steps_of_texts_take_texts_only() -> None:
    with pytest.raises(DataError, match="text: PadTokens works on tokens, and here it gets text"):
        made(["a"], Setting("PadTokens"))
    with pytest.raises(DataError, match="its values are no numbers yet"):
        made(["a"], Setting("Lowercase"))


def classifier(role: Role = "input") -> Graph:
    """The mean of learned vectors of letters, and of what stands side by side."""
    return chain(
        Node("text", "Input", {"field": "text", "dtype": "int64"}),
        Node("letters", "Embedding", {"num_embeddings": "= text.count", "embedding_dim": 16}),
        Node("turned", "Permute", {"dims": (0, 2, 1)}),
        Node("conv", "Conv1d", {"out_channels": 64, "kernel_size": 5, "padding": "same"}),
        Node("relu", "ReLU"),
        Node("best", "AdaptiveMaxPool1d", {"output_size": 1}),
        Node("flat", "Flatten"),
        Node("scores", "Linear", {"out_features": "= label.classes"}),
        Node("loss", "CrossEntropy"),
    )


@pytest.fixture(scope="module")
def run(texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that tells languages by their letters."""
    steps = (Setting("Tokenize", {"unit": "characters"}), Setting("PadTokens"))
    data = Data(
        Setting("TextFolder", {"folder": str(texts / "messages")}),
        fields={"text": FieldSetting(transforms=steps)},
    )
    training = Training(Setting("AdamW", {"lr": 0.01}), options={"epochs": 10, "batch_size": 32})
    place = tmp_path_factory.mktemp("run")
    done = train(Project("languages", classifier(), data, training), place)
    assert done.result.failed is None
    return done.result.run_dir


def test_from_texts_in_folders_to_a_model_that_tells_languages(run: Path) -> None:
    assert evaluate(run, "test").metrics["accuracy"] > 0.6


def test_typed_words_go_the_way_of_the_data(
    run: Path, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predictor = Predictor(run)
    file = texts / "messages" / "Dutch" / "0001.txt"
    typed, read = predictor.predict([file.read_text("utf-8"), str(file)])
    assert typed.answers["loss"].shares == read.answers["loss"].shares
    (unknown,) = predictor.predict(["☃"])
    assert len(unknown.answers["loss"].shares) == 6
    assert main(["predict", str(run), "de verbinding is niet gevonden"]) == 0
    assert "Dutch" in capsys.readouterr().out


def test_a_language_model_goes_on_with_text(texts: Path, tmp_path: Path) -> None:
    params = {"path": str(texts / "plays.txt"), "content": "running text", "length": 24}
    graph = chain(
        Node("text", "Input", {"field": "text", "dtype": "int64", "shape": ("T",)}),
        Node("letters", "Embedding", {"num_embeddings": "= text.count", "embedding_dim": 32}),
        Node("lstm", "LSTM", {"hidden_size": 64, "batch_first": True}),
        Node("scores", "Linear", {"out_features": "= text.count"}),
        Node("by_letter", "Permute", {"dims": (0, 2, 1)}),
        Node("loss", "CrossEntropy", {"target": "next"}),
    )
    data = Data(Setting("TextLines", params), {"validation": 0.05, "test": 0.05})
    training = Training(Setting("AdamW", {"lr": 0.01}), options={"epochs": 2, "batch_size": 32})
    done = train(Project("plays", graph, data, training), tmp_path)
    assert done.result.failed is None
    assert evaluate(done.result.run_dir, "test").metrics["accuracy"] > 0.3
    (found,) = Predictor(done.result.run_dir).predict(["the quee"])
    assert len(found.answers["loss"].text) == 8
    assert str(found.answers["loss"]) == found.answers["loss"].text


def test_prepared_tokens_are_whole_numbers(texts: Path) -> None:
    prepared = prepare(Data(Setting("TextLines", {"path": "lines"})), texts)
    tokens = prepared.parts["train"].tensors["text"]
    assert str(tokens.dtype) == "torch.int64"
    assert prepared.ways["text"].text(tokens[0].numpy())
