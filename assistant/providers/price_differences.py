"""Where the catalogue and a public price file say different things. Compares within one currency only; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.providers.catalog import Catalog, ChatEntry, EmbeddingEntry, RerankEntry
from assistant.providers.entries import Price
from assistant.providers.price_file import CURRENCY, PublicPrice

_FIELDS = ("input", "output", "cached", "output_thinking")

Entry = ChatEntry | EmbeddingEntry | RerankEntry


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one model that differs; None: that side does not say it."""

    provider: str
    region: str
    model: str
    field: str
    ours: Decimal | None
    theirs: Decimal | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found. ``other_currency`` has models that both know, priced by us in another currency than theirs."""

    compared: int
    differences: tuple[Difference, ...]
    other_currency: tuple[tuple[str, str, str, str], ...]  # provider, region, model, our currency
    unpriced: tuple[tuple[str, str, str], ...]  # they have a price, we have none
    not_in_file: tuple[tuple[str, str, str], ...]


def compare(catalog: Catalog, public: Sequence[PublicPrice]) -> Comparison:
    """Hold every row of the catalogue against a public price file."""
    theirs = {(price.provider, price.region, price.model): price for price in public}
    compared = 0
    differences: list[Difference] = []
    other: list[tuple[str, str, str, str]] = []
    unpriced: list[tuple[str, str, str]] = []
    missing: list[tuple[str, str, str]] = []
    for provider, region, entry in _entries(catalog):
        place = (provider, region, entry.name)
        if place not in theirs:
            missing.append(place)
        elif entry.currency is None:
            unpriced.append(place)
        elif entry.currency != CURRENCY:
            other.append((*place, entry.currency))
        else:
            compared += 1
            differences += [Difference(*place, *row) for row in _rows(entry, theirs[place])]
    return Comparison(compared, tuple(differences), tuple(other), tuple(unpriced), tuple(missing))


def _entries(catalog: Catalog) -> Iterator[tuple[str, str, Entry]]:
    sheets = catalog.sheets
    for tables in (sheets.chats, sheets.embeddings, sheets.reranks):
        for (provider, region), entries in tables.items():
            for entry in entries:
                yield provider, region, entry


def _rows(entry: Entry, theirs: PublicPrice) -> Iterator[tuple[str, Decimal | None, Decimal | None]]:
    """Yield the figures that differ: by size of the request, and by hours where both know of them."""
    if not isinstance(entry, ChatEntry):
        if entry.price is not None and entry.price != theirs.prices[0].input:
            yield "input", entry.price, theirs.prices[0].input
        return
    ours = entry.prices or ()
    busy = entry.hours[0].prices if entry.hours else ours
    blind = entry.hours and not theirs.quiet and not any(_tables(ours, theirs.prices, ""))
    if not blind:  # a file without hours is right with the price of either
        yield from _tables(busy, theirs.prices, " (busy hours)" if entry.hours else "")
    if entry.hours and theirs.quiet:
        yield from _tables(ours, theirs.quiet, " (other hours)")
    if entry.max_output and theirs.max_output and entry.max_output != theirs.max_output:
        yield "max_output", Decimal(entry.max_output), Decimal(theirs.max_output)


def _tables(
    ours: Sequence[Price], theirs: Sequence[Price], hours: str
) -> Iterator[tuple[str, Decimal | None, Decimal | None]]:
    """Compare two price tables at every size where one of them changes."""
    steps = sorted({price.up_to for price in (*ours, *theirs)} - {None}, key=lambda size: size or 0)
    for floor in (0, *(step for step in steps if step is not None)):
        mine, other = _at(ours, floor + 1), _at(theirs, floor + 1)
        if other is None:  # larger than any request they know
            continue
        size = f" > {floor}" if floor else ""
        for name in _FIELDS:
            left, right = _figure(mine, name), _figure(other, name)
            if left != right and not (mine is None and name in _FIELDS[2:]):
                yield f"{name}{size}{hours}", left, right


def _at(prices: Sequence[Price], tokens: int) -> Price | None:
    return next((price for price in prices if price.up_to is None or tokens <= price.up_to), None)


def _figure(price: Price | None, name: str) -> Decimal | None:
    return None if price is None else getattr(price, name)
