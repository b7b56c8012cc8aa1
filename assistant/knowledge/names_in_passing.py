"""Finds bilingual names inside running prose: 「检测用等待图（wait-for graph）」, "a random forest (随机森林)". Knows no lines.

Where such a name begins is nowhere marked; we go back from the bracket to the last word that cannot be part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.knowledge.term_names import Name, is_abbreviation, name_of, spells_out
from assistant.language import words
from assistant.language.normalise import normalise

_ZH_THEN_LATIN = re.compile(
    r"(?P<before>[\u3400-\u9fffA-Za-z0-9+\-·]{1,24}(?: [\u3400-\u9fff]{1,6})?)(?P<quote>[」”』》\"*_`]*)\s?"
    r"[（(]\s*[*_`]*(?P<inside>[A-Za-z0-9][^（()）]{0,60}?)[*_`]*\s*[)）]"
)
_LATIN_THEN_ZH = re.compile(
    r"(?P<before>[A-Za-z][A-Za-z0-9'’\-]*(?: [A-Za-z0-9'’\-]+){0,6})[*_`]*\s?[（(](?P<inside>[^（()）]{2,40})[)）]"
)
_LATIN_THEN_LATIN = re.compile(
    r"(?P<before>[A-Za-z][A-Za-z'’\-]*(?: [A-Za-z'’\-]+){0,6})\s?[（(](?P<inside>[A-Z][A-Za-z0-9]{1,7})[)）]"
    r"|(?P<short>\b[A-Z][A-Z0-9]{1,7})\s?[（(](?P<full>[A-Za-z][A-Za-z'’\- ]{4,60})[)）]"
)
# No name of a term begins so: what stands in such brackets is an aside.
_ASIDE = re.compile("[见如详参即例不也从或在含课这我你他有没会可已仅共约前后上下至到包用第附含]|等|比如|例如")
_ZH_ONLY = re.compile("[\u3400-\u9fff]{2,12}")
_PER_WORD = 5  # Chinese characters that one English word may stand for
# Words of jieba that may end what comes before a name, besides stop words.
_BEFORE = frozenset(
    [
        "用",
        "叫",
        "叫做",
        "称为",
        "称",
        "采用",
        "使用",
        "利用",
        "引入",
        "提出",
        "包括",
        "例如",
        "比如",
        "所谓",
        "常见",
        "常用",
        "常",
        "分为",
        "计算",
        "加入",
        "加",
        "里",
        "年",
        "时",
        "后",
        "前",
        "先",
        "再",
        "有",
        "称作",
        "基于",
        "通过",
    ]
)


def in_passing(text: str) -> list[Name]:
    """List the names of a sentence that stand in it in two languages, or as an abbreviation and what it is short for."""
    # What is in the brackets is looked at first: going back from each of them takes far longer.
    readers = [reader for inside, reader in _BY_INSIDE if inside.search(text)]
    return list({name.keys: name for reader in readers for name in reader(text)}.values())


def after_is(zh: str) -> str:
    """Return what a Chinese name says after its last 「是」 or 「叫」, which no name of a term holds inside."""
    return re.split("(?:的是|是|叫做?|称为)(?=.{2})", zh)[-1].strip()


def _zh_first(text: str) -> Iterator[Name]:
    for place in _ZH_THEN_LATIN.finditer(text):
        name = name_of(f"（{place['inside']}）")
        if name is None or name.zh or (name.en.islower() and len(name.en) < 4) or not words.runs(place["before"]):
            continue
        zh = _end_of(place["before"], len((name.en or name.abbreviation).replace("-", " ").split()))
        whole = name_of(f"{zh}（{place['inside']}）") if zh else None
        if whole and whole.zh and whole.paired:
            yield whole


def _end_of(before: str, english_words: int) -> str:
    """Return the name that a row of characters ends with, empty where it cannot be told."""
    kept: list[str] = []
    for word in reversed(words.whole_words(before)):
        if word in words.word_lists().stop or word in _BEFORE:
            break
        kept.insert(0, word)
        if len("".join(kept)) > _PER_WORD * max(1, english_words) + 3:
            return ""
    start = before.rfind(kept[0]) if kept else -1
    joined = "".join(kept)
    while kept and start > -1 and before[start:].replace(" ", "") != joined.replace(" ", ""):
        start = before.rfind(kept[0], 0, start)
    zh = before[start:].strip() if start > -1 else ""
    return zh if len(words.runs(zh)) and sum(map(len, words.runs(zh))) > 1 else ""


def _latin_first(text: str) -> Iterator[Name]:
    for place in _LATIN_THEN_ZH.finditer(text):
        if _ASIDE.match(place["inside"]):
            continue
        inside = name_of(f"（{place['inside']}）")
        if inside is None or not inside.zh or not _ZH_ONLY.fullmatch(inside.zh.replace(" ", "")):
            continue
        en = _latin_end(place["before"])
        whole = name_of(f"{en} ({place['inside']})") if en else None
        if whole and whole.paired:
            yield whole


def _latin_end(before: str) -> str:
    stop = words.word_lists().stop
    kept: list[str] = []
    for word in reversed(before.split()):
        if word.lower() in stop:
            break
        kept.insert(0, word)
    return " ".join(kept[-4:])


def _spelled_out(text: str) -> Iterator[Name]:
    for place in _LATIN_THEN_LATIN.finditer(text):
        short = place["short"] or place["inside"]
        full = place["full"] or _latin_end(place["before"])
        if full and is_abbreviation(short) and len(full.split()) > 1 and spells_out(short, normalise(full)):
            yield Name(en=full, abbreviation=short)


_BY_INSIDE = (
    (re.compile('[\u3400-\u9fff」”』》"*_` ][（(]\\s*[*_`]*[A-Za-z0-9]'), _zh_first),
    (re.compile("[A-Za-z0-9*_` ][（(][^（()）]{0,38}[\u3400-\u9fff]"), _latin_first),
    (re.compile(r"[（(][A-Z][A-Za-z0-9]{1,7}[)）]|\b[A-Z][A-Z0-9]{1,7}\s?[（(][A-Za-z]"), _spelled_out),
)
