"""What a model is told when it writes a study guide or a summary, in both languages. Knows no note and no model."""

from __future__ import annotations

from typing import Literal

from assistant.errors import Language

Form = Literal["guide", "summary"]

PART: dict[Form, dict[Language, str]] = {
    "guide": {
        "zh": (
            "把以上段落写成学习导读的一部分：先用两三句话说明它们讲什么；再按顺序列出要点，每点一行；"
            "列出重要的定义和公式；最后给出两个自测问题。每个论断后面都标出段落编号。"
        ),
        "en": (
            "Turn these passages into one part of a study guide: two or three sentences on what they are about; then the key points "
            "in order, one a line; the definitions and formulas that matter; at the end two questions to test oneself. "
            "Write the passage number after every statement."
        ),
    },
    "summary": {
        "zh": "用三到六句话概括以上段落最重要的内容，不加评论。每句话后面都标出段落编号。",
        "en": "Sum up what matters most in these passages in three to six sentences, without comment. "
        "Write the passage number after every sentence.",
    },
}
WHOLE: dict[Form, dict[Language, str]] = {
    "guide": {
        "zh": "以上段落是同一份导读的各个部分。写一段总览：它们合起来讲什么、各部分怎样联系、建议按什么顺序学。提到哪一部分就标出它的编号。",
        "en": "These passages are the parts of one study guide. Write an overview: what they are about together, how the parts hang "
        "together, and in which order to study them. Write the number of each part that you speak of.",
    },
    "summary": {
        "zh": "以上段落是各部分的摘要。把它们合成一段不超过八句话的总摘要，每句话后面标出所依据部分的编号。",
        "en": "These passages are summaries of the parts. Merge them into one summary of at most eight sentences; after each "
        "sentence write the number of the part that it rests on.",
    },
}
