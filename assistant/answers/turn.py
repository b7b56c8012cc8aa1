"""A running answer as an object of the process: reruns, reloads and other tabs attach to it. Knows no screen."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator
from typing import Any

from assistant.answers.ask import Answer, Draft, finish, send
from assistant.answers.booking import book, book_refused
from assistant.answers.conversations import Conversations, State
from assistant.errors import AssistantError, Cancelled, ModelError, OutOfMemory
from assistant.knowledge.chunks import Match
from assistant.money.ledger import Ledger
from assistant.providers.base import Delta, Usage

SAVE_SECONDS = 1.0  # a crash may cost two seconds of an answer: this, the next beat of the stream, and the writing


class Turn:
    """One draft being answered in a thread of its own, saved as it grows."""

    def __init__(self, turn_id: int, draft: Draft, conversations: Conversations, ledger: Ledger) -> None:
        self.id = turn_id
        self.draft = draft
        self.text = ""
        self.thinking = ""
        self.waiting: tuple[ModelError, float] | None = None
        self.state: State = "running"
        self.answer: Answer | None = None
        self.error: AssistantError | None = None
        self._conversations = conversations
        self._ledger = ledger
        self._usage: Usage | None = None
        self._begun = False
        self._stop = threading.Event()
        self._started = time.perf_counter()
        self._thread = threading.Thread(target=self._run, name=f"turn-{turn_id}", daemon=True)

    def start(self) -> Turn:
        """Begin; returns at once."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop the model at its next word; what has been said stays."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the answer has ended, or for ``seconds``."""
        self._thread.join(seconds)

    def _run(self) -> None:
        state: State = "failed"
        try:
            self.answer, state = self._follow(send(self.draft, self._note_wait, self._stop.is_set, self._note_refused))
            self.text = self.answer.text
        except Cancelled:
            self.answer, state = self._so_far(), "stopped"
        except AssistantError as error:
            self.error = error
        except MemoryError:
            self.error = OutOfMemory()
        finally:
            if self.answer is None and self.error is None:  # a defect of ours: the traceback goes to the log
                logging.getLogger(__name__).error("turn %s ended without an answer", self.id)
                self.error = AssistantError(detail="answer")
            self._end(state)

    def _end(self, state: State) -> None:
        try:
            with self._conversations.at_once():  # an answer and its bill, or neither
                self._enter(state)
                self._save(state)
        except AssistantError as error:  # a full disk: what was said can still be read on screen
            self.error, state = error, "failed"
        finally:
            self.state = state

    def _follow(self, pieces: Generator[Delta, None, Answer]) -> tuple[Answer, State]:
        saved = time.monotonic()
        while True:
            if self._stop.is_set():
                pieces.close()
                return self._so_far(), "stopped"
            try:
                delta = next(pieces)
            except StopIteration as end:
                return end.value, "complete"
            self.waiting, self._begun = None, True
            self.text += delta.text
            self.thinking += delta.thinking
            self._usage = delta.usage or self._usage
            if time.monotonic() - saved > SAVE_SECONDS:
                saved = time.monotonic()
                self._save("running")

    def _so_far(self) -> Answer:
        return finish(self.draft, self.text, self._usage, time.perf_counter() - self._started, None, self.thinking)

    def _note_wait(self, error: ModelError, seconds: float) -> None:
        self.waiting = (error, seconds)

    def _note_refused(self, error: AssistantError | None, seconds: float) -> None:
        book_refused(self._ledger, self.draft, error, seconds)

    def _enter(self, state: State) -> None:
        """Write the call into the ledger, also when it failed or was stopped: it may have cost something."""
        if self._begun or state == "complete":  # what ended before its first word has been entered by itself
            receipt = (self.answer or self._so_far()).receipt
            book(self._ledger, self.draft, receipt, state, self.error, self.text + self.thinking)

    def _save(self, state: State) -> None:
        record = record_of(self.draft, self.answer, self.error) | {"thinking": self.thinking}
        self._conversations.save(self.id, self.text, state, record)


class Turns:
    """The running answers of this process, one per conversation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Turn] = {}

    def start(self, conversation: str, turn: Turn) -> Turn:
        """Start a turn, or return the one that this conversation is still waiting for."""
        with self._lock:
            current = self._running.get(conversation)
            if current is not None and current.state == "running":
                return current
            self._running[conversation] = turn
            return turn.start()

    def of(self, conversation: str) -> Turn | None:
        """Return the conversation's running turn, if there is one."""
        turn = self._running.get(conversation)
        return turn if turn is not None and turn.state == "running" else None

    def stop_all(self, seconds: float = 5.0) -> None:
        """Stop every running answer and wait until what was said is saved, each for so many seconds at most."""
        with self._lock:
            running = [turn for turn in self._running.values() if turn.state == "running"]
        for turn in running:
            turn.cancel()
        for turn in running:
            turn.wait(seconds)


def record_of(draft: Draft, answer: Answer | None, error: AssistantError | None) -> dict[str, Any]:
    """Return everything about a turn that outlives the process, as JSON."""
    return {
        "language": draft.language,
        "relevant": draft.relevant,
        "basis": draft.basis,
        "nearest": [] if draft.matches else [match_json(match) for match in draft.found],
        "scope": draft.asked.reach.as_json(),
        "left_out": draft.left_out if draft.asks_a_model else 0,
        "search_seconds": round(draft.asked.search_seconds, 4),
        "quotes": draft.connection.quotes,
        "context": draft.context,
        "search": draft.findings.asked.as_json(),
        "refined": [step.as_json() for step in draft.asked.refined],
        "preview": draft.preview.as_json(),
        "messages": [message.as_json() for message in draft.request.messages],
        "matches": [match_json(match) | {"chars": list(match.chunk.piece.chars)} for match in draft.matches],
        "citations": [
            citation.as_json() | {"title": citation.title, "chars": list(citation.chars)}
            for citation in answer.citations
        ]
        if answer
        else [],
        "invented": answer.invented if answer else 0,
        "verification": answer.verdict.as_json() if answer else None,
        "receipt": answer.receipt.as_json() if answer else None,
        "error": error_json(error) if error else None,
    }


def error_json(error: AssistantError) -> dict[str, Any]:
    """Return an error in both languages: the learner may change theirs before reading the conversation again."""
    return {
        "kind": error.kind,
        "zh": error.message("zh"),
        "en": error.message("en"),
        "hint": {"zh": error.hint("zh"), "en": error.hint("en")},
    }


def match_json(match: Match) -> dict[str, Any]:
    """Return the contract's form of a match."""
    piece = match.chunk.piece
    return {
        "note": match.chunk.note,
        "title": match.chunk.title,
        "kind": match.chunk.kind,
        "heading": list(piece.path),
        "page": piece.page,
        "ocr": match.chunk.ocr,
        "lines": list(piece.lines),
        "chars": list(piece.chars),
        "text": piece.text,
        "lead": piece.lead,
        "score": round(match.score, 4),
        "scores": {
            "vector": _rounded(match.scores.vector),
            "keyword": _rounded(match.scores.keyword),
            **({} if match.scores.rerank is None else {"rerank": _rounded(match.scores.rerank)}),
        },
        "also": [
            {"note": copy.note, "title": copy.title, "lines": list(copy.piece.lines), "page": copy.piece.page}
            for copy in match.also
        ],
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
