"""A quiz made by a model: every call is written and priced before one is sent, and each question is checked. Knows no screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from assistant.answers.ask import Draft
from assistant.answers.connection import Connection
from assistant.answers.prompt import harmless, new_fence
from assistant.errors import Language, NothingToAsk
from assistant.knowledge.chunks import Chunk
from assistant.language.tongue import language_of
from assistant.money.ledger import Ledger
from assistant.study.model_call import Calls, call, prepare_call
from assistant.study.quiz import KINDS, Given, Kind, Question
from assistant.study.quiz_check import Fault, checked
from assistant.study.quiz_json import questions_in, verdict_in
from assistant.study.quiz_making import MOST, Wish
from assistant.study.quiz_offline import shuffled
from assistant.study.quiz_prompt import AGAIN, FAULT, MARK_SCHEMA, MARK_SYSTEM, MARK_TASK, SYSTEM, TASK, schema_of
from assistant.study.quiz_terms import columns, prose_lines

PURPOSE = "quiz"
AT_ONCE = 5  # questions of one call: more would cost much when one reply goes wrong
_REPLY = (90, 220, 450)  # tokens of a question: a short, a usual and the longest one, until the ledger knows better
_MARKED = (30, 80, 300)
_ENOUGH = 60  # columns of prose: a passage with less holds nothing to ask about
_LINK = re.compile(r"https?://\S+|!?\[[^\]\n]*\]\([^)\n]*\)")

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Batch:
    """One call: its draft, the passages by their numbers, and the kinds wanted of them in turn."""

    draft: Draft
    chunks: tuple[Chunk, ...]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class QuizDraft(Calls):
    """A quiz ready to be made: all calls, written and counted."""

    wish: Wish
    batches: tuple[Batch, ...]
    seed: int

    again: ClassVar[bool] = True

    @property
    def drafts(self) -> list[Draft]:
        """The calls, written and counted."""
        return [one.draft for one in self.batches]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one batch: what stood the check, and how many did not even after the repair."""

    questions: tuple[Question, ...]
    dropped: int


def prepare_quiz(wish: Wish, chunks: Sequence[Chunk], connection: Connection, seed: int = 0) -> QuizDraft:
    """Choose passages and write the calls; nothing is sent. Raise ``NothingToAsk`` where no passage says anything."""
    telling = [chunk for chunk in chunks if _tells(chunk)]
    if not telling:
        raise NothingToAsk
    number = min(wish.number, MOST)
    spread = _spread(telling, seed)
    chosen = [spread[place % len(spread)] for place in range(number)]
    wanted = [kind for kind in KINDS if kind in wish.kinds]
    kinds = [wanted[place % len(wanted)] for place in range(number)]
    batches: list[Batch] = []
    for first in range(0, number, AT_ONCE):
        batches += _fitting(tuple(chosen[first : first + AT_ONCE]), tuple(kinds[first : first + AT_ONCE]), connection)
    return QuizDraft(wish, tuple(batches), seed)


def make_batch(
    batch: Batch, ledger: Ledger, seed: int, refused: Collection[str] = (), cancelled: Cancelled = lambda: False
) -> Made:
    """Send a call and check what comes; what does not stand is asked for once more, and else dropped."""
    good, faults = _sorted_out(call(batch.draft, ledger, PURPOSE, cancelled), batch, seed, refused)
    missing = len(batch.kinds) - len(good)
    if missing <= 0:
        return Made(tuple(good[: len(batch.kinds)]), 0)
    again = _again(batch, faults, missing)
    if again.refusal is None:
        more, _ = _sorted_out(call(again, ledger, PURPOSE, cancelled), batch, seed, refused)
        known = {one.fingerprint for one in good}
        good += [one for one in more if one.fingerprint not in known][:missing]
    return Made(tuple(good), len(batch.kinds) - len(good))


def prepare_mark(question: Question, given: Given, connection: Connection) -> Draft:
    """Write the call that marks a short answer by its passage; nothing is sent."""
    fence, language = new_fence(), question.language
    fields = {"question": question.prompt, "wanted": question.answer, "given": given.text}
    task = re.sub(r"{(\w+)}", lambda field: harmless(fields[field[1]]), MARK_TASK[language])
    passage = f"{fence} [1] {harmless(question.source.title)}\n{harmless(question.source.text)}\n{fence}"
    return prepare_call(
        connection, MARK_SYSTEM[language], [passage], task,
        chunks=(), schema=MARK_SCHEMA, output=_MARKED, language=language,
    )  # fmt: skip


def marked(draft: Draft, ledger: Ledger, cancelled: Cancelled = lambda: False) -> tuple[bool, str] | None:
    """Send the call, and return whether the answer is right, and why; None where the reply says neither."""
    return verdict_in(call(draft, ledger, PURPOSE, cancelled))


def _tells(chunk: Chunk) -> bool:
    said = " ".join(prose_lines(_LINK.sub("", chunk.text)))
    return columns(re.sub(r"\W+", "", said)) >= _ENOUGH or chunk.text.count("|") > 8


def _spread(chunks: Sequence[Chunk], seed: int) -> list[Chunk]:
    """Order the chunks as if by chance, taking the notes in turn."""
    by_note: dict[str, list[Chunk]] = {}
    for chunk in shuffled(chunks, seed, "passages"):
        by_note.setdefault(chunk.note, []).append(chunk)
    order = shuffled(sorted(by_note), seed, "notes")
    longest = max(map(len, by_note.values()))
    return [by_note[note][turn] for turn in range(longest) for note in order if turn < len(by_note[note])]


def _fitting(chunks: tuple[Chunk, ...], kinds: tuple[Kind, ...], connection: Connection) -> list[Batch]:
    """Write a call, or two smaller ones where it does not fit the window; one passage alone stays as it is."""
    draft = _written(chunks, kinds, connection)
    if draft.preview.fits or len(chunks) == 1:
        return [Batch(draft, chunks, kinds)]
    half = len(chunks) // 2
    return [*_fitting(chunks[:half], kinds[:half], connection), *_fitting(chunks[half:], kinds[half:], connection)]


def _written(
    chunks: Sequence[Chunk], kinds: Sequence[Kind], connection: Connection, faults: str = "", number: int | None = None
) -> Draft:
    language = language_of(chunks[0].text)
    fence = new_fence()
    wanted = len(kinds) if number is None else number
    task = TASK[language].format(number=wanted, kinds=", ".join(kinds))
    passages = [_passage(place, chunk, fence) for place, chunk in enumerate(chunks, start=1)]
    return prepare_call(
        connection,
        SYSTEM[language].replace("{fence}", fence),
        passages,
        f"{task}\n{AGAIN[language].replace('{faults}', faults)}" if faults else task,
        chunks=chunks,
        schema=schema_of(list(dict.fromkeys(kinds))),
        output=(_REPLY[0] * wanted, _REPLY[1] * wanted, _REPLY[2] * wanted + 100),
        language=language,
    )


def _passage(number: int, chunk: Chunk, fence: str) -> str:
    title = " › ".join(part for part in (chunk.title, chunk.place) if part)
    text = f"{chunk.piece.lead}\n{chunk.text}" if chunk.piece.lead else chunk.text
    return f"{fence} [{number}] {harmless(title)}\n{harmless(text)}\n{fence}"


def _sorted_out(
    reply: str, batch: Batch, seed: int, refused: Collection[str]
) -> tuple[list[Question], list[tuple[str, Fault]]]:
    """Part what stands from what does not, with the reason; a question that stands twice counts once."""
    good: dict[str, Question] = {}
    faults: list[tuple[str, Fault]] = []
    for one in questions_in(reply):
        judged = checked(one, batch.chunks, batch.kinds, seed)
        if isinstance(judged, Question):
            if judged.fingerprint not in refused:
                good.setdefault(judged.fingerprint, judged)
        else:
            faults.append((one.question, judged))
    return list(good.values()), faults


def _again(batch: Batch, faults: Sequence[tuple[str, Fault]], missing: int) -> Draft:
    language: Language = language_of(batch.chunks[0].text)
    said = [f"- {harmless(question[:160])} ({FAULT[language][fault]})" for question, fault in faults[:AT_ONCE]]
    lines = "\n".join(said) or ("- JSON ✗" if not faults else "")
    return _written(batch.chunks, batch.kinds, batch.draft.connection, lines, missing)
