"""What the code panel can show of a drawing: PyTorch or Keras, the network alone or the whole program.

The texts are written off the UI thread; neither Keras nor TensorFlow is needed for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.interchange.keras.program import KerasProgram
    from studio.interchange.program.written import Program

Framework = Literal["pytorch", "keras"]
TITLES: dict[Framework, str] = {"pytorch": "PyTorch", "keras": "Keras"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which text: of which framework, and whether with data and training."""

    framework: Framework = "pytorch"
    whole: bool = False

    @property
    def suffix(self) -> str:
        """Tells the file of one choice from those of the others."""
        return ("_keras" if self.framework == "keras" else "") + ("_program" if self.whole else "")


@dataclass(frozen=True, slots=True)
class Written:
    """A text and what is to be said of it: `missing` what has no twin, with the nearest choice, and `notes`
    what a program leaves out.
    """

    choice: Choice
    text: str
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def written(checked: Checked, choice: Choice, folder: Path) -> Written:
    """The text; data are read from `folder` where a program needs to know them. Raises StudioError."""
    project, plan = checked.project, checked.plan
    if choice.whole:
        program = _program(checked, choice, folder)
        return Written(choice, program.text, notes=program.notes)
    if choice.framework == "keras":
        from studio.interchange.keras.missing import missing_twins
        from studio.interchange.keras.source import to_keras

        missing = tuple(str(one) for one in missing_twins(plan))
        return Written(choice, to_keras(project, plan), missing)
    from studio.interchange.pytorch.source import to_pytorch

    return Written(choice, to_pytorch(project, plan))


def save(checked: Checked, choice: Choice, path: Path, folder: Path) -> tuple[Path, ...]:
    """Write the text to a file, and what a program loads beside it; all files. Raises StudioError."""
    from studio.project.files import write_atomic

    paths = [path]
    try:
        if not choice.whole:
            write_atomic(path, written(checked, choice, folder).text.encode())
            return (path,)
        from studio.interchange.program.main import beside
        from studio.interchange.pytorch.check import save_tensors

        program = _program(checked, choice, folder, path)
        write_atomic(path, program.text.encode())
        if program.beside:
            paths.append(beside(path, "rows" if program.plain_data else "data"))
            save_tensors(program.beside, paths[1])
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise StudioError(message, "Choose another place.") from error
    return tuple(paths)


def _program(
    checked: Checked, choice: Choice, folder: Path, out: Path | None = None
) -> Program | KerasProgram:
    if choice.framework == "keras":
        from studio.interchange.keras.program import make_keras_program

        return make_keras_program(checked.project, checked.plan, folder, out)
    from studio.interchange.program.written import make_program

    return make_program(checked.project, checked.plan, folder, out)
