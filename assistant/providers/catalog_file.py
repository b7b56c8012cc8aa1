"""Reads catalog.toml into entries and refuses what does not make sense, naming the row. Knows no look-ups."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, get_args
from urllib.parse import urlsplit

from assistant.errors import AssistantError, Language
from assistant.providers.entries import (
    ChatEntry,
    EmbeddingEntry,
    Kind,
    Preset,
    Price,
    ProviderEntry,
    Template,
    Thinking,
    Vocabulary,
    host_of,
)

FILE = Path(__file__).with_name("catalog.toml")

Row = Mapping[str, Any]
Region = tuple[str, str]  # provider and price region

_SHEET_FIELDS = {"provider", "region", "currency", "as_of", "source", "chat", "embedding"}
_ROW_DATES = {"as_of", "source"}


class CatalogError(AssistantError):
    """The catalogue that ships with the app was altered wrongly; details: row, reason."""

    kind: ClassVar[str] = "catalog"
    texts: ClassVar[dict[Language, str]] = {
        "zh": "模型目录 catalog.toml 有误（{row}）：{reason}。",
        "en": "The model catalogue catalog.toml is wrong at {row}: {reason}.",
    }
    hints: ClassVar[dict[Language, str]] = {
        "zh": "改正这一行，或重新安装 study-assistant。",
        "en": "Correct that row, or reinstall study-assistant.",
    }


@dataclass(frozen=True, slots=True)
class Family:
    """What a model's name alone betrays: the vocabulary it was most likely trained with."""

    contains: tuple[str, ...]
    vocabulary: str
    template: str


@dataclass(frozen=True, slots=True)
class Sheets:
    """The price sheets, by provider and region."""

    chats: Mapping[Region, tuple[ChatEntry, ...]]
    embeddings: Mapping[Region, tuple[EmbeddingEntry, ...]]


def read_catalog(file: Path = FILE) -> tuple[tuple[ProviderEntry, ...], Sheets, tuple[Family, ...]]:
    """Return providers, price sheets and families of a catalogue file."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(row=file.name, reason=str(error)) from error
    _known(file.name, tables, {"provider", "sheet", "family"})
    providers = tuple(_provider(row) for row in tables.get("provider", ()))
    _distinct("provider", [entry.name for entry in providers])
    return providers, _sheets(tables.get("sheet", ()), providers), tuple(map(_family, tables.get("family", ())))


def _provider(row: Row) -> ProviderEntry:
    where = f"provider {row.get('name')}"
    _known(where, row, {field.name for field in fields(ProviderEntry)} - {"regions"})
    _needed(where, row, "name", "labels", "kind")
    _one_of(where, row, "kind", get_args(Kind))
    _check(set(row["labels"]) == {"zh", "en"}, where, "labels must be zh and en")
    regions: dict[str, str] = row.get("hosts", {})
    presets = tuple(Preset(**preset) for preset in row.get("presets", ()))
    entry = ProviderEntry(
        **{**row, "presets": presets, "hosts": tuple(regions), "regions": regions},
    )
    for preset in presets:
        _check(urlsplit(preset.base_url).scheme in {"http", "https"}, where, f"{preset.base_url!r} is no address")
        own = not regions or entry.owns(host_of(preset.base_url))
        _check(own, where, f"{preset.base_url!r} is not one of its hosts")
    return entry


def _sheets(rows: list[Row], providers: tuple[ProviderEntry, ...]) -> Sheets:
    known = {(entry.name, region) for entry in providers for region in entry.regions.values()}
    chats: dict[Region, tuple[ChatEntry, ...]] = {}
    embeddings: dict[Region, tuple[EmbeddingEntry, ...]] = {}
    for sheet in rows:
        region = (sheet.get("provider", ""), sheet.get("region", ""))
        where = f"sheet {' '.join(region)}"
        _known(where, sheet, _SHEET_FIELDS)
        _needed(where, sheet, "provider", "region", "currency", "as_of", "source")
        _check(region in known, where, "no provider has this region")
        _check(region not in chats, where, "given twice")
        chats[region] = tuple(_chat(where, row, sheet) for row in sheet.get("chat", ()))
        embeddings[region] = tuple(_embedding(where, row, sheet) for row in sheet.get("embedding", ()))
        _distinct(where, [name for entry in chats[region] for name in (entry.name, *entry.aliases)])
        _distinct(where, [entry.name for entry in embeddings[region]])
    return Sheets(chats, embeddings)


def _chat(sheet_name: str, row: Row, sheet: Row) -> ChatEntry:
    where = f"{sheet_name}, chat {row.get('name')}"
    _known(where, row, {field.name for field in fields(ChatEntry)} - {"provider", "currency", "local"})
    _needed(where, row, "name")
    _one_of(where, row, "thinking", get_args(Thinking))
    _one_of(where, row, "vocabulary", get_args(Vocabulary))
    _one_of(where, row, "template", get_args(Template))
    _whole(where, row, "window", "max_output")
    prices = _prices(where, row, "prices")
    off_peak = _prices(where, row, "off_peak")
    _check(off_peak is None or prices is not None, where, "off_peak needs prices")
    return ChatEntry(
        **{
            **row,
            **_origin(where, row, sheet, priced=prices is not None),
            "provider": sheet["provider"],
            "aliases": tuple(row.get("aliases", ())),
            "prices": prices,
            "off_peak": off_peak,
        }
    )


def _embedding(sheet_name: str, row: Row, sheet: Row) -> EmbeddingEntry:
    where = f"{sheet_name}, embedding {row.get('name')}"
    _known(where, row, {field.name for field in fields(EmbeddingEntry)} - {"provider", "currency", "local"})
    _needed(where, row, "name", "dimension", "max_tokens", "max_texts", "send_dimensions")
    _one_of(where, row, "vocabulary", get_args(Vocabulary))
    _whole(where, row, "dimension", "max_tokens", "max_texts")
    price = _money(where, row, "price")
    origin = _origin(where, row, sheet, priced=price is not None)
    return EmbeddingEntry(**{**row, **origin, "provider": sheet["provider"], "price": price})


def _origin(where: str, row: Row, sheet: Row, *, priced: bool) -> dict[str, Any]:
    """Say in what money, since when and by whom a price is known; a row without a price has none of the three."""
    if not priced:
        _check(not _ROW_DATES & row.keys(), where, "as_of and source belong to a price")
        return {}
    as_of, source = row.get("as_of", sheet["as_of"]), row.get("source", sheet["source"])
    _check(type(as_of) is date, where, f"as_of {as_of!r} is no date")
    _check(isinstance(source, str) and bool(source.strip()), where, "source is empty")
    return {"currency": sheet["currency"], "as_of": as_of, "source": source}


def _prices(where: str, row: Row, name: str) -> tuple[Price, ...] | None:
    if name not in row:
        return None
    tiers = tuple(_price(where, tier) for tier in row[name])
    limits = [tier.up_to for tier in tiers]
    _check(bool(tiers), where, f"{name} is empty; leave it out where nothing is known")
    _check(None not in limits[:-1], where, f"only the last tier of {name} may be without up_to")
    sizes = [limit for limit in limits if limit is not None]
    _check(sizes == sorted(set(sizes)), where, f"the tiers of {name} must ascend")
    return tiers


def _price(where: str, tier: Row) -> Price:
    _known(where, tier, {field.name for field in fields(Price)})
    _needed(where, tier, "input", "output")
    _whole(where, tier, "up_to")
    amounts = {name: _money(where, tier, name) for name in tier if name != "up_to"}
    return Price(**{"up_to": tier.get("up_to"), **amounts})  # type: ignore[arg-type]


def _family(row: Row) -> Family:
    where = f"family {row.get('contains')}"
    _known(where, row, {"contains", "vocabulary", "template"})
    _needed(where, row, "contains", "vocabulary", "template")
    _one_of(where, row, "vocabulary", get_args(Vocabulary))
    _one_of(where, row, "template", get_args(Template))
    return Family(tuple(row["contains"]), row["vocabulary"], row["template"])


def _money(where: str, row: Row, name: str) -> Decimal | None:
    if name not in row:
        return None
    amount = row[name]
    good = isinstance(amount, Decimal | int) and not isinstance(amount, bool)
    _check(good and Decimal(amount).is_finite() and amount >= 0, where, f"{name} {amount!r} is no amount of money")
    return Decimal(amount)


def _whole(where: str, row: Row, *names: str) -> None:
    for name in names:
        _check(name not in row or (type(row[name]) is int and row[name] > 0), where, f"{name} must be a whole number")


def _known(where: str, row: Row, allowed: set[str]) -> None:
    unknown = sorted(row.keys() - allowed)
    _check(not unknown, where, f"unknown field {', '.join(unknown)}")


def _needed(where: str, row: Row, *names: str) -> None:
    missing = [name for name in names if name not in row]
    _check(not missing, where, f"{', '.join(missing)} is missing")


def _one_of(where: str, row: Row, name: str, allowed: tuple[str, ...]) -> None:
    _check(name not in row or row[name] in allowed, where, f"{name} {row.get(name)!r} is none of {', '.join(allowed)}")


def _distinct(where: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    _check(not twice, where, f"{', '.join(twice)} given twice")


def _check(condition: bool, row: str, reason: str) -> None:
    if not condition:
        raise CatalogError(row=row, reason=reason)
