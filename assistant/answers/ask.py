"""The two steps that everything costing money goes through: prepare a Draft, send it. Knows no screen and no vendor."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, replace

from assistant.answers.citations import Citation, cite
from assistant.answers.connection import Connection
from assistant.answers.draft import Asked, Draft, fitted, reconsider, write
from assistant.answers.followup import context_of
from assistant.answers.nothing_found import nothing_relevant
from assistant.answers.prompt import Exchange, new_fence
from assistant.answers.rewriting import Rewritten, look
from assistant.answers.scope import NO_LIMIT, Reach
from assistant.answers.verify import Verdict, verify
from assistant.errors import AssistantError, BadAnswer, Cancelled, Language, ModelError
from assistant.knowledge.search import Findings, Search
from assistant.language.asking import asking, is_small_talk
from assistant.language.tongue import language_of
from assistant.money.cost import NOTHING_PAID, Paid, Receipt, bill
from assistant.providers.base import Delta, Picture, Usage
from assistant.providers.failures import wordless
from assistant.providers.reasons import because
from assistant.providers.retry import Begun, begun, retrying

__all__ = ["Answer", "Draft", "OnRefused", "find", "finish", "prepare", "receipt_of", "reconsider", "send"]

OnRefused = Callable[[AssistantError | None, float], None]  # the error, None for a defect of ours, and the seconds

NEAREST = 3  # passages shown when nothing is relevant

_ENDS = ("stop", "length", "tool_calls", "function_call")  # why an answer without a word may have ended

OF_PINNED = 2  # passages of pinned notes that are always among what is found
_UNSOLVED = "待研究"  # added to the search, because the questions themselves seldom say that they are open


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
    reach: Reach = NO_LIMIT,
    pictures: Sequence[Picture] = (),
    rewritten: Rewritten | None = None,
) -> Draft:
    """Search and write the messages; calls no chat model. An embedding model is sent the question, where one is agreed to.

    ``rewritten`` is what a model made of the question for the search; the one that is answered stays as it was. The oldest turns of ``history`` are left out where they do not fit. ``within`` names notes or folders for this question,
    ``reach`` is what the conversation allows. The answer is in the language of the question unless ``answer_in`` names another.
    """
    started = time.perf_counter()
    context = context_of(question, history)
    within = reach.within if within is None else within
    findings = find(question, context, search, within, reach.pinned, limit, rewritten)
    found = findings.matches if findings.relevant else findings.matches[:NEAREST]
    former = [exchange.question for exchange in history[:-2:-1]]
    language = answer_in or language_of(question, *former, *(match.chunk.text for match in found[:1]))
    asked = Asked(
        question=question,
        language=language,
        context=context,
        found=found,
        relevant=findings.relevant,
        fence=new_fence(),
        findings=findings,
        reach=reach,
        pictures=tuple(pictures),
        former=len(history),
        search_seconds=time.perf_counter() - started,
        language_chosen=answer_in is not None,
        rewritten=rewritten,
        refined=(rewritten.refinement,) if rewritten else (),
    )
    return fitted(write(asked, history, connection))


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
    if not text.strip():  # an empty bubble would say nothing of what to do
        provider = draft.connection.model.provider
        silent = BadAnswer(provider=provider, reason=because("no_word", finish=ended if ended in _ENDS else "-"))
        raise wordless(provider, ended, bool(thought), usage) or silent
    return finish(draft, text, usage, time.perf_counter() - started, first, thought)


def _begin(draft: Draft, cancelled: Callable[[], bool], on_refused: OnRefused) -> Begun:
    if draft.basis == "nothing":
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
    pictures = draft.asked.pictures  # a count with them teaches nothing about the counting of words
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
        counted_tokens=None
        if pictures
        else connection.counter.uncorrected(draft.preview.prompt_tokens, exact=draft.preview.exact),
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
    if not draft.preview.pictures_known and not connection.entry.local:
        return None
    counted = Usage(draft.preview.prompt_tokens, connection.counter.text(said))
    guess = bill(connection.entry, counted, connection.thinking, seconds=seconds)
    return guess and replace(guess, about=bool(guess.amount))


def find(
    question: str,
    context: str,
    search: Search,
    within: Collection[str] | None,
    pinned: Collection[str],
    limit: int,
    rewritten: Rewritten | None = None,
) -> Findings:
    """Search; small talk is not searched for, and open questions are sought under the names that learners give them.

    The best passages of pinned notes take the last places, where they are not among the best anyway.
    """
    if is_small_talk(question):
        return Findings((), relevant=False)
    sought = f"{question} {_UNSOLVED}" if asking(question).unsolved else question
    findings = look(
        sought, context, rewritten, lambda asked, before: search.find(asked, limit, context=before, within=within)
    )
    if not pinned:
        return findings
    there = {match.chunk.id for match in findings.matches}
    failed = findings.asked.failure is not None  # then it is not tried again: it may have been billed
    best = search.find(sought, OF_PINNED, context=context, within=pinned, by_vectors=not failed)
    asked = findings.asked if failed or findings.asked.used else best.asked
    added = [match for match in best.matches if match.chunk.id not in there]
    kept = [*findings.matches[: limit - len(added)], *added]
    matches = tuple(sorted(kept, key=lambda match: -match.score))
    return Findings(matches, relevant=findings.relevant or best.relevant, asked=asked)
