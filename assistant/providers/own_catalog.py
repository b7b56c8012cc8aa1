"""Lays the learner's own catalogue file over the shipped one: what it may change, and what it must not. Knows no look-ups.

It can add addresses, vendors and rows, and replace rows. It cannot say where a shipped vendor's key may go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from assistant.providers.catalog import Catalog
from assistant.providers.catalog_checks import Row, check, distinct, known, tables
from assistant.providers.catalog_file import (
    Contents,
    Region,
    Sheets,
    check_labels,
    check_presets,
    family,
    presets,
    provider,
    read_sheets,
    read_tables,
)
from assistant.providers.entries import ChatEntry, EmbeddingEntry, ProviderEntry, RerankEntry

KEY_NAME = "ASSISTANT_API_KEY"  # the only key that a vendor of the learner's own may be sent

_Entry = TypeVar("_Entry", ChatEntry, EmbeddingEntry, RerankEntry)


def laid_over(shipped: Catalog, file: Path) -> Contents | None:
    """Return both catalogues as one, the own rows first; None where there is no own file."""
    if not file.exists():
        return None
    rows = read_tables(file)
    own = tables(file.name, rows.get("provider"), "provider")
    distinct(file.name, [str(row.get("name")) for row in own])
    providers = _providers(shipped.providers, own)
    sheets = read_sheets(tables(file.name, rows.get("sheet"), "sheet"), providers)
    families = tuple(map(family, tables(file.name, rows.get("family"), "family")))
    both = Sheets(
        _over(shipped.sheets.chats, sheets.chats),
        _over(shipped.sheets.embeddings, sheets.embeddings),
        _over(shipped.sheets.reranks, sheets.reranks),
    )
    return Contents(providers, both, families + shipped.families)


def _providers(shipped: tuple[ProviderEntry, ...], rows: list[Row]) -> tuple[ProviderEntry, ...]:
    by_name = {entry.name: entry for entry in shipped}
    for row in rows:
        name = row.get("name")
        known_one = by_name.get(name) if isinstance(name, str) else None
        entry = _added(row) if known_one is None else _extended(known_one, row)
        by_name[entry.name] = entry
    return tuple(by_name.values())


def _extended(shipped: ProviderEntry, row: Row) -> ProviderEntry:
    """Add addresses on the vendor's own hosts, or other labels; who may receive its key is not for a file to say."""
    where = f"provider {shipped.name}"
    known(where, row, {"name", "labels", "presets"})
    found = presets(where, row)
    check_presets(where, shipped, found)
    if "labels" in row:
        check_labels(where, row)
    return replace(shipped, presets=shipped.presets + found, labels=row.get("labels", shipped.labels))


def _added(row: Row) -> ProviderEntry:
    where = f"provider {row.get('name')}"
    check(
        "key_name" not in row,
        where,
        f"key_name 不能写：它的密钥是 {KEY_NAME}",
        f"key_name cannot be given: its key is {KEY_NAME}",
    )
    entry = provider(row)
    check(entry.kind == "openai", where, "kind 只能是 openai", "kind can only be openai")
    return replace(entry, key_name=KEY_NAME)


def _over(
    shipped: Mapping[Region, tuple[_Entry, ...]], own: Mapping[Region, tuple[_Entry, ...]]
) -> dict[Region, tuple[_Entry, ...]]:
    """Put own rows first; one of the same name replaces the shipped one whole, its price having another date and source."""
    both = dict(shipped)
    for region, entries in own.items():
        names = {entry.name for entry in entries}
        both[region] = entries + tuple(entry for entry in shipped.get(region, ()) if entry.name not in names)
    return both
