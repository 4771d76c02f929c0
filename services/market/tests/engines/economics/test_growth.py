from __future__ import annotations

import numpy as np
import pytest
from market.engines.economics.growth import growth_interval
from scipy import stats


def businesses(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    t0 = random.lognormal(2, 1, n).round() + 1
    return t0, (t0 * random.lognormal(0.05, 0.3, n)).round(), random.integers(1, 5, n).astype(float)


@pytest.mark.parametrize(("n", "seed"), [(12, 3), (60, 4), (400, 5)])
def test_interval_is_that_of_scipy(n: int, seed: int) -> None:
    t0, t1, weight = businesses(n, seed)

    def growth(a: np.ndarray, b: np.ndarray, w: np.ndarray, axis: int = -1) -> np.ndarray:
        return (w * b).sum(axis=axis) / (w * a).sum(axis=axis) - 1

    theirs = stats.bootstrap(
        (t0, t1, weight), growth, paired=True, vectorized=True, n_resamples=20_000, rng=7, method="BCa"
    )
    ours = growth_interval(t0, t1, weight, resamples=20_000)
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.method == "BCa"
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.03 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.03 * width)


def test_interval_contains_the_true_growth_as_often_as_its_confidence() -> None:
    population = np.random.default_rng(0)
    before = population.lognormal(2, 0.7, 20_000)
    after = before * population.lognormal(0.05, 0.3, 20_000)
    truth = after.sum() / before.sum() - 1
    held = 0
    for sample in range(200):
        drawn = population.integers(0, 20_000, 60)
        found = growth_interval(before[drawn], after[drawn], np.ones(60), resamples=600, seed=sample)
        held += found.low <= truth <= found.high
    assert 0.88 <= held / 200 <= 0.99


def test_same_seed_gives_the_same_interval() -> None:
    sample = businesses(40, 1)
    assert growth_interval(*sample, seed=5) == growth_interval(*sample, seed=5)
    assert growth_interval(*sample, seed=5).low != growth_interval(*sample, seed=6).low


def test_resamples_do_not_depend_on_the_batch_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = businesses(40, 1)
    whole = growth_interval(*sample, resamples=1000)
    monkeypatch.setattr("market.engines.economics.growth._CELLS_PER_BATCH", 1600)
    assert growth_interval(*sample, resamples=1000) == whole


def test_equal_growth_of_all_businesses_gives_an_interval_without_width() -> None:
    t0 = np.array([1.0, 2, 4, 8, 16])
    found = growth_interval(t0, t0 * 1.5, np.ones(5))
    assert (found.method, found.low, found.high) == ("percentile", 0.5, 0.5)


@pytest.mark.parametrize(
    ("t0", "reason"),
    [
        ([1.0] * 4, "at least 5 businesses"),
        ([0.0] * 9, "there is no growth rate"),
        ([0.0] * 8 + [5.0], "the total of a resample is zero"),
    ],
)
def test_sample_without_a_usable_total_is_refused(t0: list[float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        growth_interval(np.array(t0), np.ones(len(t0)), np.ones(len(t0)))
