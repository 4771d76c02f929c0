"""A reader of OR-Library p-median files (Beasley 1985): `n m p`, then one edge `i j length` per line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from solidary.files.command_line import CommandError, InvalidInput
from solidary.language.numbers import DecimalMark, parse_number
from solidary.language.problems import count_of

from planning.engines.siting.instance import MAX_PAIRS, SitingInstance
from planning.engines.siting.streets import shortest_paths


def read(path: Path) -> tuple[SitingInstance, int]:
    """Read the instance (every vertex is a place of weight 1 and a candidate) and the file's p.

    A repeated edge has its last length, as the library's notes state. Raises InvalidInput with the line, or where the
    number of edges is not that of the header; CommandError beyond `MAX_PAIRS` pairs.
    """
    edge_lines = 0
    edges: dict[tuple[int, int], float] = {}
    header: list[int] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("The file cannot be read as UTF-8 text.", file=path) from error
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if not cells:
            continue
        try:
            numbers = [parse_number(cell, DecimalMark.POINT) for cell in cells]
            if not header:
                vertices, edges_expected, p = map(_whole, numbers)
                if vertices < 1 or edges_expected < 0:
                    raise ValueError
                if vertices**2 > MAX_PAIRS:
                    raise CommandError(
                        f"{path}: {vertices:,} vertices × as many candidates are more than {MAX_PAIRS:,} pairs."
                    )
                header = [vertices, edges_expected, p]
            else:
                start, end, length = _whole(numbers[0]), _whole(numbers[1]), float(numbers[2])
                if not (1 <= start <= vertices and 1 <= end <= vertices) or length < 0:
                    raise ValueError
                edges[min(start, end) - 1, max(start, end) - 1] = length
                edge_lines += 1
        except (ValueError, IndexError, OverflowError) as error:
            expected = "an edge `i j length`" if header else "the header `n m p`"
            raise InvalidInput(
                f"This line is not {expected} of an OR-Library file.", file=path, place=f"line {number}"
            ) from error
    if not header:
        raise InvalidInput("The file is empty.", file=path)
    if edge_lines != header[1]:
        reason = f"The header announces {count_of(header[1], 'edge')}, but the file has {edge_lines:,}."
        raise InvalidInput(reason, file=path)
    edge_array = np.array(list(edges), dtype=np.intp).reshape(-1, 2)
    every = np.arange(vertices)
    distances = shortest_paths(vertices, edge_array, np.array(list(edges.values())), every, every)
    ids = tuple(range(1, vertices + 1))
    return SitingInstance(ids, np.ones(vertices), ids, distances), p


def _whole(number: Fraction) -> int:
    if number.denominator != 1:
        raise ValueError
    return number.numerator
