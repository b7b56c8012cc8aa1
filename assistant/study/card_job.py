"""Cards being written by a model in the background: it outlives the page, and what has come is kept call by call."""

from __future__ import annotations

import threading

from assistant.errors import AssistantError
from assistant.money.ledger import Ledger
from assistant.study.card_writing import CardsDraft, write_cards
from assistant.study.cards import Cards


class CardJob:
    """One run over a draft; its figures may be read at any time."""

    def __init__(self, draft: CardsDraft, cards: Cards, ledger: Ledger) -> None:
        self.total = len(draft.batches)
        self.done = 0
        self.found = 0
        self.known = 0
        self.dropped = 0
        self.error: AssistantError | None = None
        self._draft, self._cards, self._ledger = draft, cards, ledger
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cards", daemon=True)

    @property
    def running(self) -> bool:
        """Whether calls are still being made."""
        return self._thread.is_alive()

    def start(self) -> CardJob:
        """Begin."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop the call that is running and make no more; what came is kept."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            for batch in self._draft.batches:
                if self._stop.is_set():
                    break
                written = write_cards(batch, self._ledger, self._stop.is_set)
                proposed = self._cards.propose(written.cards)
                self.found += len(proposed.ids)
                self.known += proposed.known
                self.dropped += written.dropped
                self.done += 1
        except AssistantError as error:
            self.error = error
        finally:
            self._cards.database.close()
