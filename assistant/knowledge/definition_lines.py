"""Reads one line of a note that defines something: 「术语（English）：解释」, ``term: definition``, 「X，即 Y」, "The X says that".

Knows the line alone; labels.toml holds what stands before a colon and is no term.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from assistant.knowledge.names_in_passing import after_is
from assistant.knowledge.term_names import Name, has_han, name_of

_SEPARATOR = re.compile(r"[:：](?!//)\s*|\s+(?:——?|–|-|=)\s+|——")
_MEANS = re.compile(
    r"\s*(?:，|,)?\s*(?:是指|指的是|就是指?|指(?!数|标|针)|是(?!否|不是)|\b(?:says? that|means?(?: that)?|refers to|is|are|denotes)\b)\s*"
)
_SO_CALLED = re.compile(r"^所谓(?:的)?(?P<name>[^，,]{2,40})[，,]?\s*(?:就是|是指|指的是|即|是|指)(?P<body>.{4,})")
_THAT_IS = re.compile(r"^(?P<name>[\u3400-\u9fff]{2,10})[，,]\s*(?:即|也就是|就是)(?P<body>.{6,})")
_PAIR_FIRST = re.compile(r"^(?P<name>[^（()）:：，。]{1,60}[（(][^（()）]{1,60}[)）])(?P<rest>.{4,})")
_ZH_AT_END = re.compile(r"\s*[（(]([\u3400-\u9fff]{2,12})[)）]\s*[.。]?$")
_A_KIND_OF = re.compile(r"(?:一种|一类|一个|一组|一项|是指?|指)")
_ENGLISH_OPENING = re.compile(r"(?:an?|the|how|what|any|anything|something|one|when|whether)\s+\w", re.IGNORECASE)
_LABEL_END = re.compile(
    "(?:的)?(?:步骤|优点|缺点|区别|方法|办法|问题|流程|例子|原因|特点|作用|性质|情况|实现|事|规则|如下|有|是|为)$"
)
_LONGEST_BODY = 400


@dataclass(frozen=True, slots=True)
class Definition:
    """A term as one place of a note has it; ``text`` is empty where the place names it and says no more."""

    name: Name
    text: str
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its list mark, heading mark and emphasis; ``bold`` is what it begins with in bold."""

    number: int
    text: str
    bold: str
    heading: bool
    ordered: bool


def separated(line: Line, text: str, *, opening: bool) -> Definition | None:
    """Read "name: definition" at the first sign outside brackets that parts the two, if what stands before it is a name."""
    for sign in _SEPARATOR.finditer(text[:120]):
        before, body = text[: sign.start()], body_of(text[sign.end() :])
        if _depth(before) or not body or (sign[0].strip() in ("-", "–", "—", "——") and _colon_later(text, sign.end())):
            continue
        name = name_of(before, english_around=not has_han(body))
        if name is None or name.en.lower() in _labels() or name.zh in _labels():
            return None
        known = _zh_at_end(_begun(name), body)
        if known[0].paired or (opening and _plainly(line, name, body, sign[0])):
            return Definition(known[0], known[1], (line.number, line.number))
        return None
    return None


def _begun(name: Name) -> Name:
    """Cut 「最常用的是」 off a bilingual name that stands inside a sentence."""
    return replace(name, zh=after_is(name.zh)) if name.zh and name.paired else name


def _colon_later(text: str, start: int) -> bool:
    found = re.search(r"[:：]\s*\S", text[start : start + 60])
    return found is not None and name_of(text[: start + found.start()]) is not None


def _depth(text: str) -> int:
    return len(re.findall("[(（]", text)) - len(re.findall("[)）]", text))


def _zh_at_end(name: Name, body: str) -> tuple[Name, str]:
    """Take the Chinese name from the end of an English definition: "a number that … (随机变量)"."""
    end = None if name.zh or has_han(body[:20]) else _ZH_AT_END.search(body)
    return (replace(name, zh=end[1]), body[: end.start()]) if end else (name, body)


def _plainly(line: Line, name: Name, body: str, sign: str) -> bool:
    """Tell a term in one language from a label: it is bold, or what follows reads like a definition."""
    said = name.zh or name.en
    if _LABEL_END.search(said) or re.match(r"[\d¥$]", body):
        return False
    if line.bold and name_of(line.bold) == name:
        return len(body) > 3
    if line.ordered or line.heading:
        return False
    if name.zh:
        return len(name.zh) <= 8 and _A_KIND_OF.match(body) is not None
    opening = _ENGLISH_OPENING.match(body) or _A_KIND_OF.match(body)
    return opening is not None and len(name.en.split()) <= 4 and len(body) > 12


def said(line: Line) -> Definition | None:
    """Read a definition that is a sentence: 「所谓 X，是指 Y」, 「X，即 Y」, 「X（Y）指 Z」, "The X (Y) says that Z"."""
    so_called = _SO_CALLED.match(line.text)
    if so_called:
        name = name_of(so_called["name"])
        return Definition(name, body_of(so_called["body"]), (line.number, line.number)) if name else None
    that_is = _THAT_IS.match(line.text)
    if that_is and that_is["name"] not in _labels():
        return Definition(Name(zh=that_is["name"]), body_of(that_is["body"].split("。")[0]), (line.number, line.number))
    pair = _PAIR_FIRST.match(line.text)
    means = _MEANS.match(pair["rest"]) if pair else None
    if not pair or not means:
        return None
    name = name_of(pair["name"])
    body = pair["rest"][means.end() :]
    return Definition(name, body_of(body), (line.number, line.number)) if name and name.paired else None


def body_of(text: str) -> str:
    """Return what is said of a term without the marks around it, cut where it goes on too long for a definition."""
    return text.strip(" \t*_：:，,").strip()[:_LONGEST_BODY]


@cache
def _labels() -> frozenset[str]:
    """Read the words that stand before a colon and define nothing, by themselves or as the end of a longer one."""
    data = tomllib.loads(resources.files("assistant.knowledge").joinpath("labels.toml").read_text("utf-8"))
    return frozenset(f"{data['chinese']} {data['english']}".split())
