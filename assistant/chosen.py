"""What the learner chose in the app, completed by what was given from outside: models, rules, budgets, keys. Chooses no part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

from assistant.answers.ask import Draft
from assistant.answers.drafts import AskFirst, ask_first_of
from assistant.connections import Choice, Connections, choice_of, given_chat, given_embedding
from assistant.errors import Language
from assistant.money.budget import Standing, budgets_of, exceeded, standings
from assistant.money.ledger import Ledger
from assistant.offers import offered
from assistant.preferences import Preferences
from assistant.settings import Settings, keep_key

_FORMER = 8  # addresses of models chosen before


@dataclass(kw_only=True)
class Chosen:
    """The choices of one data folder; a choice in the app holds until the environment says something else than it did then."""

    given: Settings
    preferences: Preferences
    ledger: Ledger
    connections: Connections

    @property
    def settings(self) -> Settings:
        """What was given from outside, completed by what the learner chose in the app."""
        return self.given.preferring(self.preferences.all())

    @property
    def chat_choice(self) -> Choice:
        """The chat model: as chosen in the app, until the environment names another one than it did then."""
        return self.connections.choice(self.preferences.all().get("chat"), given_chat(self.given))

    def choose_chat(self, choice: Choice) -> None:
        """Use a chat model from the next question on; one at an address of its own that it replaces can be found again."""
        left = self.chat_choice
        if left.base_url and left != choice:
            former = [one for one in self._former_choices() if one != left]
            self.preferences.choose("chat_former", [one.as_json() for one in [left, *former][:_FORMER]])
        self.preferences.choose("chat", choice.as_json() | {"instead_of": given_chat(self.given).as_json()})

    @property
    def embedding_choice(self) -> Choice:
        """The embedding model, by the same rule as the chat model."""
        return self.connections.choice(self.preferences.all().get("embedding"), given_embedding(self.given))

    def choose_embedding(self, choice: Choice) -> None:
        """Keep an embedding model; its vectors have to be complete already."""
        self.preferences.choose("embedding", choice.as_json() | {"instead_of": given_embedding(self.given).as_json()})

    @property
    def ask_first(self) -> AskFirst:
        """The learner's rule for what must be shown before it is sent."""
        return ask_first_of(self.preferences.all().get("ask_first"))

    @property
    def answer_language(self) -> Language | None:
        """The language that answers are in, as the learner chose it; None: that of the question."""
        kept = self.preferences.all().get("answer_language")
        return cast("Language", kept) if kept in get_args(Language) else None

    @property
    def budgets(self) -> list[Standing]:
        """The learner's budgets and where each of them stands now."""
        return standings(budgets_of(self.preferences.all().get("budgets")), self.ledger)

    def must_wait(self, draft: Draft) -> bool:
        """Tell whether a draft has to be shown before it is sent, by the learner's rule or for a budget's sake."""
        return self.ask_first.applies_to(draft, bool(exceeded(self.budgets, draft.preview.cost)))

    def choices_beside(self, chosen: Choice) -> list[Choice]:
        """Return every chat model that could be asked now, this one first; see ``offers.offered``."""
        return offered(self.connections, chosen, self._former_choices())

    def _former_choices(self) -> list[Choice]:
        kept = self.preferences.all().get("chat_former")
        return [choice_of(one, Choice()) for one in kept] if isinstance(kept, list) else []

    def keep_key(self, name: str, value: str) -> None:
        """Use a key from now on and write it into .env, where the next start finds it."""
        self.connections.set_key(name, value)
        keep_key(name, value)

    @property
    def watches(self) -> bool:
        """Whether the learner wants changes of the folders noticed by themselves; yes until it was switched off."""
        return self.preferences.all().get("watch") is not False


def searches_with_vectors(preferences: Preferences) -> bool:
    """Tell whether the learner lets the embedding model be asked for each question; yes until it was taken back."""
    return preferences.all().get("search_with_vectors") is not False
