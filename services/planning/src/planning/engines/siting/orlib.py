"""OR-Library p-median files (Beasley 1985): `n m p`, then an edge `i j length` a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from solidary.files.command_line import CommandError, InvalidInput

from planning.engines.siting.streets import shortest_ways
from planning.engines.siting.task import MOST_PAIRS, Task


def read(path: Path) -> tuple[Task, int]:
    """The task (every vertex a place of weight 1 and a candidate) and the file's own p.

    An edge given twice has its last length, as the library's notes say. Raises InvalidInput with the line, or where
    there are not as many edges as the head says; CommandError beyond `MOST_PAIRS` pairs.
    """
    given = 0
    edges: dict[tuple[int, int], float] = {}
    head: list[int] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("cannot be read as text", file=path) from error
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if not cells:
            continue
        try:
            if not head:
                vertices, edges_told, p = (int(cell) for cell in cells)
                if vertices < 1 or edges_told < 0:
                    raise ValueError
                if vertices**2 > MOST_PAIRS:
                    raise CommandError(
                        f"{path}: {vertices:,} vertices × as many candidates is beyond {MOST_PAIRS:,}"
                    )
                head = [vertices, edges_told, p]
            else:
                one, other, length = int(cells[0]), int(cells[1]), float(cells[2])
                if not (1 <= one <= vertices and 1 <= other <= vertices) or not 0 <= length < np.inf:
                    raise ValueError
                edges[min(one, other) - 1, max(one, other) - 1] = length
                given += 1
        except (ValueError, IndexError) as error:
            wanted = "edge `i j length`" if head else "head `n m p`"
            raise InvalidInput(f"is not an OR-Library {wanted}", file=path, place=f"line {number}") from error
    if not head or given != head[1]:
        reason = f"{given} edges, the head says {head[1]}" if head else "is empty"
        raise InvalidInput(reason, file=path)
    ends = np.array(list(edges), dtype=np.intp).reshape(-1, 2)
    everyone = np.arange(vertices)
    distances = shortest_ways(vertices, ends, np.array(list(edges.values())), everyone, everyone)
    ids = tuple(range(1, vertices + 1))
    return Task(ids, np.ones(vertices), ids, distances), p
