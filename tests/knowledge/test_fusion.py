"""Two legs become one order, whatever range the cosines of a model lie in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.fusion import Fusion

SCORES = st.dictionaries(st.integers(1, 9), st.floats(0, 1), max_size=9)
COSINES = st.dictionaries(st.integers(1, 9), st.floats(-1, 1), max_size=9)


@given(SCORES, COSINES, st.floats(0, 1), st.booleans())
def test_every_id_gets_a_score_between_0_and_1(
    keywords: dict[int, float], cosines: dict[int, float], weight: float, stretched: bool
) -> None:
    scores = Fusion(weight, stretched).scores(keywords, cosines)

    assert scores.keys() == keywords.keys() | cosines.keys()
    assert all(0 <= score <= 1.000001 for score in scores.values())


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.6])
def test_where_a_models_cosines_lie_changes_no_order(shift: float) -> None:
    keywords, cosines = {1: 0.6, 2: 0.5, 3: 0.1}, {1: 0.1, 2: 0.3, 4: 0.25}
    shifted = {id_: cosine + shift for id_, cosine in cosines.items()}

    def order(found: dict[int, float]) -> list[int]:
        scores = Fusion(0.5, stretched=True).scores(keywords, found)
        return sorted(scores, key=lambda id_: -scores[id_])

    assert order(shifted) == order(cosines) == [2, 1, 4, 3]


@pytest.mark.parametrize(("weight", "order"), [(0.0, [1, 2]), (1.0, [2, 1])])
def test_the_weight_decides_between_the_legs(weight: float, order: list[int]) -> None:
    scores = Fusion(weight, stretched=True).scores({1: 0.9, 2: 0.3}, {1: 0.7, 2: 0.8})

    assert sorted(scores, key=lambda id_: -scores[id_]) == order


def test_without_vectors_the_keywords_keep_their_order_and_ratio() -> None:
    scores = Fusion(0.5, stretched=True).scores({1: 0.8, 2: 0.4}, {})

    assert scores[1] == 2 * scores[2] > 0
