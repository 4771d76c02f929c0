from __future__ import annotations

from collections import Counter
from math import comb

import pytest
from cash.engines.sampling.rules import draw, rank, sample_size
from hypothesis import given
from hypothesis import strategies as st

names = st.sets(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8), max_size=40)


@pytest.mark.parametrize(
    ("population", "confidence", "margin", "size"),
    [
        (100, 0.95, 0.05, 100),
        (1000, 0.95, 0.05, 417),
        (10_000, 0.95, 0.05, 555),
        (1000, 0.99, 0.01, 1000),
        (1000, 0.95, 0.5, 6),
        (5, 0.95, 0.05, 5),
        (1, 0.95, 0.05, 1),
        (0, 0.95, 0.05, 0),
        (1000, 0.95, 1e-200, 1000),
        (10**400, 0.95, 0.05, 577),
        (1000, 1e-320, 0.05, 1),
        (1000, 0.9999999999999999, 0.9, 32),
    ],
)
def test_sizes_agree_with_the_reference(population: int, confidence: float, margin: float, size: int) -> None:
    assert sample_size(population, confidence, margin) == size


@given(st.integers(0, 10**7), st.floats(0.5, 0.999), st.floats(0.005, 1))
def test_size_lies_within_the_population_and_grows_with_precision(n: int, c: float, e: float) -> None:
    size = sample_size(n, c, e)
    assert (n > 0) <= size <= n
    assert sample_size(n + 1, c, e) >= size
    assert sample_size(n, c, e / 2) >= size


@pytest.mark.parametrize(
    ("population", "confidence", "margin"),
    [
        (-1, 0.95, 0.05),
        (9, 0, 0.05),
        (9, 1, 0.05),
        (9, 95, 0.05),
        (9, 0.95, 0),
        (9, 0.95, 5),
        (9, float("nan"), 0.1),
    ],
)
def test_invalid_sampling_parameters_are_refused(population: int, confidence: float, margin: float) -> None:
    with pytest.raises(ValueError):
        sample_size(population, confidence, margin)


def test_sample_is_the_same_on_any_machine() -> None:
    """Compare with the shell: `printf '2026-11\\n%s' "$id" | sha256sum`, sorted."""
    households = [f"PA-{number:04}" for number in range(1, 101)]
    assert draw(households, 5, "2026-11") == ["PA-0074", "PA-0067", "PA-0029", "PA-0083", "PA-0038"]
    assert rank("7", "a").hex() == "9929bdec48a6223b595e9865f057e12667f8d8fbb337eb5bdbcf70f42e0696ac"


@given(names, st.integers(0, 40), st.text(max_size=5), st.randoms())
def test_order_of_the_list_does_not_matter(ids: set[str], size: int, seed: str, random: object) -> None:
    shuffled = sorted(ids, key=lambda name: rank("shuffle", name))
    assert draw(sorted(ids), size, seed) == draw(shuffled, size, seed)


@given(names, st.integers(0, 40), st.text(max_size=5))
def test_larger_draw_begins_with_the_smaller_one(ids: set[str], size: int, seed: str) -> None:
    smaller, larger = draw(ids, size, seed), draw(ids, size + 3, seed)
    assert larger[:size] == smaller
    assert len(set(smaller)) == len(smaller) == min(size, len(ids))
    assert set(smaller) <= ids


def test_every_subset_is_about_equally_likely() -> None:
    drawn = Counter(frozenset(draw("abcde", 2, str(seed))) for seed in range(5000))
    assert len(drawn) == comb(5, 2)
    assert all(400 < count < 600 for count in drawn.values())
