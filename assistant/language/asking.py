"""What kind of answer a question asks for, told by its wording alone. Knows no notes and no conversation."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MEANING = (
    r"什么是|是什么|是啥|何谓|定义|含义|什么意思|怎么回事|\bwhat (?:is|are|does)\b|\bdefine\b|\bmeaning of\b"
    r"|\bhow (?:does|do) .+ works?\b"
)
_STEPS = r"(?<!会)(?:怎么|怎样)(?!回事)|如何|步骤|流程|过程|办法|\bhow (?:can|should|to|do (?:i|we|you))\b|\bsteps?\b"
_EVERYTHING = (
    r"哪些|哪几|哪[一二两三四五六七八九十\d]|[几二两三四五六七八九十]\s*[个种类条步层点]|列出|有什么|分别|所有|怎么选|会怎么?样|后果|注意什么"
    r"|\blist\b|\bwhat happens\b|\bwhat are the\b|\ball\b|\b(?:two|three|four|five|six|several) \w+s\b"
)
_FORMULA = (
    r"公式|方程|表达式|怎么算|如何算|怎么计算|如何计算|\bformulas?\b|\bequations?\b|\bcomputed?\b|\bcalculated?\b"
)
_CODE = r"代码|示例程序|命令|脚本|\bcode\b|\bsnippets?\b|\bcommands?\b|\bscripts?\b"
_WHY = r"为什么|为何|为啥|原因|\bwhy\b|\breasons?\b"
_UNSOLVED = (
    r"(?:没有?|还?不|未)(?:太|完全|能|曾)?(?:弄|搞|看|听|学)?(?:明白|清楚|懂|解决|理解)|待研究|待解决|疑问|存疑"
    r"|open questions?|still to (?:understand|learn)|unsolved|unanswered|(?:not|n['’]t) (?:yet )?(?:understand|understood)"
)
_WHICH = r"哪些|什么|还有|列出|所有|哪里|\bwhat\b|\bwhich\b|\blist\b|\bshow\b|\bany\b|\bopen questions\b"
_BARE_UNSOLVED = r"待研究|待解决|open questions"

_COMPARED_ZH = re.compile(
    r"(?P<one>[^，。？?！]+?)\s*(?:和|与|跟|同|、|以及|\bvs\.?|对比|相比)\s*(?P<other>[^，。？?！]+?)\s*"
    r"(?:的|有什么|有何|有啥|之间|到底|是|什么|本质|主要)*\s*(?:区别|不同|差别|差异|异同|关系|比较|对比)",
    re.IGNORECASE,
)
_COMPARED_EN = re.compile(
    r"(?:differences? between|compare|relation(?:ship)? between)\s+(?P<one>.+?)\s+(?:and|with|to)\s+(?P<other>.+?)\W*$"
    r"|^(?P<left>.+?)\s+vs\.?\s+(?P<right>.+?)\W*$",
    re.IGNORECASE,
)
_AROUND_A_SIDE = re.compile(r"^(?:请问|那么|那|(?:the|an?)\s)\s*|(?:的|之间)$", re.IGNORECASE)

_LONGEST = 300  # characters: a pasted page compares nothing, and would keep the patterns busy
_SMALL_TALK = re.compile(
    r"(?:你好|您好|嗨|哈喽|哈啰|在吗|早上好|早安|下午好|晚上好|晚安|谢谢|多谢|感谢|辛苦|再见|拜拜|好的|明白了|知道了|收到"
    r"|(?:你|您)(?:是谁|叫什么(?:名字)?|是什么|能做(?:些)?什么|会(?:做)?(?:些)?什么|可以做(?:些)?什么|有什么(?:功能|用)|能干(?:什么|嘛|啥))"
    r"|(?:你|您)?真(?:棒|好|行|厉害|聪明|不错)|(?:是)?谁(?:做|开发|创造|设计)(?:的|了)(?:你|您)?"
    r"|(?:怎么|如何)(?:用|使用)(?:你|您)?|帮助"
    r"|hi|hello|hey|good (?:morning|afternoon|evening|night)|thanks?(?: you)?(?: (?:very|so) much| a lot)?|bye|goodbye|ok(?:ay)?|how are you(?: doing)?(?: today)?"
    r"|who are you|what (?:can|do) you do|what are you|how do (?:i|you) (?:use (?:you|this)|work)|help(?: me)?|there"
    r"|[了啦啊呀吗呢你您吧\s,，.。!！?？~～])+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question asks for; ``sides`` are the two things it compares, or empty."""

    meaning: bool
    steps: bool
    everything: bool
    formula: bool
    code: bool
    why: bool
    unsolved: bool
    sides: tuple[str, ...]


def asking(question: str) -> Asking:
    """Read from the wording of a question which kind of lines would answer it."""
    question = question[:_LONGEST]

    def says(pattern: str) -> bool:
        return re.search(pattern, question, re.IGNORECASE) is not None

    return Asking(
        meaning=says(_MEANING),
        steps=says(_STEPS),
        everything=says(_EVERYTHING),
        formula=says(_FORMULA),
        code=says(_CODE),
        why=says(_WHY),
        unsolved=(says(_UNSOLVED) and says(_WHICH)) or says(_BARE_UNSOLVED),
        sides=_sides(question),
    )


def is_small_talk(question: str) -> bool:
    """Tell a greeting, thanks or a question about the assistant itself from a question to the notes."""
    if len(question) > _LONGEST:
        return False
    return re.search(r"\w", question) is not None and _SMALL_TALK.fullmatch(question.strip()) is not None


def _sides(question: str) -> tuple[str, ...]:
    found = _COMPARED_ZH.search(question) or _COMPARED_EN.search(question)
    if not found:
        return ()
    sides = [_AROUND_A_SIDE.sub("", side.strip(" \t\"'“”「」`")) for side in found.groups() if side]
    return tuple(sides) if all(sides) else ()
