"""Reads public price files, litellm's and models.dev's, as they publish them: per vendor and model. Compares nothing.

Both are in US dollars throughout. What such a file says that makes no sense is passed over, as if it said nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

from assistant.errors import AssistantError, Language
from assistant.providers.entries import Price

Shape = Literal["litellm", "models.dev"]

CURRENCY = "USD"

# Their names of vendors, and our provider and region for each.
_LITELLM = {
    "dashscope": ("dashscope", "intl"),
    "siliconflow": ("siliconflow", "intl"),
    "deepseek": ("deepseek", "world"),
    "openai": ("openai", "world"),
}
_MODELS_DEV = {
    "alibaba": ("dashscope", "intl"),
    "alibaba-cn": ("dashscope", "cn"),
    "siliconflow": ("siliconflow", "intl"),
    "siliconflow-cn": ("siliconflow", "cn"),
    "deepseek": ("deepseek", "world"),
    "openai": ("openai", "world"),
}
_MILLION = Decimal(1_000_000)
_ABOVE = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


class PriceFileError(AssistantError):
    """A file of prices that cannot be read or has another form; details: path, reason."""

    kind: ClassVar[str] = "price_file"
    texts: ClassVar[dict[Language, str]] = {
        "zh": "价格文件 {path} 无法使用：{reason}。",
        "en": "The price file {path} cannot be used: {reason}.",
    }
    hints: ClassVar[dict[Language, str]] = {
        "zh": "可以用 litellm 的 model_prices_and_context_window.json，或 models.dev 的 api.json。",
        "en": "It takes litellm's model_prices_and_context_window.json, or the api.json of models.dev.",
    }


@dataclass(frozen=True, slots=True)
class PublicPrice:
    """What a public file says of a model; ``quiet`` are the prices of cheaper hours, where it knows them.

    Tiers are in the form of the catalogue: each holds up to ``up_to`` tokens of input, the last beyond.
    """

    provider: str
    region: str
    model: str
    prices: tuple[Price, ...]
    quiet: tuple[Price, ...] = ()
    max_output: int | None = None


def read_price_file(file: Path) -> tuple[Shape, tuple[PublicPrice, ...]]:
    """Return the form of a price file and what it says of vendors that the catalogue has."""
    try:
        said = json.loads(file.read_text(encoding="utf-8-sig"), parse_float=Decimal, parse_int=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        raise PriceFileError(path=file, reason=str(error) or type(error).__name__) from error
    rows = said.values() if isinstance(said, dict) else ()
    if any(isinstance(row, dict) and isinstance(row.get("models"), dict) for row in rows):
        return "models.dev", tuple(_models_dev(said))
    if any(isinstance(row, dict) and "litellm_provider" in row for row in rows):
        return "litellm", tuple(_litellm(said))
    raise PriceFileError(path=file, reason="litellm / models.dev ?")


def _litellm(said: Mapping[str, Any]) -> Iterator[PublicPrice]:
    for name, row in said.items():
        vendor = row.get("litellm_provider") if isinstance(row, dict) else None
        if not isinstance(vendor, str) or vendor not in _LITELLM:
            continue
        prices = _litellm_tiers(row)
        quiet = row.get("off_peak_pricing")
        if prices:
            provider, region = _LITELLM[vendor]
            model = name.removeprefix(f"{vendor}/")
            cheaper = _litellm_tiers(quiet) if isinstance(quiet, dict) else ()
            yield PublicPrice(provider, region, model, prices, cheaper, _count(row.get("max_output_tokens")))


def _litellm_tiers(row: Mapping[str, Any]) -> tuple[Price, ...]:
    tiers = row.get("tiered_pricing")
    if isinstance(tiers, list):
        bounds = [(tier, _end(tier)) for tier in tiers if isinstance(tier, dict)]
        found = [_litellm_price({**row, **tier}, end) for tier, end in bounds]
        return _ascending([price for price in found if price is not None])
    price = _litellm_price(row, None)
    above = next((int(match[1]) for name in row if (match := _ABOVE.fullmatch(name))), None)
    if price is None or above is None:
        return () if price is None else (price,)
    long = {name.replace(f"_above_{above}k_tokens", ""): row[name] for name in row if f"_above_{above}k_tokens" in name}
    dearer = _litellm_price({**row, **long}, None)
    first = _litellm_price(row, above * 1_000)
    return (first, dearer) if first and dearer else (price,)


def _litellm_price(row: Mapping[str, Any], up_to: int | None) -> Price | None:
    names = (
        "input_cost_per_token",
        "output_cost_per_token",
        "cache_read_input_token_cost",
        "output_cost_per_reasoning_token",
    )
    return _price(up_to, *(_amount(row.get(name), _MILLION) for name in names))


def _end(tier: Mapping[str, Any]) -> int | None:
    bounds = tier.get("range")
    return _count(bounds[1]) if isinstance(bounds, list) and len(bounds) == 2 else None


def _models_dev(said: Mapping[str, Any]) -> Iterator[PublicPrice]:
    for vendor, (provider, region) in _MODELS_DEV.items():
        row = said.get(vendor)
        models = row.get("models") if isinstance(row, dict) else None
        for name, model in models.items() if isinstance(models, dict) else ():
            cost = model.get("cost") if isinstance(model, dict) else None
            prices = _models_dev_tiers(cost) if isinstance(cost, dict) else ()
            limit = model.get("limit") if isinstance(model, dict) else None
            if prices:
                longest = _count(limit.get("output")) if isinstance(limit, dict) else None
                yield PublicPrice(provider, region, str(name), prices, max_output=longest)


def _models_dev_tiers(cost: Mapping[str, Any]) -> tuple[Price, ...]:
    """Turn "from this size on" into "up to this size"."""
    tiers = cost.get("tiers")
    steps = [(_size(tier), tier) for tier in tiers if isinstance(tier, dict)] if isinstance(tiers, list) else []
    above = sorted(((size, tier) for size, tier in steps if size), key=lambda step: step[0])
    rows = [cost, *(tier for _, tier in above)]
    ends = [*(size for size, _ in above), None]
    found = [_models_dev_price(row, end) for row, end in zip(rows, ends, strict=True)]
    return tuple(price for price in found if price is not None)


def _models_dev_price(row: Mapping[str, Any], up_to: int | None) -> Price | None:
    return _price(
        up_to, *(_amount(row.get(name), Decimal(1)) for name in ("input", "output", "cache_read", "reasoning"))
    )


def _size(tier: Mapping[str, Any]) -> int:
    inner = tier.get("tier")
    return (_count(inner.get("size")) if isinstance(inner, dict) else None) or 0


def _price(
    up_to: int | None, paid: Decimal | None, output: Decimal | None, cached: Decimal | None, thinking: Decimal | None
) -> Price | None:
    """Make a price; without one for output it is that of a model that writes nothing, as embedding models are."""
    return None if paid is None else Price(up_to, paid, output or Decimal(0), cached, thinking)


def _ascending(prices: list[Price]) -> tuple[Price, ...]:
    return tuple(sorted(prices, key=lambda price: (price.up_to is None, price.up_to or 0)))


def _amount(value: object, times: Decimal) -> Decimal | None:
    good = isinstance(value, Decimal) and value.is_finite() and 0 <= value < _MILLION
    return value * times if good and isinstance(value, Decimal) else None


def _count(value: object) -> int | None:
    good = isinstance(value, Decimal) and value.is_finite() and 0 < value < 10**12
    return int(value) if good and isinstance(value, Decimal) else None
