"""`python -m planning site`: places in, the best sites out."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors, show_progress

if TYPE_CHECKING:
    from planning.engines.arrays import Floats
    from planning.engines.siting.pmedian import Sited
    from planning.engines.siting.task import Task


class Model(StrEnum):
    pmedian = "pmedian"
    mclp = "mclp"


@cli_errors
def site(
    file: Annotated[Path, typer.Argument(help="An OR-Library p-median file, or GeoJSON points or cells.")],
    model: Annotated[Model, typer.Option(help="pmedian: shortest ways. mclp: most people within --radius.")],
    p: Annotated[
        int | None, typer.Option("--p", help="How many sites; an OR-Library file names its own.")
    ] = None,
    radius: Annotated[float | None, typer.Option(help="Of mclp, in metres (or the file's unit).")] = None,
    weight: Annotated[str, typer.Option(help="The GeoJSON property that counts people.")] = "weight",
    candidate: Annotated[str, typer.Option(help="The property that marks candidates.")] = "candidate",
    slope: Annotated[str | None, typer.Option(help="The property with the slope factor.")] = None,
    streets: Annotated[Path | None, typer.Option(help="GeoJSON lines: distances along them.")] = None,
    seconds: Annotated[float, typer.Option(help="Stop then, and state the gap.")] = 100.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Choose sites: p-median or maximal covering, proven or with the gap stated."""
    from planning.engines.siting import coverage, orlib, places

    if _is_json(file):
        task = places.read(file, weight=weight, candidate=candidate, slope=slope, streets=streets)
    else:
        if slope or streets:
            raise CommandError("--slope and --streets concern GeoJSON; an OR-Library file is its own graph")
        task, own = orlib.read(file)
        p = own if p is None else p
    if p is None or not 1 <= p <= len(task.candidates):
        raise CommandError(f"--p must be from 1 to the {len(task.candidates)} candidates of {file}")
    if model is Model.mclp:
        if radius is None or not radius >= 0:
            raise CommandError("mclp needs a --radius of at least zero")
        found = coverage.cover(task.distances, task.weights, p, radius, seconds=seconds, watch=_searched)
    else:
        found = _median(task, p, seconds)
    if not as_json:
        typer.echo(_as_text(found, model, task))
        return
    told = {
        "model": model,
        "p": p,
        "objective": _plain(found.objective),
        "sites": [task.candidates[site] for site in found.sites],
        "proven": found.proven,
        "bound": _plain(found.bound),
        "gap": found.gap,
    }
    if model is Model.mclp:
        told["covered_share"] = found.objective / float(task.weights.sum())
    typer.echo(json.dumps(told, ensure_ascii=False))


def _is_json(file: Path) -> bool:
    try:
        with file.open("rb") as start:
            return start.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except OSError:
        return False


def _searched(nodes: int, *_: float) -> None:
    show_progress(nodes, None, "nodes searched")


def _median(task: Task, p: int, seconds: float) -> Sited:
    from planning.engines.siting.pmedian import p_median

    ways, blocked = _finite(task)
    found = p_median(ways, p, seconds=seconds, watch=_searched)
    if found.objective >= blocked:
        raise CommandError(f"no {p} sites found that everyone can reach; more sites, or mend the graph")
    return found


def _finite(task: Task) -> tuple[Floats, float]:
    """The weighted distances, with a price for "no way" that no sites with a way for everyone reach."""
    import numpy as np

    known = np.where(np.isfinite(task.distances), task.distances, 0.0)
    lost = [task.places[place] for place in np.flatnonzero(~np.isfinite(task.distances).any(axis=1))]
    if lost:
        named = ", ".join(str(place) for place in lost[:5])
        raise CommandError(
            f"{len(lost)} places can reach no candidate: {named}{', …' if len(lost) > 5 else ''}"
        )
    ways = known * task.weights[:, None]
    blocked = float(np.ceil(ways.max(axis=1).sum())) + 1.0
    return np.where(np.isfinite(task.distances), ways, blocked), blocked


def _plain(amount: float) -> int | float:
    return int(amount) if amount == int(amount) else amount


def _as_text(found: Sited, model: Model, task: Task) -> str:
    proof = "proven best" if found.proven else f"within {found.gap:.3%} of the best, not proven further"
    heads = float(task.weights.sum())
    value = (
        f"covered: {found.objective:,.10g} of {heads:,.10g} ({found.objective / heads:.1%})"
        if model is Model.mclp
        else f"ways in sum: {found.objective:,.10g}; {found.objective / heads:,.1f} on average"
    )
    return "\n".join(
        [
            f"{model}: {len(found.sites)} of {len(task.candidates)} candidates, {proof}",
            value,
            "sites: " + ", ".join(str(task.candidates[site]) for site in found.sites),
        ]
    )
