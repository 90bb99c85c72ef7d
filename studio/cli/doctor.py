"""doctor: versions, devices, what is missing and the exact command to get it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from argparse import Namespace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from studio.catalog.registry import registry
from studio.cli.say import FAILED, say, table

PACKAGES = (
    *("neuroloom", "torch", "PySide6-Essentials", "pyqtgraph", "networkx", "numpy"),
    *("safetensors", "platformdirs", "scikit-learn", "pillow"),
)
SYSTEM = "libegl1 libgl1 libglib2.0-0 libdbus-1-3 libxkbcommon0 libfontconfig1 fonts-dejavu-core"
SCREEN = "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
QT_LIBRARIES = f"sudo apt-get install --no-install-recommends {SYSTEM} {SCREEN}"
FASHION = Path("/usr/share/datasets/fashion-mnist")
HEADLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def doctor(arguments: Namespace) -> int:
    """neuroloom doctor: a table of what is here, then what is missing with its command."""
    rows = [["part", "here"], ["Python", f"{platform.python_version()} ({sys.executable})"]]
    rows += [["system", platform.platform()], *([name, _version(name) or "missing"] for name in PACKAGES)]
    rows += [["devices", _devices()], ["window", qt_problem() or "can open"]]
    rows += [["display", "none" if display_missing() else "there"]]
    say(table(rows))
    for fault in registry().faults:
        say(f"\na package's layers cannot be used: {fault}")
    needed, wished = _missing()
    for heading, found in (("missing:", needed), ("would be nice:", wished)):
        if found:
            say("\n".join(["", heading, *(f"  {what}\n    {command}" for what, command in found)]))
    if not needed:
        say("\nnothing needed is missing")
    return FAILED if needed else 0


def display_missing() -> bool:
    """Whether no window can be seen here."""
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in HEADLESS:
        return False
    return sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def qt_problem() -> str | None:
    """Why Qt does not load, or None."""
    try:
        import_module("PySide6.QtWidgets")
    except ImportError as error:
        return f"Qt does not load: {error}"
    return None


def _missing() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What is needed, and what would be nice, each with the command that gets it."""
    packages = [name for name in PACKAGES[1:] if _version(name) is None]
    needed = [
        (f"Python packages: {', '.join(packages)}", f"{sys.executable} -m pip install {' '.join(packages)}")
    ]
    needed = needed if packages else []
    if "PySide6-Essentials" not in packages and qt_problem():
        needed.append(("system libraries of Qt", QT_LIBRARIES))
    wished: list[tuple[str, str]] = []
    if not FASHION.is_dir() and shutil.which("apt-get"):
        wished.append(("the data of the fashion_mnist samples", "sudo apt-get install dataset-fashion-mnist"))
    if shutil.which("nvidia-smi") and "torch" not in packages and "cuda" not in _devices():
        command = f"{sys.executable} -m pip install --upgrade torch --index-url https://download.pytorch.org/whl/cu128"
        wished.append(("a PyTorch that uses the NVIDIA card", command))
    return needed, wished


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _devices() -> str:
    try:
        import torch
    except ImportError as error:
        return f"unknown: {error}"
    cpu = f"cpu ({torch.get_num_threads()} threads)"
    names = [
        f"cuda:{at} ({torch.cuda.get_device_name(at)})"
        for at in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)
    ]
    return ", ".join([cpu, *names])
