"""How metrics, numbers and spans of time are written in the monitor."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from studio.catalog.metrics import is_share, places


def metric_title(metric: str) -> str:
    """A metric's name as a heading; that of one of several loss nodes carries the node's name."""
    bare, _, unit = metric.partition(" (")
    if unit:
        return f"{metric_title(bare)} ({unit}"
    node, _, last = metric.rpartition(".")
    titles = {
        "loss": QCoreApplication.translate("Metrics", "Loss"),
        "accuracy": QCoreApplication.translate("Metrics", "Accuracy"),
        "precision": QCoreApplication.translate("Metrics", "Precision"),
        "recall": QCoreApplication.translate("Metrics", "Recall"),
        "f1": QCoreApplication.translate("Metrics", "F1"),
        "auroc": QCoreApplication.translate("Metrics", "AUROC"),
        "average_precision": QCoreApplication.translate("Metrics", "Average precision"),
        "iou": QCoreApplication.translate("Metrics", "IoU"),
        "dice": QCoreApplication.translate("Metrics", "Dice"),
        "perplexity": QCoreApplication.translate("Metrics", "Perplexity"),
        "mae": QCoreApplication.translate("Metrics", "Mean absolute error"),
        "mse": QCoreApplication.translate("Metrics", "Mean squared error"),
        "rmse": QCoreApplication.translate("Metrics", "Root mean squared error"),
        "r2": QCoreApplication.translate("Metrics", "R²"),
    }
    if node and last in ("mae", "mse", "rmse"):
        return f"{node} · {last.upper()}"
    title = titles.get(last, last)
    if (count := places(last)) is not None:
        title = QCoreApplication.translate("Metrics", "Top-{count} accuracy").format(count=count)
    return f"{node} · {title}" if node else title


def metric_label(metric: str) -> str:
    """A metric's name in running text."""
    title = metric_title(metric)
    fixed = "." in metric or metric in ("r2", "f1", "auroc", "iou")
    return title if fixed else title[:1].lower() + title[1:]


def metric_text(metric: str, value: float) -> str:
    """A metric's value: 98.21 %, 0.1382, 3.1e-4."""
    return f"{100 * value:.2f} %" if is_share(metric) and math.isfinite(value) else number(value)


def spread_text(metric: str, value: float, deviation: float | None) -> str:
    """A metric's value, and of several seeds how far they lie apart: 98.21 ± 0.32 %, 0.0955 ± 0.0061."""
    if deviation is None or not math.isfinite(value):
        return metric_text(metric, value)
    if is_share(metric):
        return f"{100 * value:.2f} ± {100 * deviation:.2f} %"
    if not (5e-5 <= deviation < 10 and abs(value) < 100):
        return f"{number(value)} ± {number(deviation, 2)}"
    places = min(4, 1 - math.floor(math.log10(deviation)))
    return f"{value:.{places}f} ± {deviation:.{places}f}"


def number(value: float, digits: int = 4) -> str:
    """A number in few significant digits: 0.1382, 41,200, 3.1e-4; a dash where there is none."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if value == 0 or 1e-3 <= size < 10**digits:
        return f"{value:.{digits}g}"
    if size < 1e7 and size >= 1:
        return grouped(round(value))
    mantissa, _, exponent = f"{value:.{digits - 2}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def grouped(value: int) -> str:
    """A whole number in groups of three, as the record and the command line write it: 41,200."""
    return f"{value:,}"


def duration(seconds: float) -> str:
    """How long something took: 0.4 s, 12 s, 1:02:03."""
    if not 0 <= seconds < 60:
        return clock(seconds)
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def clock(seconds: float) -> str:
    """A span of time as h:mm:ss; a dash where it is not known."""
    if not math.isfinite(seconds) or seconds < 0:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
