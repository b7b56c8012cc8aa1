"""Finds what a note defines: 「术语（English，ABBR）：解释」, ``term: definition``, bold lead-ins, tables, 「X，即 Y」, bilingual
names in passing. Knows lines of text, no note and no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.knowledge.definition_tables import defined_in_table
from assistant.knowledge.names_in_passing import after_is, in_passing
from assistant.knowledge.term_names import Name, has_han, name_of

_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_PREFIX = re.compile(
    r"^(?P<quote>[\s>]*)(?P<mark>#{1,6}\s+|[-*+•]\s+(?:\[[ xX]\]\s+)?|\d{1,3}[.)、]\s*|[(（]\d+[)）]\s*)?"
)
_BOLD_LEAD = re.compile(r"(\*\*|__)(?P<bold>[^*_]{1,80}?)\1")
_TELLING = re.compile(r"[:：(（—–=即指|]|\*\*|/|\bsays?\b|\bmeans?\b")
_SEPARATOR = re.compile(r"[:：](?!//)\s*|\s+(?:——?|–|-|=)\s+|——")
_MEANS = re.compile(
    r"\s*(?:，|,)?\s*(?:是指|指的是|就是指?|指(?!数|标|针)|是(?!否|不是)|\b(?:says? that|means?(?: that)?|refers to|is|are|denotes)\b)\s*"
)
_SO_CALLED = re.compile(r"^所谓(?:的)?(?P<name>[^，,]{2,40})[，,]?\s*(?:就是|是指|指的是|即|是|指)(?P<body>.{4,})")
_THAT_IS = re.compile(r"^(?P<name>[\u3400-\u9fff]{2,10})[，,]\s*(?:即|也就是|就是)(?P<body>.{6,})")
_PAIR_FIRST = re.compile(r"^(?P<name>[^（()）:：，。]{1,60}[（(][^（()）]{1,60}[)）])(?P<rest>.{4,})")
_SENTENCE = re.compile(r"(?<=[。！？；])\s*|——|(?<=[.;])\s+")
_ZH_AT_END = re.compile(r"\s*[（(]([\u3400-\u9fff]{2,12})[)）]\s*[.。]?$")
_A_KIND_OF = re.compile(r"(?:一种|一类|一个|一组|一项|是指?|指)")
_ENGLISH_OPENING = re.compile(r"(?:an?|the|how|what|any|anything|something|one|when|whether)\s+\w", re.IGNORECASE)
# Labels that stand before a colon and define nothing, by themselves or as the end of a longer one.
_LABELS = frozenset(
    [
        "注",
        "注意",
        "例",
        "例如",
        "例子",
        "比如",
        "示例",
        "举例",
        "优点",
        "缺点",
        "优势",
        "劣势",
        "特点",
        "特征",
        "总结",
        "小结",
        "结论",
        "老师",
        "讲师",
        "时间",
        "地点",
        "形式",
        "日期",
        "链接",
        "网址",
        "参考",
        "参考书",
        "参考文献",
        "步骤",
        "应用",
        "典型应用",
        "核心",
        "类型",
        "作用",
        "原因",
        "目的",
        "方法",
        "问题",
        "解决",
        "解决办法",
        "答",
        "问",
        "答案",
        "来源",
        "说明",
        "备注",
        "提示",
        "重点",
        "难点",
        "作者",
        "经验",
        "输入",
        "输出",
        "前提",
        "条件",
        "公式",
        "性质",
        "区别",
        "联系",
        "背景",
        "思路",
        "流程",
        "定义",
        "解释",
        "证明",
        "推论",
        "补充",
        "适合",
        "要求",
        "影响",
        "结果",
        "现象",
        "场景",
        "适用",
        "好处",
        "坏处",
        "代价",
        "局限",
        "局限性",
        "note",
        "notes",
        "example",
        "examples",
        "exam",
        "lecturer",
        "teacher",
        "room",
        "date",
        "time",
        "place",
        "link",
        "links",
        "source",
        "sources",
        "see",
        "todo",
        "summary",
        "warning",
        "tip",
        "hint",
        "remark",
        "definition",
        "theorem",
        "proof",
        "question",
        "answer",
        "steps",
        "advantages",
        "disadvantages",
        "pros",
        "cons",
        "author",
        "rule",
        "reminder",
        "input",
        "output",
        "result",
        "results",
        "conclusion",
        "important",
        "caution",
        "why",
        "where",
        "when",
        "goal",
        "homework",
        "deadline",
        "book",
        "page",
        "url",
        "level",
        "method",
        "idea",
    ]
)
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
class _Line:
    """A line without its list mark, heading mark and emphasis; ``bold`` is what it begins with in bold."""

    number: int
    text: str
    bold: str
    heading: bool
    ordered: bool


def definitions(text: str) -> list[Definition]:
    """List every definition and bilingual name of a note from top to bottom."""
    found: list[Definition] = []
    rows: list[tuple[int, str]] = []
    lines = list(_outside_code(text))
    for place, (number, raw) in enumerate(lines):
        if raw.lstrip(" >").startswith("|"):
            rows.append((number, raw))
            continue
        if rows:
            found += _of_table(rows)
            rows = []
        if _TELLING.search(raw):
            found += _of_line(_line(number, raw), lines[place + 1 : place + 3])
    return found + (_of_table(rows) if rows else [])


def _outside_code(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers, without front matter and code."""
    fence, front = "", text.startswith("---\n")
    for number, line in enumerate(text.splitlines(), start=1):
        if front:
            front = number == 1 or line.rstrip() not in ("---", "...")
            continue
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence:
            yield number, line


def _of_table(rows: Sequence[tuple[int, str]]) -> list[Definition]:
    return [Definition(name, body, (number, number)) for number, name, body in defined_in_table(rows)]


def _line(number: int, raw: str) -> _Line:
    prefix = _PREFIX.match(raw)
    mark = prefix["mark"] or "" if prefix else ""
    text = raw[prefix.end() :] if prefix else raw
    bold = _BOLD_LEAD.match(text)
    return _Line(
        number,
        text.replace("**", "").replace("__", "").strip(),
        bold["bold"].strip() if bold else "",
        mark.startswith("#"),
        mark[:1].isdigit(),
    )


def _of_line(line: _Line, after: Sequence[tuple[int, str]]) -> list[Definition]:
    """Read one line: the definition it opens with, else those further in, else the names in passing."""
    whole = _titled(line, after) or _separated(line, line.text, opening=True) or _said(line)
    if whole:
        rest = [name for sentence in _SENTENCE.split(line.text) for name in in_passing(sentence)]
        known = set(filter(None, whole.name.keys))
        return [whole, *(Definition(name, "", whole.lines) for name in rest if not known & set(name.keys))]
    found: list[Definition] = []
    for sentence in _SENTENCE.split(line.text):
        inner = _separated(line, sentence, opening=False) if sentence != line.text else None
        names = [] if inner else in_passing(sentence)
        found += [inner] if inner else [Definition(name, "", (line.number, line.number)) for name in names]
    return found


def _titled(line: _Line, after: Sequence[tuple[int, str]]) -> Definition | None:
    """Read a name that has the line for itself, as a heading, in bold, or above a line that begins with a colon."""
    name = name_of(line.text)
    if name is None or not after:
        return None
    number, below = after[0]
    if below.startswith((": ", "：")):
        return Definition(name, _body(below[1:]), (line.number, number))
    alone = line.heading or (line.bold and line.text in (line.bold, line.bold + "：", line.bold + ":"))
    if not name.paired or not alone:
        return None
    number, below = next(((n, b) for n, b in after if b.strip()), (line.number, ""))
    plain = below and not re.match(r"\s*(?:[-*+>|#!<$`~]|\d+[.)、])", below) and not _opens(below, name)
    if plain and (number == line.number + 1 or not line.heading):
        return Definition(name, _body(below), (line.number, number))
    return Definition(name, "", (line.number, line.number))


def _opens(below: str, name: Name) -> bool:
    """Tell whether a line opens with the same name: it then is read as a definition of its own."""
    return any(part and below.lstrip("*_ ").lower().startswith(part.lower()) for part in (name.zh, name.en))


def _separated(line: _Line, text: str, *, opening: bool) -> Definition | None:
    """Read "name: definition" at the first sign outside brackets that parts the two, if what stands before it is a name."""
    for sign in _SEPARATOR.finditer(text[:120]):
        before, body = text[: sign.start()], _body(text[sign.end() :])
        if _depth(before) or not body or (sign[0].strip() in ("-", "–", "—", "——") and _colon_later(text, sign.end())):
            continue
        name = name_of(before, english_around=not has_han(body))
        if name is None or name.en.lower() in _LABELS or name.zh in _LABELS:
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


def _plainly(line: _Line, name: Name, body: str, sign: str) -> bool:
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


def _said(line: _Line) -> Definition | None:
    """Read a definition that is a sentence: 「所谓 X，是指 Y」, 「X，即 Y」, 「X（Y）指 Z」, "The X (Y) says that Z"."""
    so_called = _SO_CALLED.match(line.text)
    if so_called:
        name = name_of(so_called["name"])
        return Definition(name, _body(so_called["body"]), (line.number, line.number)) if name else None
    that_is = _THAT_IS.match(line.text)
    if that_is and that_is["name"] not in _LABELS:
        return Definition(Name(zh=that_is["name"]), _body(that_is["body"].split("。")[0]), (line.number, line.number))
    pair = _PAIR_FIRST.match(line.text)
    means = _MEANS.match(pair["rest"]) if pair else None
    if not pair or not means:
        return None
    name = name_of(pair["name"])
    body = pair["rest"][means.end() :]
    return Definition(name, _body(body), (line.number, line.number)) if name and name.paired else None


def _body(text: str) -> str:
    return text.strip(" \t*_：:，,").strip()[:_LONGEST_BODY]
