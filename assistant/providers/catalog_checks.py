"""What a row of a catalogue must be like, field by field. Knows no entry: only values, and how to say what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from assistant.errors import AssistantError, Language, Said

Row = Mapping[str, Any]

_MOST_MONEY = 1_000_000  # per million tokens: what is above is a slip of the pen
_FINEST = -12  # digits after the point
_MOST_TOKENS = 1_000_000_000


class CatalogError(AssistantError):
    """A catalogue file holds something that makes no sense; details: file, row, and the reason in each language."""

    kind: ClassVar[str] = "catalog"
    texts: ClassVar[dict[Language, str]] = {
        "zh": "模型目录 {file} 有误（{row}）：{reason}。",
        "en": "The model catalogue {file} is wrong at {row}: {reason}.",
    }
    hints: ClassVar[dict[Language, str]] = {
        "zh": "改正后重新启动；在此之前只用自带的目录。",
        "en": "Correct it and start again; until then only the catalogue that ships with the app is used.",
    }

    def __init__(self, *, row: str, zh: str, en: str, file: str = "catalog.toml") -> None:
        self._reason: Said = {"zh": zh, "en": en}
        super().__init__(file=file, row=row, reason=self._reason)

    def in_file(self, file: str) -> CatalogError:
        """Return the same complaint about a file of this name."""
        return CatalogError(file=file, row=self.details["row"], zh=self._reason["zh"], en=self._reason["en"])


def check(condition: bool, row: str, zh: str, en: str) -> None:
    """Refuse a row unless the condition holds."""
    if not condition:
        raise CatalogError(row=row, zh=zh, en=en)


def tables(where: str, value: object, name: str) -> list[Row]:
    """Return a list of tables, as ``[[name]]`` writes it; nothing is an empty list."""
    rows = [] if value is None else value
    good = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    check(good, where, f"{name} 应写成 [[{name}]] 的表", f"{name} is no list of tables")
    return rows  # type: ignore[return-value]


def known(where: str, row: Row, allowed: set[str]) -> None:
    """Refuse fields that nobody reads: most are slips of the pen."""
    unknown = ", ".join(sorted(row.keys() - allowed))
    check(not unknown, where, f"没有这个字段：{unknown}", f"unknown field {unknown}")


def needed(where: str, row: Row, *names: str) -> None:
    """Refuse a row that lacks one of these fields."""
    missing = ", ".join(name for name in names if name not in row)
    check(not missing, where, f"缺少 {missing}", f"{missing} is missing")


def texts(where: str, row: Row, *names: str) -> None:
    """Refuse a field that is no text or a blank one."""
    for name in names:
        good = name not in row or (isinstance(row[name], str) and bool(row[name].strip()))
        check(good, where, f"{name} 应是文字", f"{name} is no text or is empty")


def lists(where: str, row: Row, kind: type, *names: str) -> None:
    """Refuse a field that is no list of values of this type."""
    for name in names:
        value = row.get(name, [])
        good = isinstance(value, list) and all(type(one) is kind for one in value)
        check(good, where, f"{name} 应是列表", f"{name} is no list")


def truths(where: str, row: Row, *names: str) -> None:
    """Refuse a field that is neither true nor false."""
    for name in names:
        check(
            isinstance(row.get(name, False), bool), where, f"{name} 应是 true 或 false", f"{name} is not true or false"
        )


def whole(where: str, row: Row, *names: str) -> None:
    """Refuse a field that counts nothing, or more tokens than anybody reads."""
    for name in names:
        good = name not in row or (type(row[name]) is int and 0 < row[name] <= _MOST_TOKENS)
        check(good, where, f"{name} 应是正整数", f"{name} must be a whole number from 1")


def one_of(where: str, row: Row, name: str, allowed: tuple[str, ...]) -> None:
    """Refuse a field with a value that has no meaning."""
    value, choice = row.get(name), ", ".join(allowed)
    check(
        name not in row or value in allowed,
        where,
        f"{name} 不能是 {value!r}，可以是 {choice}",
        f"{name} {value!r} is none of {choice}",
    )


def distinct(where: str, names: list[str]) -> None:
    """Refuse names that stand for two things."""
    twice = ", ".join(sorted({name for name in names if names.count(name) > 1}))
    check(not twice, where, f"{twice} 出现了两次", f"{twice} given twice")


def money(where: str, row: Row, name: str) -> Decimal | None:
    """Read a price exactly as it is written; None where it is left out."""
    if name not in row:
        return None
    amount = row[name]
    good = isinstance(amount, Decimal | int) and not isinstance(amount, bool)
    good = good and Decimal(amount).is_finite() and 0 <= amount <= _MOST_MONEY
    good = good and int(Decimal(amount).as_tuple().exponent) >= _FINEST
    check(
        good,
        where,
        f"{name} 不能是 {_short(amount)}：应是不小于 0 的金额",
        f"{name} {_short(amount)} is no amount of money",
    )
    return Decimal(amount)


def _short(value: object) -> str:
    written = str(value) if isinstance(value, Decimal) else repr(value)
    return written if len(written) <= 40 else written[:39] + "…"
