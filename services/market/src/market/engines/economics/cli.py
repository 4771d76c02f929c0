"""`python -m market lq | shift-share | growth`: measures of a local economy."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, InvalidInput, cli_errors
from solidary.files.tables import DecimalOption, Row, read_rows
from solidary.language.numbers import DecimalMark, parse_number
from solidary.language.problems import count_of

from market.engines.economics.rules import (
    NO_SHIFT,
    Employment,
    Shift,
    location_quotient,
    round_consistently,
    shift_share,
)

COLUMNS = ("region_t0", "region_t1", "nation_t0", "nation_t1")
PARTS = ("change", "national", "mix", "regional")

MAX_FIGURE = 10**15
"""The largest figure of a business, so that sums stay within the range of the floats of the bootstrap."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@cli_errors
def quotient(
    e_ij: Annotated[
        str, typer.Argument(metavar="E_IJ", help="The employment of the industry in the region.")
    ],
    e_j: Annotated[
        str, typer.Argument(metavar="E_J", help="The employment of all industries in the region.")
    ],
    e_i: Annotated[str, typer.Argument(metavar="E_I", help="The employment of the industry in the nation.")],
    e: Annotated[str, typer.Argument(metavar="E", help="The employment of all industries in the nation.")],
    decimal: DecimalOption = None,
    as_json: Json = False,
) -> None:
    """Print the location quotient (e_ij/e_j)/(e_i/e) to seven decimals."""
    try:
        value = location_quotient(*(parse_number(text, decimal) for text in (e_ij, e_j, e_i, e)))
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    if as_json:
        typer.echo(f'{{"location_quotient": {_number(value)}, "exact": "{_fraction(value)}"}}')
    else:
        typer.echo(_decimal(value, 7))


@cli_errors
def shift_shares(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV file with the columns industry, region_t0, region_t1, nation_t0 and nation_t1."
        ),
    ],
    decimals: Annotated[int, typer.Option(min=0, max=9, help="The number of decimals.")] = 2,
    decimal: DecimalOption = None,
    as_json: Json = False,
) -> None:
    """Print the shift-share analysis (Dunn): the change in jobs by nation, industry mix and region."""
    industries = _industries(file, decimal)
    try:
        shifts = shift_share(list(industries.values()))
    except ValueError as error:
        raise InvalidInput(str(error), file=file) from error
    if as_json:
        typer.echo(_as_json(list(industries), shifts))
    else:
        typer.echo(_table(list(industries), round_consistently(shifts, Fraction(1, 10**decimals)), decimals))


@cli_errors
def growth(
    file: Annotated[
        Path, typer.Argument(help="CSV file with the columns t0 and t1 and, for an unequal sample, weight.")
    ],
    confidence: Annotated[float, typer.Option(help="The confidence of the interval, as in 0.95.")] = 0.95,
    resamples: Annotated[int, typer.Option(min=100, max=1_000_000, help="The number of resamples.")] = 9999,
    seed: Annotated[int, typer.Option(min=0, help="The seed. The same seed gives the same interval.")] = 1,
    decimal: DecimalOption = None,
    as_json: Json = False,
) -> None:
    """Print the growth of sampled businesses with its bootstrap interval (BCa)."""
    import numpy as np

    from market.engines.economics.growth import growth_interval

    if not 0.5 <= confidence < 1:
        raise CommandError(
            f"--confidence must be at least 0.5 and less than 1, as in 0.95. It is {confidence}."
        )
    rows = read_rows(file, ["t0", "t1"], decimal=decimal)
    sample = np.array([_business(row) for row in rows]).reshape(-1, 3)
    t0, t1, weight = sample.T
    try:
        found = growth_interval(t0, t1, weight, confidence=confidence, resamples=resamples, seed=seed)
    except ValueError as error:
        raise InvalidInput(str(error), file=file) from error
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        typer.echo(f"{found.growth:+.2%}  ({found.confidence:.0%}: {found.low:+.2%} to {found.high:+.2%})")
        businesses = count_of(found.sampled, "business", "businesses")
        typer.echo(f"{found.method}, {businesses}, {count_of(found.resamples, 'resample')}, seed {seed}")


def _business(row: Row) -> tuple[float, float, float]:
    weight = row.number("weight", most=MAX_FIGURE) if "weight" in row.cells else Fraction(1)
    return float(row.number("t0", most=MAX_FIGURE)), float(row.number("t1", most=MAX_FIGURE)), float(weight)


def _industries(file: Path, decimal: DecimalMark | None) -> dict[str, Employment]:
    industries: dict[str, Employment] = {}
    for row in read_rows(file, ["industry", *COLUMNS], decimal=decimal):
        name = row.text("industry")
        if name in industries:
            raise row.repeated("industry")
        employment = industries[name] = Employment(*(row.number(column) for column in COLUMNS))
        if employment.region_t0 and not employment.nation_t0:
            raise row.error(f"{name} has employment at t0 in the region but none in the nation.")
        if employment.region_t0 > employment.nation_t0 or employment.region_t1 > employment.nation_t1:
            # A survey of a city may disagree with national figures, so this is a warning and no error.
            message = f"The employment of {name} in the region exceeds that in the nation."
            typer.echo(f"warning: {file}: line {row.line}: {message}", err=True)
    return industries


def _as_json(names: list[str], shifts: list[Shift]) -> str:
    """Return the analysis as JSON, with decimals written digit by digit, because floats would not always add up."""
    rounded = round_consistently(shifts, Fraction(1, 10**9))
    lines = (
        f'{{"industry": {json.dumps(name, ensure_ascii=False)}, {_entry(exact, approximate)}}}'
        for name, exact, approximate in zip(names, shifts, rounded, strict=True)
    )
    total = _entry(sum(shifts, NO_SHIFT), sum(rounded, NO_SHIFT))
    return '{"industries": [\n' + ",\n".join(lines) + f'\n], "total": {{{total}}}}}'


def _entry(exact: Shift, approximate: Shift) -> str:
    decimals = ", ".join(f'"{part}": {_decimal(getattr(approximate, part), 9)}' for part in PARTS)
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
    """Return all digits of a number: decimal arithmetic rounds long numbers, and str() refuses long integers."""
    whole = Decimal(round(number * 10**decimals)).as_tuple()
    return f"{Decimal((whole.sign, whole.digits, -decimals)):f}"


def _fraction(number: Fraction) -> str:
    divisor = "" if number.denominator == 1 else f"/{_decimal(Fraction(number.denominator), 0)}"
    return _decimal(Fraction(number.numerator), 0) + divisor


def _number(number: Fraction) -> str:
    """Return a number of any size with 17 digits."""
    with localcontext(prec=17):
        return str(Decimal(number.numerator) / Decimal(number.denominator))
