"""Reads a catalogue file into entries and refuses what does not make sense, naming the row. Knows no look-ups."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from assistant.providers.catalog_checks import (
    CatalogError,
    Row,
    check,
    distinct,
    known,
    lists,
    needed,
    one_of,
    tables,
    texts,
    truths,
)
from assistant.providers.catalog_rows import budget, chat_entry, embedding_entry, rerank_entry
from assistant.providers.entries import (
    ChatEntry,
    EmbeddingEntry,
    Kind,
    Preset,
    ProviderEntry,
    RerankEntry,
    Switch,
    Template,
    Vocabulary,
    host_of,
)

FILE = Path(__file__).with_name("catalog.toml")

Region = tuple[str, str]  # provider and price region

_SHEET_FIELDS = {
    "provider", "region", "currency", "as_of", "source", "switch", "thinking_budget", "chat", "embedding", "rerank",
}  # fmt: skip


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
    reranks: Mapping[Region, tuple[RerankEntry, ...]]


@dataclass(frozen=True, slots=True)
class Contents:
    """All that one file says, or two of them together."""

    providers: tuple[ProviderEntry, ...]
    sheets: Sheets
    families: tuple[Family, ...]


def read_catalog(file: Path = FILE) -> Contents:
    """Return what a catalogue file says that stands by itself."""
    rows = read_tables(file)
    providers = tuple(provider(row) for row in tables(file.name, rows.get("provider"), "provider"))
    distinct("provider", [entry.name for entry in providers])
    sheets = read_sheets(tables(file.name, rows.get("sheet"), "sheet"), providers)
    return Contents(providers, sheets, tuple(map(family, tables(file.name, rows.get("family"), "family"))))


def read_tables(file: Path) -> dict[str, Any]:
    """Parse a file without rounding a number; one that is no TOML, or too deep to be read, is refused."""
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise CatalogError(row=file.name, zh=f"读不懂：{reason}", en=f"it cannot be read: {reason}") from error
    known(file.name, rows, {"provider", "sheet", "family"})
    return rows


def provider(row: Row) -> ProviderEntry:
    """Read a vendor with its addresses, all of which must be its own."""
    where = f"provider {row.get('name')}"
    known(where, row, {field.name for field in fields(ProviderEntry)} - {"regions"})
    needed(where, row, "name", "labels", "kind")
    texts(where, row, "name", "key_name", "currency", "dialect")
    one_of(where, row, "kind", get_args(Kind))
    truths(where, row, "charges")
    check_labels(where, row)
    regions = row.get("hosts", {})
    good = isinstance(regions, dict) and all(isinstance(region, str) for region in regions.values())
    check(good, where, "hosts 应是主机到地区的表", "hosts is no table of regions by host")
    found = presets(where, row)
    entry = ProviderEntry(**{**row, "presets": found, "hosts": tuple(regions), "regions": regions})
    check_presets(where, entry, found)
    return entry


def check_labels(where: str, row: Row) -> None:
    """Refuse a name that is not given in both languages."""
    labels = row["labels"]
    good = (
        isinstance(labels, dict)
        and labels.keys() == {"zh", "en"}
        and all(isinstance(one, str) for one in labels.values())
    )
    check(good, where, "labels 要有 zh 和 en", "labels must be zh and en")


def presets(where: str, row: Row) -> tuple[Preset, ...]:
    """Read the addresses of a vendor."""
    rows = tables(where, row.get("presets"), "presets")
    for preset in rows:
        known(where, preset, {"label", "base_url"})
        needed(where, preset, "label", "base_url")
        texts(where, preset, "label", "base_url")
    return tuple(Preset(**preset) for preset in rows)


def check_presets(where: str, entry: ProviderEntry, found: tuple[Preset, ...]) -> None:
    """Refuse an address that is none, or that belongs to somebody else: it may be sent the vendor's key."""
    for preset in found:
        url = repr(preset.base_url)
        host = host_of(preset.base_url)
        good = preset.base_url.startswith(("https://", "http://")) and bool(host)
        check(good, where, f"{url} 不是地址", f"{url} is no address")
        check(not entry.regions or entry.owns(host), where, f"{url} 不在它的主机里", f"{url} is not one of its hosts")


def read_sheets(rows: list[Row], providers: tuple[ProviderEntry, ...]) -> Sheets:
    """Read the price sheets of vendors; each vendor's region has one at most."""
    regions = {(entry.name, region) for entry in providers for region in entry.regions.values()}
    chats: dict[Region, tuple[ChatEntry, ...]] = {}
    embeddings: dict[Region, tuple[EmbeddingEntry, ...]] = {}
    reranks: dict[Region, tuple[RerankEntry, ...]] = {}
    for sheet in rows:
        where = f"sheet {sheet.get('provider', '')} {sheet.get('region', '')}"
        _check_sheet(where, sheet)
        region = (sheet["provider"], sheet["region"])
        check(region in regions, where, "没有供应商有这个地区", "no provider has this region")
        check(region not in chats, where, "出现了两次", "given twice")
        chats[region] = tuple(chat_entry(where, row, sheet) for row in tables(where, sheet.get("chat"), "chat"))
        embeddings[region] = tuple(
            embedding_entry(where, row, sheet) for row in tables(where, sheet.get("embedding"), "embedding")
        )
        reranks[region] = tuple(rerank_entry(where, row, sheet) for row in tables(where, sheet.get("rerank"), "rerank"))
        distinct(where, [name for entry in chats[region] for name in (entry.name, *entry.aliases)])
        distinct(where, [entry.name for entry in embeddings[region]])
        distinct(where, [entry.name for entry in reranks[region]])
    return Sheets(chats, embeddings, reranks)


def _check_sheet(where: str, sheet: Row) -> None:
    known(where, sheet, _SHEET_FIELDS)
    needed(where, sheet, "provider", "region", "currency", "as_of", "source")
    texts(where, sheet, "provider", "region", "currency", "source")
    one_of(where, sheet, "switch", get_args(Switch))
    budget(where, sheet)


def family(row: Row) -> Family:
    """Read what a part of a name says of a model."""
    where = f"family {row.get('contains')}"
    known(where, row, {"contains", "vocabulary", "template"})
    needed(where, row, "contains", "vocabulary", "template")
    lists(where, row, str, "contains")
    one_of(where, row, "vocabulary", get_args(Vocabulary))
    one_of(where, row, "template", get_args(Template))
    return Family(tuple(row["contains"]), row["vocabulary"], row["template"])
