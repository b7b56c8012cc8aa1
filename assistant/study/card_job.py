"""Cards being written by a model in the background: what has come is kept call by call."""

from __future__ import annotations

from assistant.money.ledger import Ledger
from assistant.study.card_writing import CardsDraft, write_cards
from assistant.study.cards import Cards
from assistant.study.job import Job


class CardJob(Job):
    """One run over a draft."""

    def __init__(self, draft: CardsDraft, cards: Cards, ledger: Ledger) -> None:
        super().__init__("cards", cards.database)
        self.total = len(draft.batches)
        self.found = 0
        self.known = 0
        self._draft, self._cards, self._ledger = draft, cards, ledger

    def _work(self) -> None:
        for batch in self._draft.batches:
            if self._stop.is_set():
                break
            written = write_cards(batch, self._ledger, self._stop.is_set)
            proposed = self._cards.propose(written.cards)
            self.found += len(proposed.ids)
            self.known += proposed.known
            self.dropped += written.dropped
            self.done += 1
