"""What can be done with runs: the words for it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def run_words() -> tuple[tuple[str, str, str], ...]:
    """Name, text and tooltip of each deed, in order; made late, so that they speak the chosen language."""
    tr = QCoreApplication.translate
    return (
        ("open", tr("Runs", "Open"), tr("Runs", "Show this run's curves and evaluate it")),
        ("compare", tr("Runs", "Compare"), tr("Runs", "Show the curves of the selected runs together")),
        (
            "differences",
            tr("Runs", "Differences…"),
            tr("Runs", "What settings and drawings of the selected runs differ in, and what came of it"),
        ),
        (
            "fork",
            tr("Runs", "Fork…"),
            tr("Runs", "Begin a new run with this one's weights and the drawing as it is now"),
        ),
        ("rename", tr("Runs", "Rename"), tr("Runs", "Give this run another name")),
        (
            "restore",
            tr("Runs", "Restore project"),
            tr("Runs", "Open the project exactly as it was trained"),
        ),
        ("resume", tr("Runs", "Resume"), tr("Runs", "Go on training from the last checkpoint")),
        ("delete", tr("Runs", "Delete…"), tr("Runs", "Delete the selected runs from the disk")),
        (
            "repeat",
            tr("Runs", "Reproduce"),
            tr("Runs", "Train this run again, exactly as it was, and say which digits differ"),
        ),
        (
            "tensorboard",
            tr("Runs", "Save for TensorBoard…"),
            tr("Runs", "Write the curves of the selected runs as event files that TensorBoard reads"),
        ),
        (
            "folder",
            tr("Runs", "Open a run's folder…"),
            tr("Runs", "Show a run from anywhere, also one that another process trains now"),
        ),
    )
