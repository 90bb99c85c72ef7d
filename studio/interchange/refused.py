"""Why a .pt2 file is never opened, told wherever somebody tries."""

from __future__ import annotations

from pathlib import Path

from studio.errors import StudioError

REFUSED = "A .pt2 file is not opened: reading one runs code that it holds."
INSTEAD = "Ask for the network as ONNX, or import the PyTorch class that it was made of."


def refuse_pt2(path: Path) -> None:
    """Raises StudioError for a file of that kind."""
    if path.suffix.lower() == ".pt2":
        raise StudioError(f"{path}: {REFUSED}", INSTEAD)
