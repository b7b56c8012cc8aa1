"""Reads the name of a term as learners write it: "预写日志（Write-Ahead Logging，WAL）", "P-value (p 值)". Knows no lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.language import words
from assistant.language.normalise import normalise

_HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff]")
_LONGEST = 90  # characters of a whole name
_LONGEST_PART = {"zh": 16, "en": 60}
_MOST_WORDS = 7  # of an English name
_MARKS = " \t*_`~\"'“”‘’「」『』【】《》<>"
_BETWEEN = re.compile(
    r"\s*(?:[（）()，,；;、/／|]|——?|–|\s-\s|\s即|即(?=[\u3400-\u9fff])"
    r"|(?<=[A-Za-z]{2})-(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])-(?=[A-Z][a-z]))\s*"
)
# What introduces a part and belongs to none: "short: LLN", "英文 Two-Phase Locking", "also called shrinkage".
_INTRODUCED = re.compile(
    r"^(?:(?:short|abbr(?:eviation|ev)?|abbreviated|acronym|in short|chinese|english|in chinese|in english)\b\.?\s*(?:for|as|:|：)?"
    r"|(?:英文|英语|中文|汉语)(?:全称|名称?|叫|是|为|写作)?|简称为?|缩写为?|全称为?|简写为?|又称|也叫|也称为?|亦称|或称|即)\s*[:：]?\s*",
    re.IGNORECASE,
)
_OTHER_NAME = re.compile(r"^(?:also|or|a\.?k\.?a\.?)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\w)", re.IGNORECASE)
_ABBREVIATION = re.compile(r"[A-Z0-9][A-Za-z0-9²³+&.\-]{1,9}s?")
_LATIN_NAME = re.compile(r"[A-Za-z0-9Α-Ωα-ωµÀ-ɏ][A-Za-z0-9Α-Ωα-ωÀ-ɏ+#*@&²³ .'’\-]*")
_HAN_NAME = re.compile(
    "[A-Za-z0-9Α-Ωα-ω\u3007\u3400-\u9fff\uf900-\ufaff][A-Za-z0-9Α-Ωα-ω\u3007\u3400-\u9fff\uf900-\ufaff +·\\-–]*"
)
_HAN_THEN_LATIN = re.compile(r"([\u3400-\u9fff]{2,})\s+([A-Za-z][A-Za-z0-9 '’\-]{2,})")
_LATIN_THEN_HAN = re.compile(r"([A-Za-z][A-Za-z '’\-]{3,}?)\s+([\u3400-\u9fff]{2,})")


@dataclass(frozen=True, slots=True)
class Name:
    """What a term is called, each empty where it is not said."""

    zh: str = ""
    en: str = ""
    abbreviation: str = ""

    @property
    def paired(self) -> bool:
        """Whether two of the three are known, which is what tells a term from any phrase before a colon."""
        return bool(self.zh) + bool(self.en) + bool(self.abbreviation) > 1

    @property
    def keys(self) -> tuple[str, str, str]:
        """The spellings by which the name is compared and looked up."""
        return key_of(self.zh), key_of(self.en), key_of(self.abbreviation)


def key_of(name: str) -> str:
    """Fold a name: width, case, traditional characters and spaces of Chinese ones; English ones by their stems."""
    if _HAN.search(name):
        return re.sub(r"\s+", "", normalise(name)).lower()
    return " ".join(words.stems(normalise(name))) or normalise(name).lower()


def has_han(text: str) -> bool:
    """Tell whether any Chinese character stands in a text."""
    return _HAN.search(text) is not None


def name_of(text: str, english_around: bool = False) -> Name | None:
    """Read a name, or None where the text is none; ``english_around`` says that what explains it is English."""
    text = text.strip(_MARKS + "：:-—– ")
    if not text or len(text) > _LONGEST or "://" in text:
        return None
    parts = [part for part in map(_part, _BETWEEN.split(text)) if part]
    if len(parts) == 1:
        parts = _two_scripts(parts[0], english_around)
    name = Name()
    for part in parts:
        known = _with(name, part, len(parts))
        if known is None:
            return None
        name = known
    return _settled(name) if parts else None


def _part(text: str) -> str:
    text = text.strip(_MARKS)
    if _OTHER_NAME.match(text):
        return ""
    return _ARTICLE.sub("", _INTRODUCED.sub("", text)).strip(_MARKS)


def _with(name: Name, part: str, parts: int) -> Name | None:
    """Add a part to a name; None where a part is no name, or the second of its kind."""
    if has_han(part):
        fits = _HAN_NAME.fullmatch(part) and len(part) <= _LONGEST_PART["zh"] and not name.zh
        return replace(name, zh=part) if fits else None
    if not _LATIN_NAME.fullmatch(part) or len(part) > _LONGEST_PART["en"] or len(part.split()) > _MOST_WORDS:
        return None
    if parts > 1 and is_abbreviation(part):
        if not name.abbreviation:
            return replace(name, abbreviation=part)
        return None if name.en else replace(name, en=part)
    return None if name.en or not re.search("[A-Za-zΑ-Ωα-ω]", part) else replace(name, en=part)


def is_abbreviation(part: str) -> bool:
    """Tell WAL, 2PL, R², LSM-tree from a word: short, in one piece, and not written like a word or a sentence."""
    if not _ABBREVIATION.fullmatch(part):
        return False
    letters = [sign for sign in part if sign.isalpha()]
    capitals = sum(sign.isupper() for sign in letters)
    return capitals > 1 or (capitals == 1 and any(sign.isdigit() or sign in "²³" for sign in part))


def _two_scripts(part: str, english_around: bool) -> list[str]:
    """Take "聚簇索引 Clustered index" apart, but not "CAP 定理"; "Confounder 混杂因素" only where English goes on."""
    found = _HAN_THEN_LATIN.fullmatch(part) or (_LATIN_THEN_HAN.fullmatch(part) if english_around else None)
    return [found[1], found[2]] if found else [part]


def _settled(name: Name) -> Name | None:
    """Give an abbreviation that stands alone, or with one that spells it out, its right place."""
    if name.en and not name.abbreviation and not name.zh and is_abbreviation(name.en):
        return Name(en=name.en)
    if name.abbreviation and name.en and len(name.abbreviation) > len(name.en):
        return Name(name.zh, name.abbreviation, name.en)
    return name if name.zh or name.en else None


def spells_out(abbreviation: str, name: str) -> bool:
    """Tell whether the letters of an abbreviation stand in a name in their order, beginning with its first."""
    letters, place = name.lower(), 0
    for sign in re.sub(r"[^a-z0-9]", "", abbreviation.lower().removesuffix("s")):
        place = letters.find(sign, place) + 1
        if not place:
            return False
    return letters[:1] == abbreviation[:1].lower()
