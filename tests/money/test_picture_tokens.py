"""What pictures take: by the published rules, checked against bills that were published, and unknown elsewhere."""

from __future__ import annotations

import pytest

from assistant.money.picture_tokens import picture_tokens
from assistant.providers.base import Picture
from assistant.providers.entries import PictureRule


def sized(width: int, height: int) -> Picture:
    return Picture("image/png", b"", width, height)


@pytest.mark.parametrize(
    ("rule", "size", "tokens"),
    [
        ("tiles-85-170", (1024, 1024), 765),
        ("tiles-85-170", (2048, 4096), 1105),
        ("tiles-85-170", (128, 64), 255),
        ("tiles-2833-5667", (128, 64), 8500),
        ("patches-1.62", (1024, 1024), 1659),
        ("patches-1.62", (4000, 1474), 2489),
    ],
)
def test_the_published_rules_give_the_published_counts(rule: PictureRule, size: tuple[int, int], tokens: int) -> None:
    assert picture_tokens(rule, [sized(*size)]) == tokens


def test_pictures_add_up_and_none_take_nothing() -> None:
    assert picture_tokens("tiles-85-170", [sized(512, 512)] * 3) == 3 * 255
    assert picture_tokens(None, []) == 0


def test_without_a_rule_the_count_is_unknown_and_not_nothing() -> None:
    assert picture_tokens(None, [sized(512, 512)]) is None
