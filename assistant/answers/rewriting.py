"""Has a model word a question anew before it is searched: as it stands alone, as an answer might read, or in several ways.

In two steps like all that costs money: ``prepare_rewriting``, ``send_rewriting``. What fails leaves the plain question.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answers.connection import Connection
from assistant.answers.prompt import Exchange, harmless
from assistant.answers.refinement import Method, Refinement
from assistant.errors import AssistantError, BadAnswer, Language, ModelError, PromptTooLong
from assistant.knowledge.chunks import Match
from assistant.knowledge.search import Findings
from assistant.money.cost import NOTHING_PAID, Forecast, Paid, Receipt, bill, forecast, refused_bill
from assistant.money.ledger import Ledger
from assistant.providers.base import Message, Request, Usage
from assistant.providers.failures import wordless
from assistant.providers.reasons import because

PURPOSE = "rewrite"
_TURNS = 3  # former turns that a question may refer to
_ANSWER = 600  # characters of each former answer
_LONGEST = {"rewrite": 300, "several": 300, "hyde": 1_200}  # characters of what is searched for
_MOST = 4  # wordings
_MAX_TOKENS = {"rewrite": 128, "several": 256, "hyde": 384}
_NUMBER = re.compile(r"^\s*(?:\d{1,2}\s*[.、)）:：]|[-*•])\s*")

_TASK: dict[Method, dict[Language, str]] = {
    "rewrite": {
        "zh": "把对话里的最后一个问题改写成一个不看上文也能懂的问题，补全它所指的对象，不回答它。只写改写后的问题，一行。",
        "en": "Rewrite the last question of the conversation so that it is understood without it: name what it refers to, do not answer it. Write the question only, in one line.",
    },
    "several": {
        "zh": "把问题用三种不同的说法写出来，供检索学习笔记用：换同义词，写出中英文术语和缩写。每行一种，不回答，不编号。",
        "en": "Word the question in three other ways for searching study notes: use synonyms, and terms in English and Chinese with their abbreviations. One per line, no answer, no numbers.",
    },
    "hyde": {
        "zh": "写一段学习笔记，正好回答这个问题：三四句话，用这门课的术语。它只用于检索，不必准确。只写这段话。",
        "en": "Write a passage of study notes that would answer the question: three or four sentences in the terms of the subject. It only serves a search and need not be right. Write the passage only.",
    },
}


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A request that has not been sent: what it contains and what it will cost."""

    method: Method
    connection: Connection
    request: Request
    tokens: int
    cost: Forecast | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What came of it; without ``queries`` the plain question is searched."""

    method: Method
    queries: tuple[str, ...]
    refinement: Refinement


def prepare_rewriting(
    method: Method, question: str, history: Sequence[Exchange], connection: Connection, language: Language
) -> Rewriting:
    """Write the request and count it; nothing is sent. Only ``rewrite`` sees the former turns."""
    plain = replace(connection, thinking=False)
    former = history[-_TURNS:] if method == "rewrite" else ()
    said = "\n".join(f"Q: {harmless(one.question)}\nA: {harmless(one.answer[:_ANSWER])}" for one in former)
    asked = f"{said}\nQ: {harmless(question)}" if said else harmless(question)
    messages = (Message("system", _TASK[method][language]), Message("user", asked))
    most = _MAX_TOKENS[method]
    counts = plain.counter.count(messages, (), thinking=False)
    thought = plain.thinking_budget or 0
    output = (most // 8, most // 2 + thought // 4, most + thought)
    window = plain.window
    return Rewriting(
        method,
        plain,
        Request(messages, question, (), most, False, language=language, thinking_budget=plain.thinking_budget),
        counts.whole,
        forecast(plain.entry, counts.whole, output, bool(thought), counts.high),
        window is None or counts.high + output[2] <= window,
    )


def send_rewriting(rewriting: Rewriting, ledger: Ledger) -> Rewritten:
    """Ask the model and enter the call in the ledger; an error is returned with the result, not raised."""
    started = time.perf_counter()
    text = thought = ""
    ended: str | None = None
    usage: Usage | None = None
    failure: ModelError | None = None
    connection = rewriting.connection
    try:
        if not rewriting.fits:
            raise PromptTooLong(
                provider=connection.model.provider, reason=str(rewriting.tokens), limit=connection.window
            )
        for delta in connection.model.stream(rewriting.request):
            text, thought = text + delta.text, thought + delta.thinking
            usage, ended = delta.usage or usage, delta.finish or ended
    except ModelError as error:
        failure = error
    queries = _queries(rewriting.method, text) if failure is None else ()
    if failure is None and not queries:
        nothing = BadAnswer(provider=connection.model.provider, reason=because("empty"))
        failure = wordless(connection.model.provider, ended, bool(thought), usage) or nothing
    seconds = time.perf_counter() - started
    cost = _cost(rewriting, usage, text + thought, failure, seconds)
    if rewriting.fits:
        _enter(ledger, rewriting, usage, cost, seconds, failure)
    tokens = usage.prompt_tokens if usage else None
    model, entry = connection.model, connection.entry
    said = Refinement(rewriting.method, model.provider, model.name, tokens, cost, entry.local, queries, failure)
    return Rewritten(rewriting.method, queries, said)


def _cost(
    rewriting: Rewriting, usage: Usage | None, said: str, failure: ModelError | None, seconds: float
) -> Paid | None:
    entry = rewriting.connection.entry
    if not rewriting.fits:
        return NOTHING_PAID
    if usage is None and not said and failure is not None and failure.unbilled:
        return refused_bill(entry)
    return bill(entry, usage or Usage(None, None), rewriting.request.thinking_budget is not None, seconds=seconds)


def _enter(
    ledger: Ledger,
    rewriting: Rewriting,
    usage: Usage | None,
    cost: Paid | None,
    seconds: float,
    failure: AssistantError | None,
) -> None:
    receipt = Receipt(
        provider=rewriting.connection.model.provider,
        model=rewriting.connection.model.name,
        predicted_prompt_tokens=rewriting.tokens,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cost=cost,
        seconds=seconds,
        seconds_to_first_token=None,
        cached_tokens=usage.cached_tokens if usage else None,
        forecast=rewriting.cost,
    )
    ledger.enter(PURPOSE, receipt, "failed" if failure else "complete", failure.kind if failure else None)


def _queries(method: Method, text: str) -> tuple[str, ...]:
    """Read what the model wrote: one passage, one line, or several lines without their numbers."""
    longest = _LONGEST[method]
    if method == "hyde":
        whole = " ".join(text.split())
        return (whole[:longest],) if whole else ()
    lines = [_NUMBER.sub("", line).strip()[:longest] for line in text.splitlines()]
    found = tuple(dict.fromkeys(line for line in lines if line))
    return found[: 1 if method == "rewrite" else _MOST]


Find = Callable[[str, str], Findings]


def look(question: str, context: str, rewritten: Rewritten | None, find: Find) -> Findings:
    """Search with what a model made of the question; ``find`` takes a question and what it refers back to.

    An invented answer helps to find passages, but tells nothing about whether the notes answer the question.
    """
    if rewritten is None or not rewritten.queries:
        return find(question, context)
    if rewritten.method == "rewrite":
        return find(rewritten.queries[0], "")
    plain = find(question, context)
    if rewritten.method == "hyde":
        found = find(question, "\n".join(part for part in (context, rewritten.queries[0]) if part))
        return Findings(found.matches, relevant=plain.relevant, asked=found.asked)
    others = [find(query, "") for query in rewritten.queries]
    relevant = plain.relevant or any(one.relevant for one in others)
    limit = max((len(one.matches) for one in (plain, *others)), default=0)
    return Findings(_merged([plain, *others])[:limit], relevant=relevant, asked=plain.asked)


def _merged(several: Sequence[Findings]) -> tuple[Match, ...]:
    """Put the matches of several searches in one order; each keeps the best score that any wording gave it."""
    best: dict[int, Match] = {}
    for match in (match for one in several for match in one.matches):
        known = best.get(match.chunk.id)
        if known is None or match.score > known.score:
            best[match.chunk.id] = match
    return tuple(sorted(best.values(), key=lambda match: (-match.score, match.chunk.id)))
