"""Figures are values, however they are written."""

from __future__ import annotations

import pytest

from assistant.language.figures import figures, spelled, stands_among


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("1,000", "1000"), ("３２", "32"), ("3万", "30000"), ("1.5 亿", "150000000"), ("50%", "0.5"), ("50 %", "百分之五十"), ("7B", "7 billion"),
        ("10k", "10,000"), ("1e-4", "0.0001"), ("3 步", "三步"), ("2017", "二〇一七年"), ("120", "一百二十"), ("12", "twelve"),
        ("70%", "69.8%"), ("500 毫秒", "500 ms"), ("3.11.7", "Python 3.11.7"), ("10⁶", "10^6"), ("2 seconds", "2s"),
    ],
)  # fmt: skip
def test_the_same_figure_is_found(said: str, known: str) -> None:
    assert figures(said)
    assert all(stands_among(one, [*figures(known), *spelled(known)]) for one in figures(said))


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("1001", "1000"), ("3万", "3亿"), ("0.01", "0.001"), ("50%", "50 ms"), ("5 GB", "5 MB"), ("3.11.8", "3.11.7"), ("2018", "2017"),
        ("1e-4", "1e-5"), ("4", "三步"), ("0.1", "0.14"),
    ],
)  # fmt: skip
def test_another_figure_is_not(said: str, known: str) -> None:
    assert not stands_among(figures(said)[0], [*figures(known), *spelled(known)])


def test_a_figure_longer_than_anybody_reads_is_left_out() -> None:
    assert figures("9" * 5_000) == []
