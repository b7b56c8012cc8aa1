"""The figures of retrieval quality, by numbers worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from assistant.evaluate.metrics import Figures, judge, ndcg, recall, reciprocal_rank

GRADES = {"a": 2, "b": 1, "z": 0}


def test_ndcg_gains_two_to_the_grade_minus_one() -> None:
    ideal = 3 / log2(2) + 1 / log2(3)

    assert ndcg(["a", "b"], GRADES) == pytest.approx(1)
    assert ndcg(["b", "a"], GRADES) == pytest.approx((1 + 3 / log2(3)) / ideal)
    assert ndcg(["z", "x", "a"], GRADES) == pytest.approx((3 / log2(4)) / ideal)


def test_ndcg_looks_at_ten_places_and_compares_with_the_best_ten() -> None:
    many = {str(number): 1 for number in range(30)}

    assert ndcg([*"xxxxxxxxxx", "a"], {"a": 1}) == 0
    assert ndcg([str(number) for number in range(10)], many) == pytest.approx(1)


def test_recall_is_the_share_of_the_relevant_among_the_first_five() -> None:
    assert recall(["a", "x", "y", "z", "w", "b"], GRADES) == 0.5
    assert recall(["a", "b"], GRADES) == 1


def test_the_reciprocal_rank_is_that_of_the_first_relevant_one() -> None:
    assert reciprocal_rank(["z", "b", "a"], GRADES) == 0.5
    assert reciprocal_rank(["x"] * 10 + ["a"], GRADES) == 0


def test_a_query_without_any_relevant_document_is_left_out_and_a_missing_run_counts_as_nothing() -> None:
    figures = judge({"q1": ["a"], "q3": ["a"]}, {"q1": {"a": 1}, "q2": {"b": 1}, "q3": {"a": 0}})

    assert figures == Figures(queries=2, ndcg_at_10=0.5, recall_at_5=0.5, mrr_at_10=0.5)


def test_nothing_to_judge_gives_zeros() -> None:
    assert judge({}, {}) == Figures(queries=0, ndcg_at_10=0.0, recall_at_5=0.0, mrr_at_10=0.0)
