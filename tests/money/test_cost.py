"""Previews and receipts say money exactly, and say nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from assistant.money.cost import NO_CHARGE, NOTHING_PAID, Forecast, Paid, Parts, Preview, Receipt

PARTS = Parts(system=100, history=20, chunks=(30, 40), question=5, overhead=7)
PREVIEW = Preview("offline", "quotes", PARTS, False, (10, 50, 200), Forecast("CNY", *map(Decimal, "123")), 1_000)


def test_the_parts_add_up() -> None:
    assert PARTS.total == PREVIEW.prompt_tokens == 202


def test_money_is_written_as_it_is_and_never_rounded() -> None:
    forecast = Forecast("CNY", Decimal("0.1") + Decimal("0.2"), Decimal("0.00000034"), Decimal("10.50"))

    assert forecast.as_json()["low"] == "0.3"
    assert Decimal(forecast.as_json()["typical"]) == Decimal("0.00000034")
    assert forecast.as_json()["high"] == "10.50"
    assert Paid("USD", Decimal("0.0102")).as_json() == {"currency": "USD", "amount": "0.0102"}


@pytest.mark.parametrize("amount", ["0.0000001", "0.00000000012", "1E-9", "1E+3"])
def test_small_and_round_amounts_are_plain_decimals(amount: str) -> None:
    written = [
        Paid("CNY", Decimal(amount)).as_json()["amount"],
        Forecast("CNY", Decimal(amount), Decimal(amount), Decimal(amount)).as_json()["high"],
    ]

    for text in written:
        assert "E" not in text
        assert Decimal(text) == Decimal(amount)


def test_what_costs_nothing_says_zero_and_what_is_unknown_says_nothing() -> None:
    assert NO_CHARGE.as_json() == {"currency": "CNY", "low": "0", "typical": "0", "high": "0"}
    assert NOTHING_PAID.as_json() == {"currency": "CNY", "amount": "0"}
    assert replace(PREVIEW, cost=None).as_json()["cost"] is None


@pytest.mark.parametrize(("window", "fits"), [(None, True), (402, True), (401, False), (0, False)])
def test_a_draft_fits_while_the_longest_answer_does(window: int | None, fits: bool) -> None:
    assert replace(PREVIEW, context_window=window).fits is fits


def test_a_preview_in_the_contracts_form() -> None:
    assert PREVIEW.as_json() == {
        "provider": "offline",
        "model": "quotes",
        "prompt_tokens": 202,
        "parts": {"system": 100, "history": 20, "chunks": [30, 40], "question": 5, "overhead": 7},
        "exact": False,
        "output_tokens": {"low": 10, "typical": 50, "high": 200},
        "cost": {"currency": "CNY", "low": "1", "typical": "2", "high": "3"},
        "context_window": 1_000,
        "fits": True,
    }


def test_a_receipt_in_the_contracts_form() -> None:
    receipt = Receipt("p", "m", 202, 210, 33, None, Paid("CNY", Decimal("0.0034")), 1.23456, 0.5)

    assert receipt.as_json() == {
        "provider": "p",
        "model": "m",
        "predicted_prompt_tokens": 202,
        "usage": {"prompt_tokens": 210, "completion_tokens": 33, "reasoning_tokens": None},
        "cost": {"currency": "CNY", "amount": "0.0034"},
        "seconds": 1.235,
        "seconds_to_first_token": 0.5,
    }
    unknown = replace(receipt, cost=None, seconds_to_first_token=None).as_json()
    assert (unknown["cost"], unknown["seconds_to_first_token"]) == (None, None)
