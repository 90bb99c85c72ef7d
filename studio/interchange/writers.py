"""Writes a network in one of the forms, all of it or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import safetensors.torch

from studio.errors import StudioError
from studio.interchange.exported import Exported
from studio.interchange.extras import needed
from studio.interchange.forms import FORMS
from studio.interchange.weights_from import Trained
from studio.interchange.whole_files import unwritable
from studio.project.files import write_atomic

Progress = Callable[[str], None]
LOADING = 'Load the weights with  model.load_state_dict(safetensors.torch.load_file("{}"))'
UNTRAINED = ("keras-program", "card")
"""Forms that hold no weights."""


@dataclass(frozen=True, slots=True)
class Card:
    """That a model card is to lie beside what is written; `picture` is a file with the drawing, if any."""

    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written, and where; `target` is where it will lie in the end."""

    trained: Trained
    path: Path
    target: Path
    progress: Progress = lambda told: None


Writer = Callable[[Order], Exported]


def write(
    form: str, trained: Trained, path: Path, progress: Progress = lambda told: None, card: Card | None = None
) -> Exported:
    """Write a network; files that were there are replaced once all of the new ones are whole.

    Raises StudioError.
    """
    with room_for(form, path) as held:
        return write_into(held, form, trained, path, progress, card)


@contextmanager
def room_for(form: str, path: Path) -> Generator[Path]:
    """A folder beside a place in which its files are made; it goes with all that is left in it."""
    needed(FORMS[form].extra, *FORMS[form].modules)
    check_place(path, form)
    try:
        held = Path(tempfile.mkdtemp(prefix=".neuroloom-", dir=path.absolute().parent))
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield held
    finally:
        shutil.rmtree(held, ignore_errors=True)


def write_into(
    held: Path,
    form: str,
    trained: Trained,
    path: Path,
    progress: Progress = lambda told: None,
    card: Card | None = None,
) -> Exported:
    """Write as `write` does, with the files made in a folder that is there. Raises StudioError."""
    try:
        made = WRITERS[form](Order(trained, held / path.name, path, progress))
        if card is not None or form == "card":
            progress("Writing the model card …")
            made = _with_card(made, held / path.name, trained, card or Card())
        paths = tuple(_put(one, path.absolute().parent) for one in made.paths)
    except OSError as error:
        raise unwritable(path, error) from error
    note = (trained.note,) if trained.note and form not in UNTRAINED else ()
    return replace(made, paths=paths, notes=(*made.notes, *note))


def _with_card(made: Exported, at: Path, trained: Trained, card: Card) -> Exported:
    from studio.interchange.model_card import export_card

    text, more = at.with_suffix(".md"), list[Path]()
    if card.picture is not None:
        drawn = at.with_suffix(card.picture.suffix)
        if drawn not in made.paths:
            shutil.copyfile(card.picture, drawn)
            more.append(drawn)
    picture = at.with_suffix(card.picture.suffix).name if card.picture is not None else ""
    export_card(trained.checked, text, trained.run, picture, [one.name for one in made.paths])
    return replace(made, paths=(*made.paths, text, *more))


def check_place(path: Path, form: str) -> None:
    """Raises StudioError where a file of that form cannot lie there."""
    suffix = FORMS[form].suffix
    if suffix and path.suffix.lower() != suffix:
        name = path.with_suffix(suffix).name
        raise StudioError(f"{path}: expected a name that ends in {suffix}", f"Write it as {name}.")
    if path.is_dir() and suffix:
        raise StudioError(f"{path} is a folder.", "Choose the name of a file.")
    if path.is_dir() and any(path.iterdir()) and not (path / "saved_model.pb").is_file():
        raise StudioError(f"{path} is a folder with other things in it.", "Choose a new folder.")


def _put(made: Path, folder: Path) -> Path:
    """Bring a file or folder that is whole to its place."""
    target = folder / made.name
    old = made.with_name(f"{made.name}.old")
    if target.is_dir():
        target.rename(old)
    made.replace(target)
    with suppress(OSError):
        shutil.rmtree(old)
    return target


# ---- one form each


def _pytorch(order: Order) -> Exported:
    from studio.interchange.pytorch.source import export_pytorch

    trained = order.trained
    weights = trained.weights if trained.known else None
    made = export_pytorch(trained.checked.project, trained.checked.plan, order.path, weights, trained.folder)
    loading = LOADING.format(order.path.with_suffix(".safetensors").name)
    return made if weights is None else replace(made, notes=(*made.notes, loading))


def _pytorch_program(order: Order) -> Exported:
    from studio.interchange.program.written import export_pytorch_program

    trained, checked = order.trained, order.trained.checked
    weights = trained.weights if trained.known else None
    order.progress("Reading the data, and writing the program …")
    return export_pytorch_program(
        checked.project, checked.plan, order.path, trained.folder, weights, order.target
    )


def _keras(order: Order) -> Exported:
    from studio.interchange.keras.export import export_keras

    trained = order.trained
    order.progress("Building it in Keras, and comparing …")
    weights = trained.weights if trained.known else None
    return export_keras(trained.checked.project, trained.checked.plan, order.path, weights, trained.folder)


def _keras_program(order: Order) -> Exported:
    from studio.interchange.keras.program import export_keras_program

    trained = order.trained
    order.progress("Building it in Keras, and comparing …")
    return export_keras_program(
        trained.checked.project,
        trained.checked.plan,
        order.path,
        trained.weights if trained.known else None,
        trained.folder,
        target=order.target,
    )


def _keras_model(order: Order) -> Exported:
    return _saved(order, "keras")


def _savedmodel(order: Order) -> Exported:
    return _saved(order, "savedmodel")


def _saved(order: Order, form: str) -> Exported:
    from studio.interchange.keras.export import export_keras_model

    trained = order.trained
    order.progress("Building it in Keras, and comparing …")
    return export_keras_model(
        trained.checked.project,
        trained.checked.plan,
        order.path,
        trained.weights,
        trained.folder,
        "keras" if form == "keras" else "savedmodel",
    )


def _onnx(order: Order) -> Exported:
    from studio.interchange.onnx.writing import export_onnx

    return _traced(order, export_onnx)


def _pt2(order: Order) -> Exported:
    from studio.interchange.exported_program import export_pt2

    return _traced(order, export_pt2)


def _traced(order: Order, export: Callable[..., Exported]) -> Exported:
    """A form that torch makes by running the network."""
    trained, checked = order.trained, order.trained.checked
    return export(
        checked.project,
        checked.plan,
        order.path,
        trained.weights,
        trained.folder,
        progress=order.progress,
    )


def _weights(order: Order) -> Exported:
    write_weights(order.trained, order.path)
    return Exported((order.path,))


def write_weights(trained: Trained, path: Path) -> None:
    """The weights as safetensors, under the names of state_dict. Raises OSError."""
    held = {name: one.detach().cpu().contiguous().clone() for name, one in trained.weights.items()}
    write_atomic(path, safetensors.torch.save(held))


def _card(order: Order) -> Exported:
    return Exported(())  # it is written beside what was, with the files that there are


WRITERS: Mapping[str, Writer] = {
    "pytorch": _pytorch,
    "pytorch-program": _pytorch_program,
    "keras": _keras,
    "keras-program": _keras_program,
    "keras-model": _keras_model,
    "savedmodel": _savedmodel,
    "onnx": _onnx,
    "pt2": _pt2,
    "weights": _weights,
    "card": _card,
}
