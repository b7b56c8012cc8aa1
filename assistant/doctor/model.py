"""The checks that ask a chat model one word: does it answer, in a stream, with its bill, and does the thinking switch work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from assistant.answers.connection import Connection
from assistant.doctor.checks import Finding, Step, failed, ok, skipped
from assistant.doctor.provider import Subject
from assistant.doctor.spend import Spend, book_chat, chat_spend
from assistant.doctor.texts import said
from assistant.errors import AssistantError, ModelError
from assistant.providers.base import Message, Request, Usage

TINY = Request((Message("user", "Say OK."),), "Say OK.", (), max_tokens=16)
THOUGHT = 64  # tokens of thinking, where the model takes so low a limit
_HYBRID = ("hybrid_off", "hybrid_on")


@dataclass(slots=True)
class Heard:
    """What came back on one request."""

    pieces: int = 0
    thoughts: int = 0
    usage: Usage | None = None
    first: float | None = None

    @property
    def reasoned(self) -> bool:
        """Whether the model thought before it spoke, by its own count or by what it sent."""
        return bool(self.thoughts or (self.usage and self.usage.reasoning_tokens))


@dataclass(slots=True)
class _Exam:
    subject: Subject
    heard: list[Heard] = field(default_factory=list)


def chat_steps(subject: Subject) -> Iterator[Step]:
    """Return the checks that ask the model, each request of them at most some tens of tokens long."""
    exam = _Exam(subject)
    yield subject.step("answer", lambda: _answer(exam))
    yield subject.step("stream", lambda: _stream(exam))
    yield subject.step("usage", lambda: _usage(exam))
    yield subject.step("thinking", lambda: _thinking(exam))


def spend_of_chat(subject: Subject) -> Spend | None:
    """Say what asking the model will cost; None where nothing is asked or the choice is not complete."""
    if subject.vendor.kind == "offline" or not subject.choice.model:
        return None
    connection = subject.assistant.connections.chat(subject.choice)
    # Whether a model of Ollama can think only its server knows, which is not asked for a forecast; it charges nothing.
    twice = subject.vendor.kind == "ollama" or connection.entry.thinking in _HYBRID
    return chat_spend(
        connection, (unthinking(connection), thinking(connection)) if twice else (unthinking(connection),)
    )


def unthinking(connection: Connection) -> Request:
    """Ask for a word without thinking; a model that cannot help it has a limit for that, which is billed as well."""
    always = connection.entry.thinking == "always"
    return replace(TINY, thinking_budget=_thought(connection)) if always else TINY


def thinking(connection: Connection) -> Request:
    """Ask for a word with thinking before it, within its limit."""
    return replace(TINY, thinking=True, thinking_budget=_thought(connection))


def _thought(connection: Connection) -> int:
    fewest, _ = connection.entry.thinking_budget or (0, 0)
    return max(THOUGHT, fewest)


def _can_switch(subject: Subject, connection: Connection) -> bool:
    """Tell whether the model can think or not, as one wishes; Ollama says that itself."""
    if subject.vendor.kind != "ollama":
        return connection.entry.thinking in _HYBRID
    try:
        facts = subject.assistant.connections.library(subject.choice).show(subject.choice.model)
    except AssistantError:
        return False
    return "thinking" in facts.capabilities


def _answer(exam: _Exam) -> Finding:
    heard = _ask(exam.subject, unthinking)
    exam.heard.append(heard)
    usage = heard.usage
    if usage is None:
        return ok(said("answered_uncounted", pieces=heard.pieces))
    return ok(said("answered", prompt=_count(usage.prompt_tokens), completion=_count(usage.completion_tokens)))


def _stream(exam: _Exam) -> Finding:
    """Judge the stream of the answer that was had: no second call for it."""
    if not exam.heard:
        return skipped(said("no_answer"))
    (heard,) = exam.heard[:1]
    if heard.first is None:
        return failed(said("no_text"), said("other_model"))
    return ok(said("streamed", pieces=heard.pieces, first=f"{heard.first:.1f}"))


def _usage(exam: _Exam) -> Finding:
    if not exam.heard:
        return skipped(said("no_answer"))
    usage = exam.heard[0].usage
    if usage is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return failed(said("no_usage"), said("no_bill"))
    connection = exam.subject.assistant.connections.chat(exam.subject.choice)
    predicted = connection.counter.prompt(TINY.messages)
    return ok(said("predicted", predicted=predicted, billed=usage.prompt_tokens))


def _thinking(exam: _Exam) -> Finding:
    """Ask once more with the switch on, and compare with the first answer, for which it was off."""
    if not exam.heard:
        return skipped(said("no_answer"))
    connection = exam.subject.assistant.connections.chat(exam.subject.choice)
    if not _can_switch(exam.subject, connection):
        return skipped(said("thinks_always") if connection.entry.thinking == "always" else said("no_switch"))
    off, on = exam.heard[0].reasoned, _ask(exam.subject, thinking).reasoned
    if off:
        return failed(said("thinks_unasked"), said("expect_thinking"))
    return ok(said("switch_works")) if on else failed(said("switch_dead"), said("leave_off"))


def _ask(subject: Subject, asking: Callable[[Connection], Request]) -> Heard:
    """Send a request, and write the call into the ledger as every other one."""
    connection = subject.assistant.connections.chat(subject.choice)
    request = asking(connection)
    heard, failure = Heard(), None
    started = time.perf_counter()
    try:
        for delta in connection.model.stream(request):
            if delta.text or delta.thinking:
                heard.first = heard.first if heard.first is not None else time.perf_counter() - started
                heard.pieces += 1
                heard.thoughts += bool(delta.thinking)
            heard.usage = delta.usage or heard.usage
    except ModelError as error:
        failure = error
    took = time.perf_counter() - started
    book_chat(subject.assistant, connection, request, heard.usage, (took, heard.first), failure)
    if failure is not None:
        raise failure
    return heard


def _count(tokens: int | None) -> str:
    return "?" if tokens is None else str(tokens)
