"""The optimizers, by what moves the weights: torch's fused kernels, torch.optim's classes, or several."""

from __future__ import annotations

from studio.train.updates.choose import make_update, optimizer_values, usual_rate
from studio.train.updates.groups import Roles, roles_of
from studio.train.updates.search import Again, Search
from studio.train.updates.update import Update

__all__ = ["Again", "Roles", "Search", "Update", "make_update", "optimizer_values", "roles_of", "usual_rate"]
