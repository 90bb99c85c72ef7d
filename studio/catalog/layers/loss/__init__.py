"""Losses: what training makes small. Several in one drawing add up, each times its weight."""

from __future__ import annotations

from studio.catalog.layers.loss.classes import CLASSES
from studio.catalog.layers.loss.distances import DISTANCES
from studio.catalog.layers.loss.numbers import NUMBERS
from studio.catalog.layers.loss.shares import SHARES
from studio.catalog.layers.loss.written import WRITTEN
from studio.catalog.registry import Layer

LOSS: tuple[Layer, ...] = (*CLASSES, *NUMBERS, *SHARES, *DISTANCES, *WRITTEN)
