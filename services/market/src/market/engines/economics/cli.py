"""`python -m market lq | shift-share | growth`: files and figures in, figures out."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, InvalidInput, cli_errors
from solidary.files.tables import Row, parse_number, read_rows

from market.engines.economics.rules import (
    NO_SHIFT,
    Employment,
    Shift,
    location_quotient,
    printable,
    shift_share,
)

COLUMNS = ("region_t0", "region_t1", "nation_t0", "nation_t1")
PARTS = ("change", "national", "mix", "regional")

MOST = 10**15
"""Of what one business has, so that no sum leaves the floats with which the bootstrap computes."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@cli_errors
def lq(
    e_ij: Annotated[str, typer.Argument(metavar="E_IJ", help="Employment: the industry in the region.")],
    e_j: Annotated[str, typer.Argument(metavar="E_J", help="All industries in the region.")],
    e_i: Annotated[str, typer.Argument(metavar="E_I", help="The industry in the nation.")],
    e: Annotated[str, typer.Argument(metavar="E", help="All industries in the nation.")],
    as_json: Json = False,
) -> None:
    """The location quotient (e_ij/e_j)/(e_i/e), to seven decimals."""
    try:
        quotient = location_quotient(
            parse_number(e_ij), parse_number(e_j), parse_number(e_i), parse_number(e)
        )
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    if as_json:
        typer.echo(f'{{"location_quotient": {_number(quotient)}, "exact": "{_fraction(quotient)}"}}')
    else:
        typer.echo(_decimal(quotient, 7))


@cli_errors
def shares(
    file: Annotated[Path, typer.Argument(help="CSV: industry,region_t0,region_t1,nation_t0,nation_t1")],
    decimals: Annotated[int, typer.Option(min=0, max=9, help="How many decimals are printed.")] = 2,
    as_json: Json = False,
) -> None:
    """Shift-share (Dunn): the change in jobs as a national, an industry and a regional part."""
    industries = _industries(file)
    try:
        shifts = shift_share(list(industries.values()))
    except ValueError as error:
        raise InvalidInput(str(error), file=file) from error
    if as_json:
        typer.echo(_account(list(industries), shifts))
    else:
        typer.echo(_table(list(industries), printable(shifts, Fraction(1, 10**decimals)), decimals))


@cli_errors
def growth(
    file: Annotated[Path, typer.Argument(help="CSV: t0,t1 and, if sampled unequally, weight")],
    confidence: Annotated[float, typer.Option(help="As in 0.95.")] = 0.95,
    resamples: Annotated[int, typer.Option(min=100, max=1_000_000)] = 9999,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same interval.")] = 1,
    as_json: Json = False,
) -> None:
    """The growth of sampled businesses, with a bootstrap interval (BCa)."""
    import numpy as np

    from market.engines.economics.growth import growth_interval

    if not 0.5 <= confidence < 1:
        raise CommandError(f"--confidence {confidence}: lies between 0.5 and 1, as in 0.95")
    sample = np.array([_business(row) for row in read_rows(file, ["t0", "t1"])]).reshape(-1, 3)
    t0, t1, weight = sample.T
    try:
        found = growth_interval(t0, t1, weight, confidence=confidence, resamples=resamples, seed=seed)
    except ValueError as error:
        raise InvalidInput(str(error), file=file) from error
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        typer.echo(f"{found.growth:+.2%}  ({found.confidence:.0%}: {found.low:+.2%} to {found.high:+.2%})")
        typer.echo(f"{found.method}, {found.sampled} businesses, {found.resamples} resamples, seed {seed}")


def _business(row: Row) -> tuple[float, float, float]:
    weight = row.number("weight", most=MOST) if "weight" in row.cells else Fraction(1)
    return float(row.number("t0", most=MOST)), float(row.number("t1", most=MOST)), float(weight)


def _industries(file: Path) -> dict[str, Employment]:
    industries: dict[str, Employment] = {}
    for row in read_rows(file, ["industry", *COLUMNS]):
        name = row.text("industry")
        if name in industries:
            raise row.error(f"industry {name!r} stands twice")
        employment = industries[name] = Employment(*(row.number(column) for column in COLUMNS))
        if employment.region_t0 and not employment.nation_t0:
            raise row.error(f"{name}: employment at t0 in the region but none in the nation")
        if employment.region_t0 > employment.nation_t0 or employment.region_t1 > employment.nation_t1:
            # Surveys of a city and national figures may disagree: worth a word, not a refusal.
            typer.echo(f"note: {file}: line {row.line}: {name}: the region exceeds the nation", err=True)
    return industries


def _account(names: list[str], shifts: list[Shift]) -> str:
    """As JSON, its decimals written digit by digit: floats would not always add up."""
    rounded = printable(shifts, Fraction(1, 10**9))
    lines = (
        f'{{"industry": {json.dumps(name, ensure_ascii=False)}, {_entry(exact, near)}}}'
        for name, exact, near in zip(names, shifts, rounded, strict=True)
    )
    total = _entry(sum(shifts, NO_SHIFT), sum(rounded, NO_SHIFT))
    return '{"industries": [\n' + ",\n".join(lines) + f'\n], "total": {{{total}}}}}'


def _entry(exact: Shift, near: Shift) -> str:
    decimals = ", ".join(f'"{part}": {_decimal(getattr(near, part), 9)}' for part in PARTS)
    fractions = {part: _fraction(getattr(exact, part)) for part in PARTS}
    return f'{decimals}, "exact": {json.dumps(fractions)}'


def _table(names: list[str], shifts: list[Shift], decimals: int) -> str:
    lines = [
        [name, *(_decimal(getattr(shift, part), decimals) for part in PARTS)]
        for name, shift in zip([*names, "total"], [*shifts, sum(shifts, NO_SHIFT)], strict=True)
    ]
    lines.insert(0, ["industry", *PARTS])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines
    )


def _decimal(number: Fraction, decimals: int) -> str:
    """Every digit: arithmetic on decimals would round long numbers, and Python writes no long integer."""
    whole = Decimal(round(number * 10**decimals)).as_tuple()
    return f"{Decimal((whole.sign, whole.digits, -decimals)):f}"


def _fraction(number: Fraction) -> str:
    divisor = "" if number.denominator == 1 else f"/{_decimal(Fraction(number.denominator), 0)}"
    return _decimal(Fraction(number.numerator), 0) + divisor


def _number(number: Fraction) -> str:
    """To 17 digits, whatever its size."""
    with localcontext(prec=17):
        return str(Decimal(number.numerator) / Decimal(number.denominator))
