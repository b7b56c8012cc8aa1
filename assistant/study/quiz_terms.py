"""Mines definitions out of chunks: 「术语（English）：解释」, ``term: definition``, bold lead-ins, tables of two columns.

The learner's terms, as knowledge/terms.py keeps them, lend their other names. Knows no question and no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.knowledge.chunks import Chunk
from assistant.knowledge.term_names import Name, key_of
from assistant.language.folding import fold
from assistant.language.sentences import sentences

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_MARK = r"[ \t\u3000>]*(?:(?:[-*+•]|\d{1,3}[.)、])[ \t\u3000]+)?"
_OTHER = r"(?:[ \t]*[（(](?P<other>[^（）()\n]{1,80})[）)])?"
_COLON = r"(?:[ \t]*：[ \t]*|[ \t]*:[ \t]+)"
_BOLD = re.compile(
    rf"{_MARK}\*\*(?P<term>[^*\n：:（(]{{1,48}}){_OTHER}(?P<inside>[：:]?)\*\*{_OTHER.replace('other', 'after')}"
    rf"(?P<colon>{_COLON}|[ \t]*(?=是指|指的是|是|指|is\b|are\b|means\b)|[ \t]*)(?P<body>\S.*)"
)
_PLAIN = re.compile(rf"{_MARK}(?P<term>[^\s*|#>`$<!\[：:（(][^：:|（(*`$<>\n]{{0,47}}?){_OTHER}{_COLON}(?P<body>\S.*)")
_ROW = re.compile(r"[ \t>]*\|(.+)\|[ \t]*$")
_RULE = re.compile(r"[ \t>]*\|[\s|:-]+\|[ \t]*$")
_NO_NAME = re.compile(r"[，。；;,?？!！=<>`$“”「」]|https?|^\d[\d.:/-]*$|\.\.|…")
# What announces a remark and names nothing.
_LEADS = (
    "注意 注 例如 例 比如 例子 示例 说明 结论 总结 小结 问题 原因 解决 解决办法 步骤 优点 缺点 优缺点 区别 参考 来源 链接 备注 提示 重点 "
    "定义 公式 目标 目的 作用 用途 特点 前提 结果 输入 输出 时间 日期 作者 标题 标签 思路 答 问 补充 更新 待办 待研究 等待研究 待学习 待了解 "
    "即 其中 也就是说 换句话说 一句话 简单说 笔记 我的理解 大白话 场景 适用 "
    "note notes example examples e.g i.e todo warning tip hint question answer q a title author date tags source link see "
    "result input output step steps summary conclusion reason problem solution usage pros cons tldr created updated"
)
_LEAD_WORDS = frozenset(_LEADS.split())
# Words that clauses have and names of things hardly ever.
_SENTENCE = re.compile(
    r"[的了吗呢]|要(?![点求素义])|什么|怎么|为何|为什么|不能|需要|必须|一定|之后|\b(?:is|are|was|the|this|that|do|does|can|why|how|what)\b",
    re.I,
)
_LONGEST_HAN, _MOST_WORDS = 16, 6
_SHORTEST = 12  # columns of a definition: less explains nothing
_LONGEST = 220


@dataclass(frozen=True, slots=True)
class Definition:
    """A term with all its names, what it means, and the line of its chunk that says so.

    ``sure``: written as terms are, with another name, in bold, in a table or in Latin letters; else it may be a remark.
    """

    term: str
    names: tuple[str, ...]
    text: str
    line: str
    chunk: Chunk
    sure: bool


def definitions_of(chunks: Iterable[Chunk], terms: Iterable[Name] = ()) -> list[Definition]:
    """List what the chunks define, in reading order; of two definitions under one name the first counts.

    ``terms`` are names that the notes use anywhere: who is called otherwise there is called so here, too, and surely a term.
    """
    found: list[Definition] = []
    known: set[str] = set()
    called = _called(terms)
    for chunk in chunks:
        for read in (*_of_lines(chunk), *_of_tables(chunk)):
            others = called.get(key_of(read.term), ())
            one = replace(read, names=_different((*read.names, *others)), sure=True) if others else read
            names = {fold(name).text for name in one.names}
            if not names & known:
                found.append(one)
            known |= names
    return found


def _called(terms: Iterable[Name]) -> dict[str, tuple[str, ...]]:
    """Map every spelling of a term to all of its names; what has one name only says nothing new."""
    called: dict[str, tuple[str, ...]] = {}
    for name in terms:
        if name.paired:
            for key in filter(None, name.keys):
                said = (*called.get(key, ()), *filter(None, (name.zh, name.en, name.abbreviation)))
                called[key] = tuple(dict.fromkeys(said))
    return called


def _different(names: Iterable[str]) -> tuple[str, ...]:
    """Return names once each, however they are spelled."""
    return tuple({key_of(name): name for name in reversed(tuple(names))}.values())[::-1]


def prose_lines(text: str) -> Iterator[str]:
    """Yield the lines that are neither code, formula, table nor heading."""
    fence = ""
    formula = False
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif line.strip() == "$$":
            formula = not formula
        elif not fence and not formula and not line.lstrip().startswith(("#", "|")):
            yield line


def columns(text: str) -> int:
    """Say how wide a text looks: a Chinese sign takes two columns."""
    return sum(1 if sign.isascii() else 2 for sign in text)


def _of_lines(chunk: Chunk) -> Iterator[Definition]:
    for line in prose_lines(chunk.text):
        found = _BOLD.fullmatch(line.rstrip()) or _PLAIN.fullmatch(line.rstrip())
        if not found:
            continue
        parts = found.groupdict()
        bold = "inside" in parts
        if bold and not (parts["inside"] or parts["colon"].strip() or _says_what(parts["body"])):
            continue
        others = parts.get("other") or parts.get("after") or ""
        yield from _definition(parts["term"], others, parts["body"], line.strip(), chunk, marked=bold)


def _says_what(body: str) -> bool:
    return re.match(r"(?:是|指|is\b|are\b|means\b)", body) is not None


def _of_tables(chunk: Chunk) -> Iterator[Definition]:
    rows = chunk.text.split("\n")
    inside = False
    for line in rows:
        if _RULE.match(line):
            inside = True
            continue
        row = _ROW.match(line)
        if not row:
            inside = False
            continue
        cells = [cell.strip() for cell in row[1].split("|")]
        if inside and len(cells) == 2:
            name = re.fullmatch(rf"\**(?P<term>[^（(*]+?){_OTHER}\**", cells[0])
            if name:
                yield from _definition(name["term"], name["other"] or "", cells[1], line.strip(), chunk, marked=True)


def _definition(term: str, others: str, body: str, line: str, chunk: Chunk, *, marked: bool) -> Iterator[Definition]:
    term = term.strip(" *_　")
    text = _first_sentences(body.strip().removeprefix("**").strip())
    if not _is_name(term) or columns(text) < _SHORTEST or text.endswith(("：", ":")) or not re.search(r"\w{2}", text):
        return
    names = [name for part in re.split(r"[,，、/;；]", others) if _is_other_name(name := part.strip(" *_"), term)]
    sentence = bool(_SENTENCE.search(term))
    if sentence and not (names or marked):
        return
    sure = bool(names) or (not sentence and (marked or re.search(r"[A-Za-z]{2}", term) is not None))
    yield Definition(term, tuple(dict.fromkeys([term, *names])), text, line, chunk, sure)


def _is_other_name(name: str, term: str) -> bool:
    """Tell another name from an example or a remark: it is a translation, or one is the initials of the other."""
    if not _is_name(name) or name[0].isdigit() or _SENTENCE.search(name):
        return False
    if term.isascii() != name.isascii():
        return True
    short, long = sorted((name, term), key=len)
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", long)).casefold()
    return term.isascii() and set(short.casefold()) <= set(initials) and short.casefold()[0] == initials[0]


def _is_name(term: str) -> bool:
    if not term or _NO_NAME.search(term) or term.casefold() in _LEAD_WORDS or not re.search(r"[^\W\d_]", term):
        return False
    words = term.split()
    return len(words) <= _MOST_WORDS and columns(term) <= 2 * _LONGEST_HAN + (16 if term.isascii() else 0)


def _first_sentences(body: str) -> str:
    """Keep whole sentences while they are short; what holds a formula is not cut inside it."""
    end = 0
    for _, stop in sentences(body):
        if end and (columns(body[:stop]) > _LONGEST // 2 and body[:end].count("$") % 2 == 0):
            break
        end = stop
    return body[:end].strip()


def names_in(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return where any of these names stands in a text as a word of its own, longest names first, none overlapping."""
    spans: list[tuple[int, int]] = []
    for name in sorted(names, key=len, reverse=True):
        left = r"(?<![A-Za-z0-9_-])" if name[0].isascii() else ""
        right = r"(?![A-Za-z0-9_-])" if name[-1].isascii() else ""
        for found in re.finditer(left + re.escape(name) + right, text, re.IGNORECASE):
            if all(found.end() <= start or found.start() >= end for start, end in spans):
                spans.append(found.span())
    return sorted(spans)
