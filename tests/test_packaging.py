"""The wheel carries everything: installed into an empty environment it runs from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(one) for one in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment that holds the wheel, and sees the dependencies installed here.

    Only the packages are shared: no path leads back to the working tree.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    target = Path(
        _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).stdout.strip()
    )
    _run(
        *(sys.executable, "-m", "pip", "--python", python),
        *("install", "--no-deps", "--no-index", "--quiet", wheel),
        cwd=home,
    )
    (target / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scripts / "neuroloom"


def test_the_wheel_holds_resources_and_samples_and_no_runs(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    for kind in ("resources", "samples"):
        tracked = _run("git", "ls-files", kind, cwd=ROOT).stdout.split()
        assert tracked
        assert {f"studio/_{name}" for name in tracked} <= names
    assert not [name for name in names if "/runs/" in name or name.startswith(("tests", "benchmarks"))]


def test_the_installed_program_runs_elsewhere(installed: Path, tmp_path: Path):
    where = "import studio; print(studio.__file__)"
    package = Path(_run(installed.with_name("python"), "-c", where, cwd=tmp_path).stdout.strip())
    assert ROOT not in package.parents
    assert "cnn_digits" in _run(installed, "samples", cwd=tmp_path).stdout
    assert _run(installed, "--version", cwd=tmp_path).stdout.strip() == "0.1.0"
    _run(installed, "samples", "linear_regression", cwd=tmp_path)
    assert "no problems" in _run(installed, "check", "linear_regression.loom", cwd=tmp_path).stdout
    trained = _run(installed, "train", "linear_regression.loom", "--epochs", "3", "--json", cwd=tmp_path)
    assert json.loads(trained.stdout.splitlines()[-1])["reason"] == "completed"
    assert (tmp_path / "runs" / "linear_regression-001" / "project.loom").exists()


def test_the_installed_window_finds_its_resources(installed: Path, tmp_path: Path):
    program = (
        "from studio.places import shipped; icons = shipped('resources') / 'icons'; "
        "print(len(list(icons.glob('*.svg'))), len(list(shipped('samples').glob('*.loom'))))"
    )
    icons, samples = map(int, _run(installed.with_name("python"), "-c", program, cwd=tmp_path).stdout.split())
    assert icons > 5
    assert samples == len(list((ROOT / "samples").glob("*.loom")))


def test_every_dependency_has_its_exact_version():
    """What is declared is pinned, and what is pinned is what runs here."""
    import tomllib
    from importlib.metadata import version

    from packaging.requirements import Requirement

    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    pinned = {name.lower().replace("_", "-"): number for name, number in pinned.items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    waiting = [Requirement(line) for line in (*project["dependencies"], *extras["test"])]
    for needed in waiting:
        if needed.name == project["name"]:  # the extras that the tests take too
            waiting += [Requirement(line) for extra in needed.extras for line in extras[extra]]
        elif needed.marker is None or needed.marker.evaluate():
            assert needed.name.lower() in pinned
    for name, number in pinned.items():
        if name != "colorama":  # Windows only
            assert version(name).partition("+")[0] == number
