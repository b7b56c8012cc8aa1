"""The two steps that everything costing money goes through: prepare a Draft, send it. Knows no screen and no vendor."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, replace

from assistant.answers.citations import Citation, cite
from assistant.answers.connection import Connection, too_long
from assistant.answers.followup import context_of
from assistant.answers.nothing_found import nothing_relevant
from assistant.answers.prompt import HISTORY_TURNS, Exchange, Prompt, compose, new_fence
from assistant.answers.verify import Verdict, verify
from assistant.errors import AssistantError, Cancelled, Language, ModelError, PromptTooLong
from assistant.knowledge.chunks import Match
from assistant.knowledge.search import Findings, Search
from assistant.language.asking import asking, is_small_talk
from assistant.language.tongue import language_of
from assistant.money.cost import NO_CHARGE, NOTHING_PAID, Paid, Parts, Preview, Receipt, bill, forecast
from assistant.providers.base import Delta, Request, Usage
from assistant.providers.failures import wordless
from assistant.providers.retry import Begun, begun, retrying

OnRefused = Callable[[AssistantError | None, float], None]  # the error, None for a defect of ours, and the seconds

NEAREST = 3  # passages shown when nothing is relevant

_UNSOLVED = "待研究"  # added to the search, because the questions themselves seldom say that they are open


@dataclass(frozen=True)
class Draft:
    """A question ready to be sent: the very messages, what they contain and what they will cost.

    ``found`` is what the search brought, ``dropped`` the places in it that the learner left out; ``matches`` is what is sent.
    ``findings`` tells how it was searched: with vectors or without, and what the question's vector has cost already.
    ``language_chosen``: the learner wants answers in ``language`` whatever the question's is.
    """

    question: str
    language: Language
    context: str
    found: tuple[Match, ...]
    dropped: frozenset[int]
    relevant: bool
    history: tuple[Exchange, ...]
    connection: Connection
    fence: str
    request: Request
    preview: Preview
    findings: Findings = Findings((), relevant=False)  # noqa: RUF009 - frozen
    language_chosen: bool = False

    @property
    def matches(self) -> tuple[Match, ...]:
        """The matches that are sent, in the order of their numbers."""
        return tuple(match for place, match in enumerate(self.found) if place not in self.dropped)

    @property
    def asks_a_model(self) -> bool:
        """Whether sending reaches a model at all: not offline, and not when nothing relevant was found."""
        return self.relevant and not self.connection.quotes

    @property
    def refusal(self) -> PromptTooLong | None:
        """Why this draft cannot be sent: a server would refuse it, or cut it unseen; None: it can."""
        preview = self.preview
        if preview.fits or not self.asks_a_model:
            return None
        return too_long(preview.provider, preview.prompt_tokens_high, preview.output_tokens[2], preview.context_window)


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer; ``invented`` counts the markers that pointed to no passage and were removed.

    ``verdict`` speaks of the characters of ``text``; it is empty where no passage answers the question.
    """

    text: str
    citations: tuple[Citation, ...]
    invented: int
    receipt: Receipt
    verdict: Verdict


def prepare(
    question: str,
    *,
    search: Search,
    connection: Connection,
    history: Sequence[Exchange] = (),
    within: Collection[str] | None = None,
    limit: int = 6,
    answer_in: Language | None = None,
) -> Draft:
    """Search and write the messages; calls no chat model. An embedding model is sent the question, where one is agreed to.

    The answer is in the language of the question unless ``answer_in`` names another.
    """
    context = context_of(question, history)
    findings = _findings(question, context, search, within, limit)
    found = findings.matches if findings.relevant else findings.matches[:NEAREST]
    former = [exchange.question for exchange in history[:-2:-1]]
    language = answer_in or language_of(question, *former, *(match.chunk.text for match in found[:1]))
    draft = _draft(
        question,
        language,
        context,
        found,
        frozenset(),
        findings.relevant,
        tuple(history[-HISTORY_TURNS:]),
        connection,
        new_fence(),
        answer_in is not None,
    )
    return replace(draft, findings=findings)


def reconsider(
    draft: Draft,
    *,
    connection: Connection | None = None,
    dropped: Collection[int] | None = None,
    history: Sequence[Exchange] | None = None,
) -> Draft:
    """Write a draft anew for another model, with other passages or less history; what was found stays, nothing is sent."""
    again = _draft(
        draft.question,
        draft.language,
        draft.context,
        draft.found,
        draft.dropped if dropped is None else frozenset(dropped),
        draft.relevant,
        draft.history if history is None else tuple(history),
        connection or draft.connection,
        draft.fence,
        draft.language_chosen,
    )
    return replace(again, findings=draft.findings)


def _draft(
    question: str,
    language: Language,
    context: str,
    found: tuple[Match, ...],
    dropped: frozenset[int],
    relevant: bool,
    history: tuple[Exchange, ...],
    connection: Connection,
    fence: str,
    language_chosen: bool,
) -> Draft:
    kept = [match for place, match in enumerate(found) if place not in dropped] if relevant else []
    prompt = compose(question, kept, history, language, fence, chosen=language_chosen)
    request = Request(
        prompt.messages, question, prompt.passages, connection.max_tokens, connection.thinking, context, language,
        connection.thinking_budget,
    )  # fmt: skip
    preview = _preview(prompt, connection, relevant)
    return Draft(
        question, language, context, found, dropped, relevant, history, connection, fence, request, preview,
        language_chosen=language_chosen,
    )  # fmt: skip


def send(
    draft: Draft,
    on_wait: Callable[[ModelError, float], None] = lambda error, seconds: None,
    cancelled: Callable[[], bool] = lambda: False,
    on_refused: OnRefused = lambda error, seconds: None,
) -> Generator[Delta, None, Answer]:
    """Yield the answer as it comes and return it checked; closing the generator ends the request at the server.

    What is refused before its first word is tried again where waiting helps; ``on_wait`` hears how long that will be, and
    ``on_refused`` of each request that ended so, the last one too. A draft that does not fit raises ``PromptTooLong``, and
    nothing leaves.
    """
    if draft.refusal is not None:
        raise draft.refusal
    started = time.perf_counter()
    first: float | None = None
    usage: Usage | None = None
    ended: str | None = None
    text = thought = ""
    with contextlib.closing(retrying(lambda: _begin(draft, cancelled, on_refused), on_wait, cancelled)) as stream:
        for delta in stream:
            if delta.text or delta.thinking:
                first = first if first is not None else time.perf_counter() - started
            text += delta.text
            thought += delta.thinking
            usage, ended = delta.usage or usage, delta.finish or ended
            yield delta
    failure = None if text.strip() else wordless(draft.connection.model.provider, ended, bool(thought), usage)
    if failure is not None:
        raise failure
    return finish(draft, text, usage, time.perf_counter() - started, first, thought)


def _begin(draft: Draft, cancelled: Callable[[], bool], on_refused: OnRefused) -> Begun:
    if not draft.relevant:
        return Begun(Delta(nothing_relevant(draft.question, draft.language, draft.matches)), iter(()))
    started = time.perf_counter()
    answer: Begun | None = None
    failure: AssistantError | None = None
    try:
        answer = begun(draft.connection.model.stream(draft.request), cancelled)
    except (ModelError, Cancelled) as error:
        failure = error
        raise
    finally:  # also after a defect of ours: the request was sent
        if answer is None:
            on_refused(failure, time.perf_counter() - started)
    return answer


def finish(
    draft: Draft, text: str, usage: Usage | None, seconds: float, first: float | None, thought: str = ""
) -> Answer:
    """Check what has arrived, be it all of the answer or the part until it was stopped."""
    clean, citations, invented = cite(text, draft.matches)
    clean = clean.strip()
    verdict = verify(clean, draft.matches, draft.question) if draft.relevant else Verdict((), ())
    return Answer(clean, citations, invented, receipt_of(draft, thought + text, usage, seconds, first), verdict)


def receipt_of(draft: Draft, said: str, usage: Usage | None, seconds: float, first: float | None) -> Receipt:
    """Say what a call took; ``said`` is all that the model wrote, its thinking too, for the case that nobody counts."""
    connection = draft.connection
    return Receipt(
        provider=connection.model.provider,
        model=connection.model.name,
        predicted_prompt_tokens=draft.preview.prompt_tokens,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cost=_cost(draft, said, usage, seconds),
        seconds=seconds,
        seconds_to_first_token=first,
        cached_tokens=usage.cached_tokens if usage else None,
        counted_tokens=connection.counter.uncorrected(draft.preview.prompt_tokens, exact=draft.preview.exact),
        thinking=connection.thinking_budget is not None,
        forecast=draft.preview.cost,
    )


def _cost(draft: Draft, said: str, usage: Usage | None, seconds: float) -> Paid | None:
    """Bill a call; one that ended before its bill came is charged by our own count, which is said."""
    connection = draft.connection
    if not draft.asks_a_model:
        return NOTHING_PAID
    if usage is not None or not said:
        return bill(connection.entry, usage or Usage(None, None), connection.thinking, seconds=seconds)
    counted = Usage(draft.preview.prompt_tokens, connection.counter.text(said))
    guess = bill(connection.entry, counted, connection.thinking, seconds=seconds)
    return guess and replace(guess, about=bool(guess.amount))


def _findings(question: str, context: str, search: Search, within: Collection[str] | None, limit: int) -> Findings:
    """Search; small talk is not searched for, and open questions are sought under the names that learners give them."""
    if is_small_talk(question):
        return Findings((), relevant=False)
    sought = f"{question} {_UNSOLVED}" if asking(question).unsolved else question
    return search.find(sought, limit, context=context, within=within)


def _preview(prompt: Prompt, connection: Connection, relevant: bool) -> Preview:
    """Count the whole prompt as the server will read it, and its parts one by one; what joins them is overhead."""
    texts = (prompt.system, prompt.history, prompt.question, *prompt.chunks)
    counts = connection.counter.count(prompt.messages, texts, thinking=connection.thinking)
    system, history, question, *chunks = counts.parts
    asks = relevant and not connection.quotes
    output = connection.output_tokens if asks else (0, 0, 0)
    return Preview(
        provider=connection.model.provider,
        model=connection.model.name,
        parts=Parts(system, history, tuple(chunks), question, counts.whole - sum(counts.parts)),
        prompt_tokens_high=counts.high,
        exact=counts.exact,
        parts_exact=counts.parts_exact,
        output_tokens=output,
        cost=forecast(connection.entry, counts.whole, output, connection.thinking, counts.high) if asks else NO_CHARGE,
        context_window=connection.window,
    )
