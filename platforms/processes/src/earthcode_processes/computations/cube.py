"""A synthetic monthly sea surface temperature, in degrees Celsius.

Only sums, products, quotients, floor and comparison of float64 are used. IEEE 754 rounds each of
them in one way, where sine and friends differ in the last bit from one processor to the next: so
the numbers are the same on every machine.
"""

import numpy as np
from numpy.typing import NDArray

from earthcode_processes.definitions.inputs import FIRST_YEAR

Field = NDArray[np.float64]

STEP = 2.5
LATITUDES: Field = -88.75 + STEP * np.arange(72, dtype=np.float64)
LONGITUDES: Field = -178.75 + STEP * np.arange(144, dtype=np.float64)
FREEZING = -1.8
# centre latitude, centre longitude, half axes, all in degrees: an idealised world
CONTINENTS = (
    (5.0, 20.0, 30.0, 22.0),
    (50.0, 80.0, 25.0, 62.0),
    (48.0, -100.0, 24.0, 32.0),
    (-18.0, -60.0, 32.0, 16.0),
    (-25.0, 134.0, 11.0, 19.0),
    (-90.0, 0.0, 20.0, 1e6),
    (75.0, -42.0, 9.0, 14.0),
)


def temperatures(year: int) -> Field:
    """Twelve months of a year: float64 (12, 72, 144), south to north, NaN over land."""
    return np.stack([temperature(year, month) for month in range(1, 13)])


def temperature(year: int, month: int) -> Field:
    """One month: float64 (72, 144), south to north, west to east, NaN over land."""
    elapsed = float((year - FIRST_YEAR) * 12 + month - 1)
    latitude, longitude = LATITUDES[:, None], LONGITUDES[None, :]
    value = (
        28.5
        - 0.0068 * latitude * latitude
        + season(latitude, month)
        + warming(latitude, elapsed)
        + oscillation(latitude, longitude, elapsed)
        + eddies(elapsed)
    )
    return np.where(land(latitude, longitude), np.nan, np.maximum(value, FREEZING))


def season(latitude: Field, month: int) -> Field:
    reach = 1.0 - np.abs(latitude) / 90.0
    swing: Field = 16.0 * (latitude / 90.0) * reach
    return swing * wave(np.float64((month - 5.5) / 12.0))


def warming(latitude: Field, elapsed: float) -> Field:
    return 0.0015 * elapsed * (1.0 - latitude * latitude / 16200.0)


def oscillation(latitude: Field, longitude: Field, elapsed: float) -> Field:
    north, east = latitude / 10.0, (longitude + 125.0) / 35.0
    return 1.6 * wave(np.float64(elapsed / 44.0)) / (1.0 + north * north + east * east)


def eddies(elapsed: float) -> Field:
    row, column = np.arange(72.0)[:, None], np.arange(144.0)[None, :]
    return 0.2 * wave((3.0 * row + 5.0 * column + 7.0 * elapsed) / 53.0)


def wave(phase: Field | np.float64) -> Field:
    """Two parabolas in place of a sine: period 1, between -1 and 1."""
    part = phase - np.floor(phase)
    half = np.where(part < 0.5, part, part - 0.5)
    arch = 8.0 * half * (1.0 - 2.0 * half)
    return np.where(part < 0.5, arch, -arch)


def land(latitude: Field, longitude: Field) -> NDArray[np.bool_]:
    covered = np.zeros((72, 144), dtype=bool)
    for north, east, height, width in CONTINENTS:
        rise, run = (latitude - north) / height, (longitude - east) / width
        covered |= rise * rise + run * run <= 1.0
    return covered
