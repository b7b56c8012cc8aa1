"""What a question refers back to. Knows former questions only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answers.prompt import Exchange
from assistant.language.asking import is_small_talk
from assistant.language.words import is_han, query_terms, rarity, terms

_POINTS_BACK = re.compile(
    r"它|他们|她们|这个|那个|这些|那些|这种|那种|这样|那样|上面|上述|刚才|前者|后者|其中|^(?:那|那么|还有|再|继续|然后|另外|以及)|呢[?？]?$"
    r"|^(?:和|跟|与|同)(?!.*[和跟与同])"
    r"|\b(?:it|its|they|them|their|this|that|these|those|former|latter)\b|^(?:and|but|so|then|also|what about|how about|why|how)\b[^a-z]*$"
    r"|^(?:what|how) about\b|^(?:and|then|also)\b",
    re.IGNORECASE,
)
_STANDS_ALONE = re.compile(r"什么是|是什么|何谓|\bwhat (?:is|are)\b|\bdefine\b", re.IGNORECASE)
_ASKS = re.compile(r"什么|怎么|怎样|如何|为何|哪|吗|多少|几|\b(?:why|how|which|what|any|when|who)\b", re.IGNORECASE)
# What every subject has, so that naming it names no subject of its own.
_OF_SOMETHING = frozenset(
    term
    for word in [
        "缺点",
        "优点",
        "优缺点",
        "好处",
        "坏处",
        "作用",
        "用途",
        "用处",
        "特点",
        "特征",
        "原因",
        "原理",
        "本质",
        "例子",
        "示例",
        "公式",
        "代码",
        "步骤",
        "流程",
        "方法",
        "办法",
        "应用",
        "区别",
        "关系",
        "类型",
        "种类",
        "分类",
        "定义",
        "结构",
        "组成",
        "参数",
        "影响",
        "场景",
        "前提",
        "条件",
        "代价",
        "成本",
        "历史",
        "解决",
        "避免",
        "防止",
        "处理",
        "选择",
        "实现",
        "提高",
        "改进",
        "比较",
        "不同",
        "问题",
        "example",
        "formula",
        "equation",
        "code",
        "disadvantage",
        "advantage",
        "drawback",
        "benefit",
        "cost",
        "reason",
        "step",
        "difference",
        "use",
        "application",
        "type",
        "parameter",
        "method",
        "more",
        "detail",
        "else",
    ]
    for term in (*terms(word), *query_terms(word))
)
_COMMON = 0.5  # a Chinese word more usual than this (训练, 解决) is an activity of something rather than a subject


def context_of(question: str, history: Sequence[Exchange]) -> str:
    """Return the former question(s) that ``question`` cannot be understood without, or ''."""
    context: list[str] = []
    asked = question
    for exchange in reversed(history):
        if not _refers_back(asked):
            break
        context.insert(0, exchange.question)
        asked = exchange.question
    return "\n".join(context)


def _refers_back(question: str) -> bool:
    question = question.strip()
    if is_small_talk(question):
        return False
    if _POINTS_BACK.search(question):
        return True
    named = set(query_terms(question)) - _OF_SOMETHING
    if not named:
        return True
    bare = len(named) == 1 and all(is_han(term) and rarity(term) < _COMMON for term in named)
    return bare and bool(_ASKS.search(question)) and not _STANDS_ALONE.search(question)
