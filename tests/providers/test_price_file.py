"""Public price files in both forms, and where the catalogue differs from them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assistant.providers.catalog import catalog
from assistant.providers.entries import Price
from assistant.providers.price_differences import Comparison, compare
from assistant.providers.price_file import PriceFileError, PublicPrice, read_price_file

LITELLM: dict[str, Any] = {
    "sample_spec": {"litellm_provider": "one of https://docs.example", "input_cost_per_token": 0.0},
    "dashscope/qwen3-max": {
        "litellm_provider": "dashscope",
        "max_output_tokens": 65536,
        "tiered_pricing": [
            {"range": [0, 32000.0], "input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06},
            {"range": [32000.0, 128000.0], "input_cost_per_token": 2.4e-06, "output_cost_per_token": 1.2e-05},
            {"range": [128000.0, 252000.0], "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05},
        ],
    },
    "deepseek/deepseek-flash": {
        "litellm_provider": "deepseek",
        "max_output_tokens": 393216,
        "input_cost_per_token": 3e-07,
        "output_cost_per_token": 1.2e-06,
        "cache_read_input_token_cost": 6e-09,
        "off_peak_pricing": {
            "input_cost_per_token": 1.5e-07,
            "output_cost_per_token": 6e-07,
            "cache_read_input_token_cost": 3e-09,
            "windows": [{"hours_utc": "04:00-06:00"}],
        },
    },
    "gpt-6-luna": {
        "litellm_provider": "openai",
        "max_output_tokens": 128000,
        "input_cost_per_token": 1e-07,
        "output_cost_per_token": 5e-07,
        "cache_read_input_token_cost": 1e-08,
        "input_cost_per_token_above_272k_tokens": 2e-07,
        "output_cost_per_token_above_272k_tokens": 7.5e-07,
        "cache_read_input_token_cost_above_272k_tokens": 2e-08,
    },
    "text-embedding-3-small": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 2e-08},
    "azure/gpt-6-luna": {"litellm_provider": "azure", "input_cost_per_token": 9.0},
}
MODELS_DEV: dict[str, Any] = {
    "alibaba": {
        "id": "alibaba",
        "models": {
            "qwen3.7-plus": {
                "id": "qwen3.7-plus",
                "cost": {
                    "input": 0.4,
                    "output": 1.6,
                    "cache_read": 0.08,
                    "tiers": [
                        {"input": 1.2, "output": 4.8, "cache_read": 0.24, "tier": {"type": "context", "size": 256000}}
                    ],
                },
                "limit": {"context": 1000000, "output": 65536},
            },
        },
    },
    "alibaba-cn": {"models": {"qwen3.6-plus": {"cost": {"input": 0.5, "output": 3}}}},
    "deepseek": {"models": {"deepseek-flash": {"cost": {"input": 0.15, "output": 0.6, "cache_read": 0.003}}}},
    "unheard-of": {"models": {"m": {"cost": {"input": 1, "output": 1}}}},
}


def compared(tmp_path: Path, said: Any) -> Comparison:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    return compare(catalog(), read_price_file(file)[1])


def read(tmp_path: Path, said: Any) -> dict[str, PublicPrice]:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    return {f"{one.provider} {one.region} {one.model}": one for one in read_price_file(file)[1]}


def test_litellms_form_is_read_exactly(tmp_path: Path) -> None:
    found = read(tmp_path, LITELLM)

    assert set(found) == {
        "dashscope intl qwen3-max", "deepseek world deepseek-flash", "openai world gpt-6-luna",
        "openai world text-embedding-3-small",
    }  # fmt: skip
    luna = found["openai world gpt-6-luna"]
    assert luna.prices == (
        Price(272_000, Decimal("0.1"), Decimal("0.5"), Decimal("0.01")),
        Price(None, Decimal("0.2"), Decimal("0.75"), Decimal("0.02")),
    )
    assert found["deepseek world deepseek-flash"].quiet[0].cached == Decimal("0.003")
    assert [price.up_to for price in found["dashscope intl qwen3-max"].prices] == [32_000, 128_000, 252_000]


def test_the_form_of_models_dev_is_read_exactly(tmp_path: Path) -> None:
    found = read(tmp_path, MODELS_DEV)

    assert found["dashscope intl qwen3.7-plus"].prices == (
        Price(256_000, Decimal("0.4"), Decimal("1.6"), Decimal("0.08")),
        Price(None, Decimal("1.2"), Decimal("4.8"), Decimal("0.24")),
    )


@pytest.mark.parametrize("said", [LITELLM, MODELS_DEV], ids=["litellm", "models.dev"])
def test_figures_that_agree_are_no_difference(said: Any, tmp_path: Path) -> None:
    result = compared(tmp_path, said)

    assert result.differences == ()
    assert result.compared >= 2


def test_each_figure_that_differs_is_named_with_both_sides(tmp_path: Path) -> None:
    said = json.loads(json.dumps(LITELLM))
    said["gpt-6-luna"]["output_cost_per_token_above_272k_tokens"] = 9e-07
    said["deepseek/deepseek-flash"]["off_peak_pricing"]["input_cost_per_token"] = 1.6e-07
    said["dashscope/qwen3-max"]["max_output_tokens"] = 32768
    said["dashscope/qwen3-max"]["tiered_pricing"][1]["input_cost_per_token"] = 2.5e-06
    said["text-embedding-3-small"]["input_cost_per_token"] = 3e-08

    found = {(one.model, one.field, one.ours, one.theirs) for one in compared(tmp_path, said).differences}

    assert found == {
        ("gpt-6-luna", "output > 272000", Decimal("0.75"), Decimal("0.9")),
        ("deepseek-flash", "input (other hours)", Decimal("0.15"), Decimal("0.16")),
        ("qwen3-max", "max_output", Decimal(65_536), Decimal(32_768)),
        ("qwen3-max", "input > 32000", Decimal("2.4"), Decimal("2.5")),
        ("text-embedding-3-small", "input", Decimal("0.02"), Decimal("0.03")),
    }


def test_a_file_without_hours_may_have_the_price_of_either(tmp_path: Path) -> None:
    said = json.loads(json.dumps(MODELS_DEV))
    said["deepseek"]["models"]["deepseek-flash"]["cost"] = {"input": 0.3, "output": 1.2, "cache_read": 0.006}
    assert compared(tmp_path, said).differences == ()

    said["deepseek"]["models"]["deepseek-flash"]["cost"]["input"] = 0.2
    assert [one.field for one in compared(tmp_path, said).differences] == ["input (busy hours)"]


def test_yuan_are_never_compared_with_dollars(tmp_path: Path) -> None:
    result = compared(tmp_path, MODELS_DEV)

    assert result.other_currency == (("dashscope", "cn", "qwen3.6-plus", "CNY"),)


def test_models_without_a_price_of_ours_and_models_they_lack_are_said_apart(tmp_path: Path) -> None:
    said = {"alibaba-cn": {"models": {"qwen3.7-plus": {"cost": {"input": 1, "output": 2}}}}}
    result = compared(tmp_path, said)

    assert result.unpriced == (("dashscope", "cn", "qwen3.7-plus"),)
    assert ("openai", "world", "gpt-4o-mini") in result.not_in_file
    assert result.compared == 0


@pytest.mark.parametrize(
    "row",
    [
        None, 5, [], {"cost": None}, {"cost": {"input": None}}, {"cost": {"input": -1, "output": 1}},
        {"cost": {"input": "0.4", "output": 1}}, {"cost": {"input": 1e300, "output": 1}}, {"cost": {"input": float("nan")}},
        {"cost": {"input": True, "output": 1}},
    ],
)  # fmt: skip
def test_rows_that_make_no_sense_are_passed_over(row: object, tmp_path: Path) -> None:
    assert read(tmp_path, {"openai": {"models": {"gpt-6-luna": row}}}) == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": 1}', "[" * 60_000, "\x00", '{"a": {"b": 1}}'])
def test_a_file_of_another_form_is_an_error_that_names_it(text: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(PriceFileError) as caught:
        read_price_file(file)
    assert str(file) in caught.value.message("zh")
    with pytest.raises(PriceFileError):
        read_price_file(tmp_path / "missing.json")
