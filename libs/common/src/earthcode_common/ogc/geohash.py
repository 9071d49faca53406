"""Geohash cells: names of a grid whose cells are halved in turn, longitude first."""

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
MAX_PRECISION = 9


def size(precision: int) -> tuple[int, int]:
    """How many columns and rows the grid of names with that many characters has."""
    bits = 5 * precision
    return 1 << (bits + 1) // 2, 1 << bits // 2


def name(column: int, row: int, precision: int) -> str:
    """The name of a cell, counted from 180° west and from the South Pole."""
    bits = 5 * precision
    code = 0
    for place in range(bits):  # From the first bit: longitude, latitude, longitude ...
        number, left = (row, bits // 2) if place % 2 else (column, (bits + 1) // 2)
        code = code << 1 | number >> left - 1 - place // 2 & 1
    return "".join(ALPHABET[code >> 5 * n & 31] for n in reversed(range(precision)))
