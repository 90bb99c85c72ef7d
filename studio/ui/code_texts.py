"""What the code panel can show of a drawing: PyTorch or Keras, the network alone or the whole program.

The texts are written off the UI thread; neither Keras nor TensorFlow is needed for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from studio.build.plan import Checked

Framework = Literal["pytorch", "keras"]
TITLES: dict[Framework, str] = {"pytorch": "PyTorch", "keras": "Keras"}
PROGRAMS: tuple[Framework, ...] = ("pytorch",)
"""Those in which there is a whole program."""


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
    if choice.framework == "keras":
        from studio.interchange.keras.missing import missing_twins
        from studio.interchange.keras.source import to_keras

        missing = tuple(str(one) for one in missing_twins(plan))
        return Written(choice, to_keras(project, plan), missing)
    if choice.whole:
        from studio.interchange.program import make_program

        program = make_program(project, plan, folder)
        return Written(choice, program.text, notes=program.notes)
    from studio.interchange.pytorch_source import to_pytorch

    return Written(choice, to_pytorch(project, plan))


def save(checked: Checked, choice: Choice, path: Path, folder: Path) -> tuple[Path, ...]:
    """Write the text to a file, and what a program loads beside it; all files. Raises StudioError."""
    project, plan = checked.project, checked.plan
    if choice.framework == "pytorch" and choice.whole:
        from studio.interchange.program import export_pytorch_program

        return export_pytorch_program(project, plan, path, folder).paths
    if choice.framework == "pytorch":
        from studio.interchange.pytorch_source import export_pytorch

        export_pytorch(project, plan, path)
        return (path,)
    from studio.errors import StudioError
    from studio.project.files import write_atomic

    try:
        write_atomic(path, written(checked, choice, folder).text.encode())
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise StudioError(message, "Choose another place.") from error
    return (path,)
