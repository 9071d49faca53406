"""How often the edges of a geometry cross: what mending and uniting it costs, told beforehand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

# Pairs of edges whose boxes meet; some ten thousand crossings take a second to be mended.
MAX_PAIRS = 100_000
# What an edge meets in a geometry that is drawn well: itself, its neighbours, the other shore.
USUAL = 6
SAMPLE = 500


def check_crossings(shapes: Sequence[Geometry]) -> None:
    """Raises ValueError when the edges of all ``shapes`` together cross too often."""
    edges = _edges(shapes)
    if len(edges) ** 2 <= MAX_PAIRS:
        return
    tree = shapely.STRtree(shapely.box(*edges.T))
    sample = np.linspace(0, len(edges) - 1, min(SAMPLE, len(edges))).astype(int)
    most = (MAX_PAIRS + USUAL * len(edges)) * len(sample) / len(edges)
    met = 0
    for place in sample:
        met += len(tree.query(tree.geometries[place]))
        if met > most:
            raise ValueError("its edges cross one another too often; simplify it")


def _edges(shapes: Sequence[Geometry]) -> Any:
    """West, south, east, north of every edge."""
    lines = shapely.get_parts(shapely.boundary(_areas(shapes)))
    places, line = shapely.get_coordinates(lines, return_index=True)
    inner = line[1:] == line[:-1]
    starts, ends = places[:-1][inner], places[1:][inner]
    return np.hstack([np.minimum(starts, ends), np.maximum(starts, ends)])


def _areas(shapes: Sequence[Geometry]) -> Any:
    parts = shapely.get_parts(shapes)
    return parts[shapely.get_dimensions(parts) == 2]
