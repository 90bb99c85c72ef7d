"""What a run was trained with, where it began and how far it strays from the one it repeats, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from studio.errors import StudioError
from studio.train.drift import Drift, drift
from studio.train.fork import Fork, Weight, read_fork
from studio.train.runs import RunInfo
from studio.train.seed_runs import member_infos
from studio.train.ways.words import ways_told
from studio.ui.monitor.wording import metric_text, metric_title

MOST_NAMED = 40


def record_text(run: RunInfo) -> str:
    """All that is known of a run. Reads its files: for the background."""
    tr = QCoreApplication.translate
    parts = [
        *_told(run, tr("Runs", "From"), _fork_lines),
        *_told(run, tr("Runs", "Drift"), _drift_lines),
        (tr("Runs", "Test part"), _test(run)),
        (tr("Runs", "Trained with"), _environment(run)),
        (tr("Runs", "Measured ways to compute"), _ways(run)),
        (tr("Runs", "Data"), _data(run)),
        (tr("Runs", "Git"), [f"{name} {value}" for name, value in run.git.items()]),
    ]
    return "\n\n".join(
        "\n".join((title, *(f"  {line}" for line in lines))) for title, lines in parts if lines
    )


def weights_text(weights: Sequence[Weight]) -> list[str]:
    """Tensors with their shapes, and what shapes they had."""
    tr = QCoreApplication.translate
    lines = [
        f"{one.name}  {shape_text(one.shape)}"
        + (
            tr("Runs", "  (was {shape})").format(shape=shape_text(one.before))
            if one.before is not None
            else ""
        )
        for one in weights[:MOST_NAMED]
    ]
    more = len(weights) - len(lines)
    return [*lines, *([tr("Runs", "and {count} more").format(count=more)] if more else [])]


def shape_text(shape: Sequence[int]) -> str:
    """128×64; 1 for a single number."""
    return "×".join(map(str, shape)) or "1"


def fork_groups(fork: Fork) -> list[tuple[str, tuple[Weight, ...]]]:
    """What is kept, initialised afresh and dropped, with a heading each."""
    tr = QCoreApplication.translate
    named = (
        (tr("Runs", "Kept"), fork.kept),
        (tr("Runs", "Initialised afresh"), fork.fresh),
        (tr("Runs", "Dropped"), fork.dropped),
    )
    return [(heading, weights) for heading, weights in named if weights]


def _told(run: RunInfo, title: str, say: object) -> list[tuple[str, list[str]]]:
    try:
        lines = say(run)  # type: ignore[operator]
    except StudioError as error:
        lines = [error.message]
    return [(title, lines)] if lines else []


def _fork_lines(run: RunInfo) -> list[str]:
    fork = read_fork(run.path)
    if fork is None:
        return []
    tr = QCoreApplication.translate
    text = tr("Runs", "{run}, after epoch {epoch} ({checkpoint})")
    lines = [text.format(run=fork.run.name, epoch=fork.epoch, checkpoint=fork.checkpoint)]
    if fork.whole:
        lines.append(tr("Runs", "exactly: optimizer, order of the samples and random numbers too"))
    for heading, weights in fork_groups(fork):
        lines += [f"{heading}: {len(weights)}", *(f"  {line}" for line in weights_text(weights))]
    return lines


def _drift_lines(run: RunInfo) -> list[str]:
    if not run.reproduces or run.status in ("created", "running"):
        return []
    return drift_lines(drift(run.path, Path(run.reproduces)))


def drift_lines(found: Drift) -> list[str]:
    """How far a run strays from the one that it repeats."""
    tr = QCoreApplication.translate
    points = sum(one.points for one in found.curves)
    if found.none:
        text = tr("Runs", "All {count} values are equal to those of {run}, to the last digit")
        lines = [text.format(count=f"{points:,}", run=found.original)]
    elif found.common_equal:
        text = tr("Runs", "All {count} values that {run} has too are equal, to the last digit")
        lines = [text.format(count=f"{points:,}", run=found.original)]
    else:
        lines = [tr("Runs", "Differs from {run}").format(run=found.original)]
        for one in found.curves:
            if one.first is None:
                lines.append(tr("Runs", "{curve}: equal").format(curve=one.name))
            else:
                text = tr("Runs", "{curve}: {digits} digits in common, first differs at {by} {at}")
                lines.append(text.format(curve=one.name, digits=one.digits, by=one.by, at=one.first))
    if found.missing:
        lines.append(tr("Runs", "{count} values are in one of both only").format(count=f"{found.missing:,}"))
    lines += [f"{one.what}: {one.before} → {one.after}" for one in found.changes]
    if not found.changes:
        lines.append(tr("Runs", "versions, machine, data and git are as they were"))
    return lines


def _test(run: RunInfo) -> list[str]:
    """What was measured at the end; with several seeds the mean, the deviation, and each."""
    lines = [
        f"{metric_title(name)} {metric_text(name, value)}"
        + (f" ± {metric_text(name, run.deviation[name])}" if name in run.deviation else "")
        for name, value in run.test.items()
    ]
    return [*lines, *map(_seed, member_infos(run.path))]


def _seed(run: RunInfo) -> str:
    """What was measured with a seed; where nothing is yet, how far it has come."""
    tr = QCoreApplication.translate
    if run.test:
        told = ", ".join(f"{name} {metric_text(name, value)}" for name, value in run.test.items())
    else:
        text = tr("Runs", "nothing measured, {done} of {all} epochs done")
        told = text.format(done=run.epochs_done, all=run.epochs)
    return tr("Runs", "seed {seed}: {metrics}").format(seed=run.seed, metrics=told)


def _environment(run: RunInfo) -> list[str]:
    tr = QCoreApplication.translate
    told = {"threads": tr("Runs", "threads used")}
    lines = [f"{told.get(name, name)} {value}" for name, value in run.environment.items()]
    seed = tr("Runs", "seed {seed}").format(seed=run.seed)
    return [tr("Runs", "device {device}").format(device=run.device), seed, *lines] if lines else []


def _ways(run: RunInfo) -> list[str]:
    """Each way that was measured, the one that was taken with a mark."""
    told = [("✓ " if taken else "") + text for text, taken in ways_told(run.way)]
    return [*told, *run.unmeasured.values()]


def _data(run: RunInfo) -> list[str]:
    tr = QCoreApplication.translate
    text = tr("Runs", "{part}: {count} samples, values {values}")
    lines = [
        text.format(part=name, count=f"{part['samples']:,}", values=part["values"])
        for name, part in run.data.get("parts", {}).items()
    ]
    files = run.data.get("files") or {}
    if files:
        told = tr("Runs", "{count} files, {bytes} bytes, {sum}")
        lines.append(told.format(count=files["count"], bytes=f"{files['bytes']:,}", sum=files["sum"]))
    return lines
