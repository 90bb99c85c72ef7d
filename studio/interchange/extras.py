"""Libraries that only some need: a clear message where one is missing."""

from __future__ import annotations

from importlib.util import find_spec

from studio.errors import StudioError


def needed(extra: str, *modules: str) -> None:
    """StudioError, with the command that installs them, where one of the modules cannot be found."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        names = " and ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        hint = f'Install it with  pip install "neuroloom[{extra}]"  and try again.'
        raise StudioError(f"This needs {names}, which {verb} not installed.", hint)
