"""Where shipped files lie (icons, samples) and where the user's own go (settings, recovery files, runs)."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).parent


def shipped(kind: str) -> Path:
    """The folder of shipped files of a kind, "resources" or "samples": inside the wheel, or beside the
    package.
    """
    inside = PACKAGE / f"_{kind}"
    return inside if inside.is_dir() else PACKAGE.parent / kind


def user_folder() -> Path:
    """Where recovery files, recent files and runs of unsaved projects go; NEUROLOOM_HOME overrides it."""
    chosen = os.environ.get("NEUROLOOM_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("neuroloom", appauthor=False))


def cache_folder() -> Path:
    """Where what can be made anew is kept: decoded samples."""
    chosen = os.environ.get("NEUROLOOM_HOME")
    return (
        Path(chosen) / "cache" if chosen else Path(platformdirs.user_cache_dir("neuroloom", appauthor=False))
    )
