"""The command `python -m planning site`, which chooses the best sites for places."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors, show_progress
from solidary.files.tables import DecimalOption
from solidary.language.country import countries
from solidary.language.problems import count_of

if TYPE_CHECKING:
    from planning.engines.arrays import Floats
    from planning.engines.siting.instance import SitingInstance
    from planning.engines.siting.p_median import SitingSolution


class SitingModel(StrEnum):
    """A siting model: the p-median or maximal covering (MCLP)."""

    P_MEDIAN = "pmedian"
    MAXIMAL_COVERING = "mclp"


@cli_errors
def site(
    file: Annotated[Path, typer.Argument(help="An OR-Library p-median file, or GeoJSON points or cells.")],
    model: Annotated[
        SitingModel,
        typer.Option(help="pmedian: the shortest distances. mclp: the most people within --radius."),
    ],
    p: Annotated[
        int | None, typer.Option("--p", help="The number of sites. By default that of an OR-Library file.")
    ] = None,
    radius: Annotated[
        float | None, typer.Option(help="The radius for mclp, in metres (or the file's unit).")
    ] = None,
    weight: Annotated[str, typer.Option(help="The GeoJSON property with the number of people.")] = "weight",
    candidate: Annotated[str, typer.Option(help="The property that marks candidates.")] = "candidate",
    slope: Annotated[str | None, typer.Option(help="The property with the slope factor.")] = None,
    streets: Annotated[
        Path | None, typer.Option(help="GeoJSON lines of streets along which distances are measured.")
    ] = None,
    country: Annotated[
        str, typer.Option(help="The country (PA) in which every feature must lie. Default: anywhere.")
    ] = "",
    decimal: DecimalOption = None,
    seconds: Annotated[float, typer.Option(help="Stop after this time and state the remaining gap.")] = 100.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Choose sites by the p-median or maximal covering, proven best or with the gap stated."""
    from planning.engines.siting import orlib, places
    from planning.engines.siting.maximal_covering import solve_maximal_covering

    if country and country not in countries():
        raise CommandError(f"--country {country}: There is no country pack. Use {', '.join(countries())}.")
    if _is_json(file):
        instance = places.read(
            file,
            weight=weight,
            candidate=candidate,
            slope=slope,
            streets=streets,
            country=country,
            decimal=decimal,
        )
    else:
        if slope or streets:
            raise CommandError(
                "--slope and --streets are for GeoJSON files. An OR-Library file has its own graph."
            )
        instance, files_p = orlib.read(file)
        p = files_p if p is None else p
    if p is None or not 1 <= p <= len(instance.candidates):
        raise CommandError(f"--p must be between 1 and the {len(instance.candidates)} candidates of {file}.")
    if model is SitingModel.MAXIMAL_COVERING:
        if radius is None or not radius >= 0:
            raise CommandError("The model mclp needs a --radius of at least zero.")
        solution = solve_maximal_covering(
            instance.distances, instance.weights, p, radius, seconds=seconds, on_progress=_show_nodes
        )
    else:
        solution = _solve_p_median(instance, p, seconds)
    if not as_json:
        typer.echo(_as_text(solution, model, instance))
        return
    outcome = {
        "model": model,
        "p": p,
        "objective": _as_number(solution.objective),
        "sites": [instance.candidates[site] for site in solution.sites],
        "proven": solution.proven,
        "bound": _as_number(solution.bound),
        "gap": solution.gap,
    }
    if model is SitingModel.MAXIMAL_COVERING:
        outcome["covered_share"] = solution.objective / float(instance.weights.sum())
    typer.echo(json.dumps(outcome, ensure_ascii=False))


def _is_json(file: Path) -> bool:
    try:
        with file.open("rb") as start:
            return start.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except OSError:
        return False


def _show_nodes(nodes: int, *_: float) -> None:
    show_progress(nodes, None, "nodes searched")


def _solve_p_median(instance: SitingInstance, p: int, seconds: float) -> SitingSolution:
    from planning.engines.siting.p_median import solve_p_median

    costs, unreachable = _finite_costs(instance)
    solution = solve_p_median(costs, p, seconds=seconds, on_progress=_show_nodes)
    if solution.objective >= unreachable:
        raise CommandError(
            f"No choice of {count_of(p, 'site')} was found that every place can reach. "
            "Choose more sites, or connect the graph."
        )
    return solution


def _finite_costs(instance: SitingInstance) -> tuple[Floats, float]:
    """Return the weighted distances, with a finite cost for pairs without a path, and that cost.

    It is above the total of any sites that every place can reach.
    """
    import numpy as np

    has_path = np.isfinite(instance.distances)
    isolated = [instance.places[place] for place in np.flatnonzero(~has_path.any(axis=1))]
    if isolated:
        names = ", ".join(str(place) for place in isolated[:5])
        more = ", …" if len(isolated) > 5 else ""
        raise CommandError(f"{count_of(len(isolated), 'place')} can reach no candidate: {names}{more}.")
    costs = np.where(has_path, instance.distances, 0.0) * instance.weights[:, None]
    unreachable = float(np.ceil(costs.max(axis=1).sum())) + 1.0
    return np.where(has_path, costs, unreachable), unreachable


def _as_number(amount: float) -> int | float:
    return int(amount) if amount == int(amount) else amount


def _as_text(solution: SitingSolution, model: SitingModel, instance: SitingInstance) -> str:
    proof = "proven best" if solution.proven else f"within {solution.gap:.3%} of the best, not proven further"
    total, weight = solution.objective, float(instance.weights.sum())
    value = (
        f"covered: {total:,.10g} of {weight:,.10g} ({total / weight:.1%})"
        if model is SitingModel.MAXIMAL_COVERING
        else f"total distance: {total:,.10g}; {total / weight:,.1f} on average"
    )
    return "\n".join(
        [
            f"{model}: {len(solution.sites)} of {count_of(len(instance.candidates), 'candidate')}, {proof}",
            value,
            "sites: " + ", ".join(str(instance.candidates[site]) for site in solution.sites),
        ]
    )
