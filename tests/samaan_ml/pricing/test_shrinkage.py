"""Shrinkage along a tree: against the dense Gaussian it stands for, and at its limits."""

import numpy as np
import pytest

from samaan_ml.pricing._shrinkage import (
    PRIOR_MEAN,
    PRIOR_SD,
    Tree,
    _Evidence,
    _pass,
    build_tree,
    shrink,
)


def labels(*names: str) -> np.ndarray:
    """Labels of leaves."""
    return np.array(names, dtype=object)


def test_the_passes_equal_the_dense_gaussian() -> None:
    rng = np.random.default_rng(0)
    item = labels("a1", "a1", "a2", "b1", "b1", "b2")
    category = labels("a", "a", "a", "b", "b", "b")
    tree, names = build_tree((item, category))
    assert [list(each) for each in names] == [["a1", "a2", "b1", "b2"], ["a", "b"]]
    estimate, variance = rng.normal(-2.0, 1.0, 6), rng.uniform(0.1, 1.0, 6)
    between = np.array([0.2, 0.3, 0.5])
    shared = np.array([0.05, 0.0])
    factor = {"a": 1.0, "b": 1.5}
    of_leaf, of_item = np.array([factor[c] for c in category]), np.array([1.0, 1.0, 1.5, 1.5])
    evidence = _Evidence(estimate, variance, tree, shared, (of_leaf, of_item, np.ones(2)))
    same_item = item[:, None] == item[None, :]
    same_category = category[:, None] == category[None, :]
    own = between[1] * same_item + between[0] * np.eye(6)
    prior = PRIOR_SD**2 + between[2] * same_category + own * of_leaf[:, None] ** 2
    error = np.diag(variance) + shared[0] * np.outer(category == "a", category == "a")
    for leaf in range(6):
        rest = [k for k in range(6) if k != leaf]
        if category[leaf] == "a":
            continue  # there the error shared with the leaf itself is treated as its own
        gain = np.linalg.solve((prior + error)[np.ix_(rest, rest)], prior[rest, leaf])
        mean = PRIOR_MEAN + gain @ (estimate[rest] - PRIOR_MEAN)
        found = _pass(evidence, between)
        assert found.prior_mean[leaf] == pytest.approx(mean)
        assert found.prior_variance[leaf] == pytest.approx(prior[leaf, leaf] - gain @ prior[rest, leaf])


def test_the_likelihood_equals_the_dense_gaussian_up_to_a_constant() -> None:
    rng = np.random.default_rng(1)
    category = labels("a", "a", "b", "b", "b")
    tree, _ = build_tree((category,))
    estimate, variance = rng.normal(-2.0, 1.0, 5), rng.uniform(0.1, 1.0, 5)
    same = category[:, None] == category[None, :]

    def dense(between: np.ndarray) -> float:
        cover = PRIOR_SD**2 + between[1] * same + np.diag(variance + between[0])
        _, log_det = np.linalg.slogdet(cover)
        miss = estimate - PRIOR_MEAN
        return float(-0.5 * (log_det + miss @ np.linalg.solve(cover, miss)))

    evidence = _Evidence(estimate, variance, tree, np.zeros(2), (np.ones(5), np.ones(2)))
    pairs = [(np.array([0.1, 0.2]), np.array([0.6, 0.9])), (np.array([0.3, 0.05]), np.array([0.02, 1.5]))]
    for first, second in pairs:
        ours = [_pass(evidence, b).log_likelihood for b in (first, second)]
        assert ours[0] - ours[1] == pytest.approx(dense(first) - dense(second))


def test_precise_estimates_are_left_alone_and_useless_ones_become_the_prior() -> None:
    tree, _ = build_tree((labels("a", "a", "a", "a", "b", "b"),))
    estimate = np.array([-1.0, -2.0, -3.0, 50.0, -1.5, -2.5])
    variance = np.array([1e-6, 1e-6, 1e-6, np.inf, 1e-6, 1e-6])
    answer = shrink(estimate, variance, tree)
    np.testing.assert_allclose(answer.mean[[0, 1, 2]], estimate[[0, 1, 2]], atol=1e-3)
    assert answer.mean[3] == pytest.approx(answer.prior_mean[3], abs=1e-3)
    assert answer.variance[3] == pytest.approx(answer.prior_variance[3], rel=1e-3)


def test_the_spread_between_items_is_found_from_the_data() -> None:
    rng = np.random.default_rng(2)
    for spread in (0.1, 0.5, 1.5):
        truth = rng.normal(-2.0, spread, 800)
        answer = shrink(truth + rng.normal(0.0, 0.4, 800), np.full(800, 0.16), Tree(()))
        assert answer.spreads[0] == pytest.approx(spread, rel=0.35)
        assert np.sqrt(np.mean((answer.mean - truth) ** 2)) < 1.1 * spread * 0.4 / np.hypot(spread, 0.4)


def test_an_error_shared_by_a_category_keeps_its_mean_uncertain() -> None:
    tree, _ = build_tree((labels(*["a"] * 30, *["b"] * 30),))
    rng = np.random.default_rng(3)
    estimate = rng.normal(-2.0, 0.3, 60)
    alone = shrink(estimate, np.full(60, 0.01), tree)
    shared = shrink(estimate, np.full(60, 0.01), tree, np.array([0.5, 0.0]))
    assert shared.node_variance[0][0] > alone.node_variance[0][0]


@pytest.mark.parametrize("proportional", [True, False])
def test_scatter_in_proportion_to_the_mean_is_told_from_the_same_scatter_everywhere(
    proportional: bool,
) -> None:
    rng = np.random.default_rng(4)
    mean = np.repeat([-6.0, -4.0, -2.0, -1.0], 60)
    truth = mean + rng.normal(0.0, 1.0, 240) * (0.3 * -mean if proportional else 0.6)
    tree, _ = build_tree((np.repeat(labels("a", "b", "c", "d"), 60),))
    answer = shrink(truth + rng.normal(0.0, 0.4, 240), np.full(240, 0.16), tree)
    assert answer.proportional is proportional
    error = np.abs(answer.mean - truth) / np.sqrt(answer.variance)
    assert 0.91 < np.mean(error < 1.96) < 0.985
    wide, narrow = answer.node_variance[0][0], answer.node_variance[0][3]
    assert (wide > 9.0 * narrow) if proportional else wide == pytest.approx(narrow, rel=0.1)
