"""Headings as subjects of questions: which of them name one, and how it is asked about in Chinese and English. Knows no note."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.errors import Language
from assistant.language.words import terms

_NO_TOPIC = re.compile(
    r"待研究|待学习|待了解|待办|待理解|todo|参考|目录|前言|总结|小结|更新|链接|附录|其他|reference|contents|summary|index|appendix|[?？]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^(?:\d+(?:\.\d+)+|第?[\d一二三四五六七八九十]+[章节、.．)）]|\d+(?=[ \t]))[ \t]*")
_MARKUP = re.compile(r"[`$\[\]<>*_\\|#]")
# What every subject has: asked about, it needs the name of its subject.
_OF_SOMETHING = frozenset(
    terms(
        "缺点 优点 优缺点 好处 坏处 作用 用途 特点 特征 原因 原理 本质 例子 示例 公式 代码 步骤 流程 方法 应用 类型 分类 定义 结构 组成 "
        "参数 影响 场景 前提 背景 概念 简介 介绍 概述 实现 问题 误区 常见 example formula code advantages disadvantages drawbacks benefits "
        "reason steps use application types parameters method definition overview introduction background details"
    )
)
_ASKS = re.compile(
    r"怎么|怎样|如何|为什么|为何|什么|哪|何时|多少|[吗呢]$|^(?:how|why|what|when|which|where)\b", re.IGNORECASE
)
_SEVERAL = re.compile(r"[和与及、/，]|\bvs\b|区别|对比|比较|关系", re.IGNORECASE)


def topic_of(heading: str) -> str | None:
    """Return the subject that a heading names, without number and explanation in brackets, or None."""
    name = _NUMBER.sub("", re.sub(r"[（(].*", "", heading)).strip(" :：")
    return name if 2 <= len(name) <= 24 and not _NO_TOPIC.search(name) and not _MARKUP.search(name) else None


def question_about(title: str, heading: Sequence[str], language: Language) -> str | None:
    """Ask about the last of these headings, naming what stands above it where it names no subject of its own."""
    topic = topic_of(heading[-1]) if heading else None
    if topic is None:
        return None
    above = next((name for name in (*map(topic_of, reversed(heading[:-1])), topic_of(title)) if name), None)
    above = None if above == topic else above
    needs_above = bool(_ASKS.search(topic)) or of_something(topic)
    if needs_above and above is None:
        return None
    return _chinese(topic, above, needs_above) if language == "zh" else _english(topic, above, needs_above)


def of_something(name: str) -> bool:
    """Tell whether a name is one of those that every subject has, such as 优点: alone it asks for nothing."""
    return not set(terms(name)) - _OF_SOMETHING


def _chinese(topic: str, above: str | None, needs_above: bool) -> str:
    if _ASKS.search(topic):
        return f"{above}：{topic}？"
    if needs_above:
        return f"{above}{' ' if str(above)[-1].isascii() else ''}的{topic}是什么？"
    if _SEVERAL.search(topic):
        return f"笔记里怎么讲{_apart(topic)}？"
    return f"什么是{_apart(topic)}？"


def _english(topic: str, above: str | None, needs_above: bool) -> str:
    if _ASKS.search(topic):
        return f"{above}: {topic[0].lower()}{topic[1:]}?"
    if needs_above:
        return f"What do my notes say about the {topic.lower()} of {above}?"
    return f"What do my notes say about {topic}?"


def _apart(topic: str) -> str:
    """Put the space between Chinese and a Latin word that our learners write."""
    return f" {topic}" if topic[0].isascii() else topic
