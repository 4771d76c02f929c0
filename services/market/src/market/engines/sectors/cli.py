"""`python -m market score-sectors | rank-barriers`: the ranking of sectors and of barriers."""

from __future__ import annotations

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from solidary.files.command_line import InvalidInput, cli_errors
from solidary.files.tables import DecimalOption, read_rows
from solidary.language.numbers import DecimalMark, parse_number

from market.engines.sectors.rules import DEFAULT_WEIGHTS, BarrierFactors, check_weights, sector_score

if TYPE_CHECKING:
    from market.engines.sectors.sensitivity import RankStability

Marks = dict[str, Fraction]
FACTORS = ("severity", "share", "removability")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@cli_errors
def score_sectors(
    file: Annotated[
        Path, typer.Argument(help="CSV file with the column sector and a column of marks for each criterion.")
    ],
    weight: Annotated[
        list[str] | None,
        typer.Option(
            help="CRITERION=WEIGHT, once for each criterion. The weights sum to 1. By default, relevance, growth and "
            "feasibility have a third each."
        ),
    ] = None,
    lowest: Annotated[int, typer.Option(help="The lowest mark of the scale.")] = 1,
    highest: Annotated[int, typer.Option(help="The highest mark of the scale.")] = 5,
    spread: Annotated[float, typer.Option(help="The change of the weights: 0.25 is ± 25%.")] = 0.25,
    draws: Annotated[int, typer.Option(min=100, max=1_000_000, help="The number of draws.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The seed. The same seed gives the same result.")] = 1,
    decimal: DecimalOption = None,
    as_json: Json = False,
) -> None:
    """Rank sectors by their score, and show how stable the order is under other weights."""
    try:
        weights = _weights(weight, decimal)
        scored = _scored(_marks(file, weights, lowest, highest, decimal), weights, spread, draws, seed)
    except ValueError as error:
        raise error if isinstance(error, InvalidInput) else InvalidInput(str(error)) from error
    if as_json:
        answer = {
            "weights": {criterion: float(share) for criterion, share in weights.items()},
            "sensitivity": {"spread": spread, "draws": draws, "seed": seed},
            "sectors": [{"sector": name, "score": score, **asdict(rank)} for name, score, rank in scored],
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for name, score, rank in scored:
        stability = f"kept {rank.kept:.0%}, first {rank.first:.0%}, ranks {rank.best} to {rank.worst}"
        typer.echo(f"{rank.rank:>3}  {score:.2f}  {name}: {stability}")
    typer.echo(f"weights changed by ± {spread:.0%}, {draws} draws, seed {seed}")


@cli_errors
def rank_barriers(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV file with the columns barrier, severity, share and removability. The factors are from 0 to 1."
        ),
    ],
    decimal: DecimalOption = None,
    as_json: Json = False,
) -> None:
    """Rank barriers by severity × share of people affected × removability."""
    ranked = sorted(
        _barriers(file, decimal).items(),
        key=lambda named: -named[1].priority,
    )
    if as_json:
        typer.echo(
            json.dumps(
                [{"barrier": name, "priority": float(barrier.priority)} for name, barrier in ranked],
                ensure_ascii=False,
            )
        )
    for name, barrier in [] if as_json else ranked:
        parts = " × ".join(f"{float(part):g}" for part in vars(barrier).values())
        typer.echo(f"{float(barrier.priority):.3f} = {parts}  {name}")


def _barriers(file: Path, decimal: DecimalMark | None) -> dict[str, BarrierFactors]:
    barriers: dict[str, BarrierFactors] = {}
    for row in read_rows(file, ["barrier", *FACTORS], decimal=decimal):
        if row.text("barrier") in barriers:
            raise row.repeated("barrier")
        barriers[row["barrier"]] = BarrierFactors(*(row.number(factor, most=1) for factor in FACTORS))
    return barriers


def _weights(given: list[str] | None, decimal: DecimalMark | None) -> dict[str, Fraction]:
    if not given:
        return DEFAULT_WEIGHTS
    weights: dict[str, Fraction] = {}
    for pair in given:
        name, _, number = pair.partition("=")
        if not name or name in weights:
            raise ValueError(
                f"Write --weight as CRITERION=WEIGHT, once for each criterion, instead of {pair!r}."
            )
        weights[name] = parse_number(number, decimal)
    check_weights(weights)
    return weights


def _marks(
    file: Path, weights: dict[str, Fraction], lowest: int, highest: int, decimal: DecimalMark | None
) -> dict[str, Marks]:
    sectors: dict[str, Marks] = {}
    for row in read_rows(file, ["sector", *weights], decimal=decimal):
        name = row.text("sector")
        if name in sectors:
            raise row.repeated("sector")
        sectors[name] = {
            criterion: row.number(criterion, least=lowest, most=highest) for criterion in weights
        }
    if not sectors:
        raise InvalidInput("The file has no sector.", file=file)
    return sectors


def _scored(
    sectors: dict[str, Marks], weights: dict[str, Fraction], spread: float, draws: int, seed: int
) -> list[tuple[str, float, RankStability]]:
    import numpy as np

    from market.engines.sectors.sensitivity import rank_stability

    table = np.array([[float(mark) for mark in marks.values()] for marks in sectors.values()])
    shares = [float(share) for share in weights.values()]
    ranks = rank_stability(table, shares, spread=spread, draws=draws, seed=seed)
    scores = [round(float(sector_score(marks, weights)), 6) for marks in sectors.values()]
    return sorted(zip(sectors, scores, ranks, strict=True), key=lambda scored: scored[2].rank)
