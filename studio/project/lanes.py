"""Where the nodes of a layered drawing lie across their columns: wires as straight as there is room for."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from studio.project.layers import Layers, Spot

NEAR, HALF, PASSING = 1.0, 4.0, 8.0
"""How much a crooked wire counts: from node to node, from a node to a stand-in, between stand-ins.

A wire that passes others is drawn straight from end to end, so it has to lie where its stand-ins keep room.
"""


def lanes(layers: Layers, sizes: Mapping[str, float], gap: float, lane: float) -> dict[Spot, float]:
    """The upper edge of every node, and the height of every stand-in.

    `gap` lies between two nodes, `lane` around a stand-in. It is the least total of the wires' detours, as
    a linear program whose variables are the edges and, for each wire, the detour.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    at = {spot: number for number, column in enumerate(layers.columns) for spot in column}
    at = {spot: number for number, spot in enumerate(at)}
    rows: list[tuple[tuple[int, float], ...]] = []
    most: list[float] = []
    for column in layers.columns:
        for upper, lower in pairwise(column):
            free = lane if upper not in sizes or lower not in sizes else gap
            rows.append(((at[upper], 1.0), (at[lower], -1.0)))
            most.append(-(sizes[upper] if isinstance(upper, str) else 0.0) - free)
    costs = np.zeros(len(at) + len(layers.pieces))
    for number, piece in enumerate(layers.pieces, len(at)):
        passing = (piece.source not in sizes) + (piece.target not in sizes)
        costs[number] = (NEAR, HALF, PASSING)[passing]
        source, target, offset = at[piece.source], at[piece.target], piece.into - piece.out
        rows.append(((source, 1.0), (target, -1.0), (number, -1.0)))
        most.append(offset)
        rows.append(((target, 1.0), (source, -1.0), (number, -1.0)))
        most.append(-offset)
    values = [value for row in rows for _, value in row]
    lines = [line for line, row in enumerate(rows) for _ in row]
    numbers = [number for row in rows for number, _ in row]
    matrix = coo_array((values, (lines, numbers)), shape=(len(rows), len(costs))).tocsr()
    bounds = [(0, None)] * len(costs)
    found = linprog(costs, A_ub=matrix, b_ub=np.array(most), bounds=bounds, method="highs")
    assert found.x is not None, found.message
    return {spot: float(found.x[number]) for spot, number in at.items()}
