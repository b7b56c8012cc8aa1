"""What the record of a turn has to look like, so that a file from elsewhere cannot bring a page to fall. Pure.

A shape is a function that raises ``Misshapen`` with the place where a value is not what it should be. Fields that are not
named here are kept as they are: screens may know them one day, or did once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from assistant.answers.refinement import Kind

Shape = Callable[[Any, str], None]

_LONGEST_NUMBER = 40
_LARGEST = 2**53  # beyond it other programs read another number


class Misshapen(ValueError):
    """A value is not what it should be; its only argument is the place, such as ``turns[3].question``."""


def checked(*kinds: type, fits: Callable[[Any], bool] = lambda value: True) -> Shape:
    """Return the shape of plain values; True is no number here."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds) or not fits(value):
            raise Misshapen(place)

    return shape


def optional(inner: Shape) -> Shape:
    """Return the shape of a value that may be missing or null."""
    return lambda value, place: None if value is None else inner(value, place)


def each(inner: Shape, count: int | None = None) -> Shape:
    """Return the shape of a list, of a certain length if ``count`` is given."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, list) or count not in (None, len(value)):
            raise Misshapen(place)
        for number, one in enumerate(value):
            inner(one, f"{place}[{number}]")

    return shape


def fields(**inner: Shape) -> Shape:
    """Return the shape of an object with these fields at least; what is optional may be left out."""

    def shape(value: Any, place: str) -> None:
        if not isinstance(value, Mapping):
            raise Misshapen(place)
        for name, one in inner.items():
            one(value.get(name), f"{place}.{name}")

    return shape


def _is_decimal(text: str) -> bool:
    try:
        amount = Decimal(text) if len(text) <= _LONGEST_NUMBER else Decimal("NaN")
    except InvalidOperation:
        return False
    return amount.is_finite() and amount >= 0 and abs(amount.adjusted()) <= _LONGEST_NUMBER


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


TEXT = checked(str)
FLAG = checked(bool)
COUNT = checked(int, fits=lambda value: 0 <= value < _LARGEST)
NUMBER = checked(int, float, fits=lambda value: abs(value) < _LARGEST)
MOMENT = checked(str, fits=_is_moment)
_NAME = checked(str, fits=lambda value: len(value) <= 300)
_AMOUNT = checked(str, fits=_is_decimal)
_CURRENCY = checked(str, fits=lambda value: 0 < len(value) <= 10)
_PLACE = fields(note=TEXT, heading=each(TEXT), page=optional(COUNT), lines=each(COUNT, 2))
_BOTH = fields(zh=TEXT, en=TEXT)


def _all(*shapes: Shape) -> Shape:
    def shape(value: Any, place: str) -> None:
        for one in shapes:
            one(value, place)

    return shape


_ERROR = _all(_BOTH, fields(kind=_NAME, hint=optional(_BOTH)))
_COST = fields(currency=_CURRENCY, amount=_AMOUNT, about=optional(FLAG), at_most=optional(FLAG))
_MATCH = _all(
    _PLACE,
    fields(
        title=TEXT,
        kind=optional(_NAME),
        lead=optional(TEXT),
        text=TEXT,
        chars=each(COUNT, 2),
        score=NUMBER,
        scores=fields(vector=optional(NUMBER), keyword=optional(NUMBER), rerank=optional(NUMBER)),
        also=optional(each(fields(note=TEXT))),
    ),
)
_RECEIPT = fields(
    provider=_NAME,
    model=_NAME,
    predicted_prompt_tokens=COUNT,
    usage=fields(prompt_tokens=optional(COUNT), completion_tokens=optional(COUNT), reasoning_tokens=optional(COUNT)),
    cost=optional(_COST),
    seconds=NUMBER,
    seconds_to_first_token=optional(NUMBER),
)
_SEARCH = fields(
    vectors=optional(FLAG),
    sent=optional(fields(provider=_NAME, model=_NAME, tokens=COUNT, cost=optional(_COST), local=FLAG)),
    without_vectors=optional(_all(_BOTH, fields(hint=_BOTH))),
)
_STEP = checked(str, fits=lambda value: value in get_args(Kind))
_REFINED = fields(
    kind=_STEP,
    provider=_NAME,
    model=_NAME,
    tokens=optional(COUNT),
    cost=optional(_COST),
    local=FLAG,
    queries=each(TEXT),
    failure=optional(_all(_BOTH, fields(hint=_BOTH))),
)
_PREVIEW = fields(
    provider=_NAME, model=_NAME, prompt_tokens=COUNT, parts=fields(chunks=each(COUNT), pictures=optional(COUNT))
)
_SCOPE = fields(notes=optional(COUNT), pinned=each(TEXT), chips=each(TEXT), unknown=each(TEXT))
_MESSAGE = fields(role=TEXT, content=TEXT, pictures=optional(each(TEXT)))
_QUOTE = fields(quote=TEXT, note_says=TEXT, marker=optional(COUNT))
_STRETCH = fields(text=TEXT, chars=each(COUNT, 2))
_REASON = checked(str, fits=lambda value: value in ("elsewhere", "hardly", "figures", "denied"))
_VERIFICATION = fields(
    statements=COUNT,
    with_source=COUNT,
    quotes=COUNT,
    quotes_verified=COUNT,
    altered=each(_QUOTE),
    elsewhere=each(_QUOTE),
    missing=each(_QUOTE),
    unsupported=each(_STRETCH),
    suspicious=each(_all(_STRETCH, fields(reason=_REASON, detail=TEXT, markers=each(COUNT)))),
)

_PARTS = fields(
    context=optional(TEXT),
    relevant=optional(FLAG),
    quotes=optional(FLAG),
    basis=optional(TEXT),
    nearest=optional(each(_MATCH)),
    scope=optional(_SCOPE),
    left_out=optional(COUNT),
    search_seconds=optional(NUMBER),
    search=optional(_SEARCH),
    refined=optional(each(_REFINED)),
    preview=optional(_PREVIEW),
    messages=optional(each(_MESSAGE)),
    matches=optional(each(_MATCH)),
    citations=optional(each(_all(_PLACE, fields(marker=COUNT, quote=TEXT, verified=FLAG)))),
    invented=optional(COUNT),
    thinking=optional(TEXT),
    verification=optional(_VERIFICATION),
    receipt=optional(_RECEIPT),
    error=optional(_ERROR),
    draft=optional(TEXT),
)
# With a receipt an answer is drawn with all that led to it.
_ANSWERED = fields(preview=_PREVIEW, messages=each(_MESSAGE))


def record_shape(value: Any, place: str) -> None:
    """Raise ``Misshapen`` where a record could not be drawn."""
    _PARTS(value, place)
    if value.get("receipt"):
        _ANSWERED(value, place)
