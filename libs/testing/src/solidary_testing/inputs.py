"""Hypothesis strategies for what people, spreadsheets and other programs write: texts, numbers, dates and tables."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO

from hypothesis import strategies as st

INVISIBLE = ["\u200b", "\u200d", "\u00a0", "\u202e", "\ufeff", "\u3164", "\u2060", "\u00ad"]
"""Characters that nobody sees, which come with text that was copied."""

NAMES = [
    "María José",
    "Jose\u0301",
    "محمد الحسيني",
    "Wałęsa",
    "Işıl",
    "李伟",
    "O’Higgins",
    "ÑAÑA",
    "می\u200cخواهم",
]


def odd_texts() -> st.SearchStrategy[str]:
    """Return texts that are well-formed, but that few programs expect."""
    parts = st.sampled_from(
        [*NAMES, *INVISIBLE, " ", "  ", "\t", "\n", "'", '"', ";", "=1+1", "%00", "🧑‍🍳", "-"]
    )
    return st.lists(parts, min_size=1, max_size=5).map("".join)


def meaningless_texts() -> st.SearchStrategy[str]:
    """Return texts that are refused wherever they come from outside."""
    invisible = st.lists(st.sampled_from([*INVISIBLE, " ", "\t"]), min_size=1, max_size=5).map("".join)
    return invisible | st.sampled_from(["\0", "a\0b", "\ud83d", "x\udc00", "9" * 101])


@st.composite
def written_numbers(draw: st.DrawFn, mark: str | None = None) -> tuple[str, int, int]:
    """Return a number with two decimals as it is written, and its hundredths; `mark` is that before its decimals.

    The whole part may be grouped by the other mark, by a space or not at all. The last part of the result is the number
    of digits of the whole part.
    """
    hundredths = draw(st.integers(0, 10**12))
    mark = mark or draw(st.sampled_from([".", ","]))
    group = draw(st.sampled_from(["", "\u00a0", " ", "," if mark == "." else "."]))
    whole, decimals = divmod(hundredths, 100)
    return f"{whole:,}".replace(",", group) + f"{mark}{decimals:02}", hundredths, len(str(whole))


def ambiguous_numbers() -> st.SearchStrategy[str]:
    """Return numbers with a point or a comma and three digits behind it, which have two readings."""
    return st.builds(
        lambda whole, mark, rest: f"{whole}{mark}{rest:03}",
        st.integers(1, 999),
        st.sampled_from([".", ","]),
        st.integers(0, 999),
    )


@st.composite
def written_dates(draw: st.DrawFn) -> tuple[str, date]:
    """Return a date as a file may write it, with its day above 12 so that it has one reading, and the date."""
    day = draw(st.dates(date(1930, 1, 1), date(2026, 12, 31)).filter(lambda day: day.day > 12))
    forms = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%d/%m/%Y}",
        f"{day:%d-%m-%Y} 0:00:00",
        f"{day.isoformat()}T00:00:00Z",
        str((day - date(1899, 12, 30)) // timedelta(days=1)),
    ]
    return draw(st.sampled_from(forms)), day


def tables(columns: list[str], cells: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return CSV files with these columns, separated and quoted in the usual ways."""

    def write(rows: list[list[str]], separator: str, end: str, mark: str) -> str:
        text = StringIO()
        writer = csv.writer(text, delimiter=separator, lineterminator=end)
        writer.writerows([columns, *rows])
        return mark + text.getvalue()

    rows = st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), max_size=5)
    return st.builds(
        write, rows, st.sampled_from(";,\t"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"])
    )
