"""What is said where the notes hold nothing, without asking a model, which would only be tempted to invent. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.errors import Language
from assistant.knowledge.chunks import Match
from assistant.language.asking import is_small_talk

_NOTHING: dict[Language, str] = {
    "zh": "笔记里没有找到能回答这个问题的内容。",
    "en": "Your notes hold nothing that answers this question.",
}
_ABOUT: dict[Language, str] = {
    "zh": "很高兴帮忙！我是学习助手：问我笔记里的内容，例如「什么是……」「……的公式」「A 和 B 的区别」，我会带着出处回答。",
    "en": "Glad to help! I am your study assistant: ask me about your notes, such as what something is, its formula, "
    "or how two things differ, and I answer with the places it stands in.",
}
_PAGE: dict[Language, str] = {"zh": "第 {} 页", "en": "page {}"}
_SLIDE: dict[Language, str] = {"zh": "第 {} 张幻灯片", "en": "slide {}"}
_NEAREST: dict[Language, str] = {"zh": "最接近的段落：", "en": "The nearest passages:"}


def nothing_relevant(question: str, language: Language, nearest: Sequence[Match]) -> str:
    """Write the answer to a question that the notes do not answer: that it is so, and the nearest passages."""
    if is_small_talk(question):
        return _ABOUT[language]
    said = _NOTHING[language]
    if not nearest:
        return said
    lines = [f"- {_place(match, language)} [{number}]" for number, match in enumerate(nearest, start=1)]
    return "\n".join([said, "", _NEAREST[language], "", *lines])


def _place(match: Match, language: Language) -> str:
    page = match.chunk.piece.page
    parts = [match.chunk.title, *match.chunk.piece.path]
    return " › ".join(
        parts if page is None else [*parts, (_SLIDE if match.chunk.kind == "slides" else _PAGE)[language].format(page)]
    )
