"""How a term of a note is asked for, so that the question can be understood without the page. Knows wording, no note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answers.topics import of_something, topic_of
from assistant.errors import Language
from assistant.language.tongue import language_of

# What stands before many a colon and is no name of anything.
_LABEL = re.compile(
    r"(?:例如?|比如|如|注意?|经验|提示|问题|解决的问题|来源|参考|出处|答|问|总结|小结|结论|步骤|做法|方法|区别|手算|检查一下|"
    r"注|说明|备注|原因|前提|条件|输入|输出|时间|日期|作者|链接|更新|其中|因此|所以|但是|一句话|直觉|常用|记住|口诀|"
    r"老师|讲师|教师|助教|教室|教材|参考书|考试|"
    r"examples?|e\.g\.|i\.e\.|notes?|tips?|warning|question|answer|thought|action|observation|final answer|source|see(?: also)?|"
    r"references?|todo|summary|steps?|input|output|date|author|links?|updated|https?|pros|cons|usage|result|figure|table|where|"
    r"because|so|but|then|and|or|if|when|lecturer|teacher|instructor|professor|room|exam|textbook)",
    re.IGNORECASE,
)
_OF_ITS_HEADING = re.compile(r"毛病|目的|pros|cons|手算一遍|粗估|.{0,4}(?:方式|过程|流程|步骤)", re.IGNORECASE)
_NO_NAME = re.compile(r"[，、=→<>]|\d:\d|的区别|有.{0,3}种")
_TICKED = re.compile(r"[✅❎❌☑✔✓✗✘]")  # points of an advertisement or of a list of dos and don'ts
_ASKS = re.compile(r"^(?:为什么|为何|怎么|怎样|如何|什么|why|how|what|when)|好在哪|[吗呢]$", re.IGNORECASE)
_COMPARES = re.compile(r"[比和与跟]")  # with what, only the heading says
_ENGLISH_CLAUSE = re.compile(r"\b(?:is|are|was|were|does|do|has|have|can|cannot|must|should)\b")
# A statement that the rest of the line explains. 要 and 会 are verbs here, not parts of 需要, 要素, 机会 and 会话.
_CHINESE_CLAUSE = re.compile(
    r"是(?!否|非)|没有|不[会能要用许需报]|必须|应该|约占|(?<=..)等价$|^先[想看试做把]|^每[个条次]..|^别[再忘把用让]"
    r"|(?<=.)(?<![必需重主首摘概提纪紧次简扼])要(?![求点素义件领害闻旨务])."
    r"|(?<=.)(?<![机社协学议大工集委员动览金国])会(?![话议员计合师费馆])(?=..)"
)
_REMARK = re.compile(r"的|\d ?[\u4e00-\u9fff]")  # in brackets: something about the term, not another name of it
_NO_PLACE = re.compile(r"[，,]|[为是]$")


@dataclass(frozen=True, slots=True)
class Lead:
    """What stands before a colon: the term, the words in brackets behind it, the sign of its list, and whether it is bold."""

    term: str
    alias: str | None
    mark: str
    bold: bool

    @property
    def is_clause(self) -> bool:
        """Whether it says something, where a term only names it."""
        return bool(_ENGLISH_CLAUSE.search(self.term)) or is_clause(self.term)

    @property
    def is_name(self) -> bool:
        """Whether the learner wrote it as a name: set in bold, or with another name in brackets."""
        return self.bold or (self.alias is not None and not _REMARK.search(self.alias))


def front_of(lead: Lead, body: str, above: str | None) -> str | None:
    """Ask for a term, or return None where it is none.

    ``above`` is what it stands under: what may be no name, such as 优点, is asked for together with that. A statement is quoted:
    what is to be known of it is the rest.
    """
    term = lead.term
    if not _is_term(lead):
        return None
    language = language_of(f"{term} {body}")
    place = f"{above} › " if above and above != term else ""
    mark = "？" if language == "zh" else "?"
    if _ASKS.search(term):
        return f"{place if _COMPARES.match(term) else ''}{term}{mark}"
    if lead.is_clause:
        return f"{place}「{term}」怎么理解？" if language == "zh" else f"{place}“{term}”: how so?"
    if (of_something(term) and not lead.alias) or _OF_ITS_HEADING.fullmatch(term) or (lead.mark and not lead.is_name):
        return f"{place}{term}{mark}" if place else None
    return _asked(term, lead.alias, language)


def above_of(title: str, heading: Sequence[str]) -> str | None:
    """Name what a passage stands under: its nearest heading that is no half sentence, else its note; None under one like 待研究."""
    if heading and topic_of(heading[-1]) is None:
        return None
    names = filter(None, map(topic_of, (*reversed(heading), title)))
    return next((name for name in names if not _NO_PLACE.search(name)), None)


def is_clause(words: str) -> bool:
    """Tell whether Chinese words make a statement: nobody could fill a gap with just these."""
    return bool(_CHINESE_CLAUSE.search(words))


def _is_term(lead: Lead) -> bool:
    term = lead.term
    if not re.search(r"\w", term) or term.count("`") % 2 or _LABEL.fullmatch(term) or _TICKED.match(term):
        return False
    if not lead.bold and ("，" in term or (not lead.alias and (lead.mark[:1].isdigit() or _NO_NAME.search(term)))):
        return False
    return len(re.findall(r"[A-Za-z]+", term)) <= 6 and len(re.findall(r"[\u4e00-\u9fff]", term)) <= 14


def _asked(term: str, alias: str | None, language: Language) -> str:
    name = f"{term}（{alias}）" if alias and language == "zh" else f"{term} ({alias})" if alias else term
    if language == "zh":
        return f"{name}{' ' if name[-1].isascii() else ''}是什么？"
    return f"What is {name}?"
