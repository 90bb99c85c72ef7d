"""The checks of the data: a table of functions, each of which finds one kind of flaw."""

from __future__ import annotations

from studio.data.checks.look import Bounds, Cancelled, Flaw, Look
from studio.data.checks.table import CHECKS, Check, Report, check_data

__all__ = ["CHECKS", "Bounds", "Cancelled", "Check", "Flaw", "Look", "Report", "check_data"]
