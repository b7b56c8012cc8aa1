"""The figures of a text as values, however they are written: 1,000 and 1000, 3 万 and 30000, 50 % and 0.5.

Knows no sentence around them. Words for numbers are read on the side that is asked, never demanded of it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_GROUPED = re.compile(r"(?<=\d)[,，\u00a0\u202f](?=\d{3}(?!\d))|(?<=\d)\{,\}(?=\d{3}(?!\d))")
_VERSION = re.compile(r"\d+(?:\.\d+){2,}")
_TIMES = {
    "万亿": 12, "千万": 7, "百万": 6, "亿": 8, "万": 4, "千": 3, "百": 2,
    "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "k": 3, "K": 3, "M": 6, "B": 9, "T": 12,
}  # fmt: skip
_UNITS = {
    "%": "%", "percent": "%", "‰": "‰",
    "ms": "ms", "毫秒": "ms", "s": "s", "秒": "s", "second": "s", "min": "min", "minute": "min", "分钟": "min",
    "h": "h", "hour": "h", "小时": "h", "day": "day", "天": "day", "week": "week", "周": "week", "星期": "week",
    "month": "month", "个月": "month", "year": "year",
    "kb": "kb", "mb": "mb", "gb": "gb", "tb": "tb", "hz": "hz", "mhz": "mhz", "ghz": "ghz",
    "kg": "kg", "公斤": "kg", "g": "g", "克": "g", "km": "km", "公里": "km", "m": "m", "米": "m", "cm": "cm", "厘米": "cm",
    "mm": "mm", "毫米": "mm", "mile": "mile", "feet": "feet", "元": "元", "美元": "美元", "dollar": "美元",
}  # fmt: skip
_TIMES_RE = "|".join(sorted(_TIMES, key=len, reverse=True))
_UNITS_RE = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?P<digits>\d+(?:\.\d+)?(?:[eE][-+]?\d+(?![\w.]))?)"
    rf"(?:[ -]?(?P<times>{_TIMES_RE})(?![A-Za-z]))?"
    rf"(?:[ -]?(?P<unit>(?i:{_UNITS_RE})(?=s?(?![A-Za-z]))))?"
)
_HAN_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_STEPS = {"十": 10, "百": 100, "千": 1000}
_HAN_NUMBER = re.compile(r"(?P<percent>百分之)?(?P<number>[零〇一二两三四五六七八九十百千万亿]+)")
_COUNTED = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_ORDERED = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth"
_ENGLISH = {word: value for words in (_COUNTED, _ORDERED) for value, word in enumerate(words.split())}
_ENGLISH |= {"half": 2, "twice": 2, "double": 2, "triple": 3, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}
_LATIN = re.compile(r"[A-Za-z]+")
_LONGEST = 40  # digits; what is longer is no figure that anybody reads


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text; ``unit`` is '' where none of the known ones follows, ``written`` as it stands there."""

    value: Decimal
    unit: str
    written: str


def figures(text: str) -> list[Figure]:
    """List the figures that are written in digits, in reading order."""
    text = _GROUPED.sub("", unicodedata.normalize("NFKC", _SUPERSCRIPT.sub(_raised, text)))
    found = [Figure(Decimal(0), version, version) for version in _VERSION.findall(text)]
    return [
        *found,
        *(_figure(one) for one in _FIGURE.finditer(_VERSION.sub(" ", text)) if len(one["digits"]) < _LONGEST),
    ]


def _raised(run: re.Match[str]) -> str:
    return "^" + unicodedata.normalize("NFKC", run[0]).replace("\u2212", "-")


def _figure(found: re.Match[str]) -> Figure:
    value = Decimal(found["digits"]).scaleb(_TIMES.get(found["times"] or "", 0))
    return Figure(value, _UNITS.get((found["unit"] or "").lower(), ""), found[0].strip())


def spelled(text: str) -> list[Figure]:
    """List the numbers that are written in words, Chinese or English."""
    chinese = [
        Figure(Decimal(value), "%" if found["percent"] else "", found[0])
        for found in _HAN_NUMBER.finditer(text)
        if (value := _han_value(found["number"])) is not None
    ]
    words = ((word, _ENGLISH.get(word.lower())) for word in _LATIN.findall(text))
    return chinese + [Figure(Decimal(value), "", word) for word, value in words if value is not None]


def _han_value(number: str) -> int | None:
    if all(sign in _HAN_DIGITS for sign in number):
        return int("".join(str(_HAN_DIGITS[sign]) for sign in number))  # 二〇一七
    whole = section = digit = 0
    for sign in number:
        if sign in _HAN_DIGITS:
            digit = _HAN_DIGITS[sign]
        elif sign in _HAN_STEPS:
            section += (digit or 1) * _HAN_STEPS[sign]
            digit = 0
        else:
            whole = (whole + section + digit or 1) * (10_000 if sign == "万" else 100_000_000)
            section = digit = 0
    return whole + section + digit


def stands_among(figure: Figure, known: list[Figure]) -> bool:
    """Tell whether a figure is one of these: the same value and no other unit, as a share of one, or rounded."""
    return any(_same(figure, one) for one in known)


def _same(said: Figure, known: Figure) -> bool:
    if said.unit == known.unit:
        return said.value == known.value or _rounded(said, known)
    if "%" in (said.unit, known.unit) and "" in (said.unit, known.unit):
        share, bare = (said.value, known.value) if said.unit == "%" else (known.value, said.value)
        return share == bare or share == bare * 100
    return "" in (said.unit, known.unit) and said.value == known.value


def _rounded(said: Figure, known: Figure) -> bool:
    places = said.value.as_tuple().exponent
    finer = known.value.as_tuple().exponent
    if not isinstance(places, int) or not isinstance(finer, int) or finer >= min(places, 0) or abs(said.value) < 2:
        return False
    return said.value.quantize(Decimal(1).scaleb(min(places, 0))) == known.value.quantize(
        Decimal(1).scaleb(min(places, 0))
    )
