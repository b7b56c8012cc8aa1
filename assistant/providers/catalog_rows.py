"""Reads the rows of a price sheet: chat, embedding and reranking models. Knows no file and no provider."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, time
from typing import Any, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.providers.catalog_checks import (
    CatalogError,
    Row,
    check,
    known,
    lists,
    money,
    needed,
    one_of,
    tables,
    texts,
    truths,
    whole,
)
from assistant.providers.entries import (
    ChatEntry,
    EmbeddingEntry,
    Hours,
    PictureRule,
    Price,
    RerankEntry,
    Switch,
    Template,
    Thinking,
    Vocabulary,
)

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NOT_IN_A_ROW = {"provider", "currency", "local"}
_ROW_DATES = {"as_of", "source"}


def chat_entry(sheet_name: str, row: Row, sheet: Row) -> ChatEntry:
    """Read a chat model of a sheet; its price dates and its switch are the sheet's unless it has its own."""
    where = f"{sheet_name}, chat {row.get('name')}"
    known(where, row, {field.name for field in fields(ChatEntry)} - _NOT_IN_A_ROW)
    needed(where, row, "name")
    texts(where, row, "name", "note")
    lists(where, row, str, "aliases")
    truths(where, row, "exact", "vision")
    for name, allowed in (
        ("thinking", Thinking),
        ("vocabulary", Vocabulary),
        ("template", Template),
        ("switch", Switch),
        ("picture_rule", PictureRule),
    ):
        one_of(where, row, name, get_args(allowed))
    whole(where, row, "window", "max_output")
    prices = _prices(where, row)
    hours = tuple(_hours(where, one) for one in tables(where, row.get("hours"), "hours"))
    check(
        not hours or prices is not None, where, "有 hours 就要有 prices", "hours need prices for the rest of the week"
    )
    chooses = row.get("thinking", "none").startswith("hybrid")
    switching = {"switch": sheet.get("switch"), "thinking_budget": sheet.get("thinking_budget")} if chooses else {}
    read = {"provider": sheet["provider"], "aliases": tuple(row.get("aliases", ())), "prices": prices, "hours": hours}
    entry: dict[str, Any] = {**switching, **row, **_origin(where, row, sheet, priced=prices is not None), **read}
    return ChatEntry(**{**entry, "thinking_budget": budget(where, entry)})


def budget(where: str, row: Row) -> tuple[int, int] | None:
    """Read the fewest and most tokens of thinking that may be allowed; None where nothing is said."""
    said = row.get("thinking_budget")
    if said is None:
        return None
    lists(where, row, int, "thinking_budget")
    check(
        len(said) == 2 and 0 < said[0] <= said[1],
        where,
        "thinking_budget 应是最少和最多",
        "thinking_budget is no least and most",
    )
    return (said[0], said[1])


def embedding_entry(sheet_name: str, row: Row, sheet: Row) -> EmbeddingEntry:
    """Read an embedding model of a sheet."""
    where = f"{sheet_name}, embedding {row.get('name')}"
    known(where, row, {field.name for field in fields(EmbeddingEntry)} - _NOT_IN_A_ROW)
    needed(where, row, "name", "dimension", "max_tokens", "max_texts", "send_dimensions")
    texts(where, row, "name", "note")
    truths(where, row, "send_dimensions")
    lists(where, row, int, "dimensions")
    one_of(where, row, "vocabulary", get_args(Vocabulary))
    whole(where, row, "dimension", "max_tokens", "max_texts")
    price = money(where, row, "price")
    read = {"provider": sheet["provider"], "price": price, "dimensions": tuple(row.get("dimensions", ()))}
    return EmbeddingEntry(**{**row, **_origin(where, row, sheet, priced=price is not None), **read})


def rerank_entry(sheet_name: str, row: Row, sheet: Row) -> RerankEntry:
    """Read a reranking model of a sheet."""
    where = f"{sheet_name}, rerank {row.get('name')}"
    known(where, row, {field.name for field in fields(RerankEntry)} - _NOT_IN_A_ROW)
    needed(where, row, "name", "path")
    texts(where, row, "name", "path", "note")
    whole(where, row, "max_texts", "max_tokens", "max_request_tokens")
    good = row["path"].startswith("/") and not row["path"].startswith("//") and not urlsplit(row["path"]).query
    check(good, where, "path 应以 / 开头", "path must begin with one /")
    price = money(where, row, "price")
    origin = _origin(where, row, sheet, priced=price is not None)
    return RerankEntry(**{**row, **origin, "provider": sheet["provider"], "price": price})


def _origin(where: str, row: Row, sheet: Row, *, priced: bool) -> dict[str, Any]:
    """Say in what money, since when and by whom a price is known; a row without a price has none of the three."""
    if not priced:
        check(
            not _ROW_DATES & row.keys(), where, "没有价格就不写 as_of 和 source", "as_of and source belong to a price"
        )
        return {}
    as_of, source = row.get("as_of", sheet["as_of"]), row.get("source", sheet["source"])
    check(
        isinstance(as_of, date) and not isinstance(as_of, datetime),
        where,
        f"as_of {as_of!r} 不是日期",
        f"as_of {as_of!r} is no date",
    )
    texts(where, {"source": source}, "source")
    return {"currency": sheet["currency"], "as_of": as_of, "source": source}


def _prices(where: str, row: Row) -> tuple[Price, ...] | None:
    if "prices" not in row:
        return None
    tiers = tuple(_price(where, tier) for tier in tables(where, row["prices"], "prices"))
    limits = [tier.up_to for tier in tiers]
    check(bool(tiers), where, "prices 是空的；不知道就不写", "prices is empty; leave it out where nothing is known")
    check(None not in limits[:-1], where, "只有最后一档可以没有 up_to", "only the last tier may be without up_to")
    sizes = [limit for limit in limits if limit is not None]
    check(sizes == sorted(set(sizes)), where, "各档应从小到大", "the tiers must ascend")
    return tiers


def _price(where: str, tier: Row) -> Price:
    known(where, tier, {field.name for field in fields(Price)})
    needed(where, tier, "input", "output")
    whole(where, tier, "up_to")
    amounts = {name: money(where, tier, name) for name in tier if name != "up_to"}
    price = Price(**{"up_to": tier.get("up_to"), **amounts})  # type: ignore[arg-type]
    check(
        price.cached is None or price.cached <= price.input,
        where,
        "cached 不应比 input 贵",
        "cached costs more than input",
    )
    return price


def _hours(where: str, row: Row) -> Hours:
    known(where, row, {"weekdays", "spans", "zone", "prices"})
    needed(where, row, "weekdays", "spans", "zone", "prices")
    lists(where, row, str, "weekdays")
    days = row["weekdays"]
    good = bool(days) and set(days) <= set(_WEEKDAYS)
    check(good, where, f"weekdays 可以是 {', '.join(_WEEKDAYS)}", f"weekdays are none of {', '.join(_WEEKDAYS)}")
    lists(where, row, list, "spans")
    spans = [span for span in row["spans"] if len(span) == 2 and all(type(clock) is time for clock in span)]
    good = bool(spans) and len(spans) == len(row["spans"])
    check(good, where, "spans 应像 [[09:00:00, 12:00:00]]", "spans must look like [[09:00:00, 12:00:00]]")
    prices = _prices(where, row)
    return Hours(
        frozenset(_WEEKDAYS.index(day) + 1 for day in days),
        tuple((start, end) for start, end in spans),
        _zone(where, row["zone"]),
        prices or (),
    )


def _zone(where: str, name: object) -> str:
    try:
        return ZoneInfo(str(name)).key
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:
        raise CatalogError(row=where, zh=f"没有时区 {name!r}", en=f"there is no zone {name!r}") from error
