"""The two steps that everything costing money goes through: prepare a Draft, send it. Knows no screen and no vendor."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass

from assistant.answers.citations import Citation, cite
from assistant.answers.followup import context_of
from assistant.answers.prompt import Exchange, Prompt, compose
from assistant.errors import Language
from assistant.knowledge.chunks import Match
from assistant.knowledge.search import Findings, Search
from assistant.language.asking import asking, is_small_talk
from assistant.language.tongue import language_of
from assistant.money import tokens
from assistant.money.cost import NO_CHARGE, NOTHING_PAID, Parts, Preview, Receipt
from assistant.providers.base import ChatModel, Request, Usage

NEAREST = 3  # passages shown when nothing is relevant

_NOTHING: dict[Language, str] = {
    "zh": "笔记里没有找到能回答这个问题的内容。",
    "en": "Your notes hold nothing that answers this question.",
}
_ABOUT: dict[Language, str] = {
    "zh": "很高兴帮忙！我是学习助手：问我笔记里的内容，例如「什么是……」「……的公式」「A 和 B 的区别」，我会带着出处回答。",
    "en": "Glad to help! I am your study assistant: ask me about your notes, such as what something is, its formula, "
    "or how two things differ, and I answer with the places it stands in.",
}
_UNSOLVED = "待研究"  # added to the search, because the questions themselves seldom say that they are open
_PAGE: dict[Language, str] = {"zh": "第 {} 页", "en": "page {}"}
_NEAREST: dict[Language, str] = {"zh": "最接近的段落：", "en": "The nearest passages:"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A question ready to be sent: the very messages, what they contain and what they will cost."""

    question: str
    language: Language
    context: str
    matches: tuple[Match, ...]
    relevant: bool
    request: Request
    preview: Preview


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer; ``invented`` counts the markers that pointed to no passage and were removed."""

    text: str
    citations: tuple[Citation, ...]
    invented: int
    receipt: Receipt


def prepare(
    question: str,
    *,
    search: Search,
    model: ChatModel,
    history: Sequence[Exchange] = (),
    within: Collection[str] | None = None,
    limit: int = 6,
) -> Draft:
    """Search and write the messages; calls no chat model and sends nothing."""
    context = context_of(question, history)
    findings = _findings(question, context, search, within, limit)
    matches = findings.matches if findings.relevant else findings.matches[:NEAREST]
    former = [exchange.question for exchange in history[:-2:-1]]
    language = language_of(question, *former, *(match.chunk.text for match in matches[:1]))
    prompt = compose(question, matches if findings.relevant else (), history, language)
    return Draft(
        question=question,
        language=language,
        context=context,
        matches=matches,
        relevant=findings.relevant,
        request=Request(prompt.messages, question, prompt.passages, context, language),
        preview=_preview(prompt, model),
    )


def send(draft: Draft, model: ChatModel) -> Generator[str, None, Answer]:
    """Yield the answer as it comes and return it checked; closing the generator stops the model."""
    started = time.perf_counter()
    first: float | None = None
    usage: Usage | None = None
    text = ""
    if not draft.relevant:
        text = _nothing_relevant(draft)
        yield text
    else:
        for delta in model.stream(draft.request):
            if delta.text:
                first = first if first is not None else time.perf_counter() - started
                text += delta.text
                yield delta.text
            usage = delta.usage or usage
    return finish(draft, model, text, usage, time.perf_counter() - started, first)


def finish(
    draft: Draft, model: ChatModel, text: str, usage: Usage | None, seconds: float, first: float | None
) -> Answer:
    """Check what has arrived, be it all of the answer or the part until it was stopped."""
    clean, citations, invented = cite(text, draft.matches)
    receipt = Receipt(
        provider=model.provider,
        model=model.name,
        predicted_prompt_tokens=draft.preview.prompt_tokens,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cost=NOTHING_PAID,
        seconds=seconds,
        seconds_to_first_token=first,
    )
    return Answer(clean.strip(), citations, invented, receipt)


def _findings(question: str, context: str, search: Search, within: Collection[str] | None, limit: int) -> Findings:
    """Search; small talk is not searched for, and open questions are sought under the names that learners give them."""
    if is_small_talk(question):
        return Findings((), relevant=False)
    sought = f"{question} {_UNSOLVED}" if asking(question).unsolved else question
    return search.find(sought, limit, context=context, within=within)


def _nothing_relevant(draft: Draft) -> str:
    """Say so without asking a model, which would only be tempted to invent."""
    if is_small_talk(draft.question):
        return _ABOUT[draft.language]
    said = _NOTHING[draft.language]
    if not draft.matches:
        return said
    lines = [f"- {_place(match, draft.language)} [{number}]" for number, match in enumerate(draft.matches, start=1)]
    return "\n".join([said, "", _NEAREST[draft.language], "", *lines])


def _place(match: Match, language: Language) -> str:
    page = match.chunk.piece.page
    parts = [match.chunk.title, *match.chunk.piece.heading]
    return " › ".join(parts if page is None else [*parts, _PAGE[language].format(page)])


def _preview(prompt: Prompt, model: ChatModel) -> Preview:
    system, history, question, *chunks = tokens.count_many(
        [prompt.system, prompt.history, prompt.question, *prompt.chunks]
    )
    whole = sum(tokens.count_many([message.content for message in prompt.messages]))
    parts = Parts(system, history, tuple(chunks), question, max(0, whole - system - history - question - sum(chunks)))
    return Preview(
        provider=model.provider,
        model=model.name,
        parts=parts,
        exact=False,  # the offline model counts nothing; the numbers show what a model with OpenAI's vocabulary would read
        output_tokens=(0, 0, 0),
        cost=NO_CHARGE,
        context_window=None,
    )
