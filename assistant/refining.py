"""The steps that a model may take for a search, as the learner chose them: what they are, what each costs, and taking one.

Knows the settings and the learner's rule, and no screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from assistant.answers import ask
from assistant.answers.draft import Draft, reordered
from assistant.answers.followup import context_of
from assistant.answers.prompt import Exchange
from assistant.answers.refinement import Kind, Method
from assistant.answers.reranking import CANDIDATES, Reranking, prepare_reranking, send_reranking
from assistant.answers.rewriting import Rewriting, prepare_rewriting, send_rewriting
from assistant.bootstrap import Assistant
from assistant.connections import Choice, choice_of
from assistant.errors import SettingsError
from assistant.knowledge.chunks import Match
from assistant.language.asking import is_small_talk
from assistant.money.budget import exceeded
from assistant.money.cost import Forecast
from assistant.providers.catalog import RerankEntry
from assistant.providers.rerank import Reranker

LIMIT = 6  # passages that a question gets


@dataclass(frozen=True, slots=True)
class Step:
    """A step that has not been taken: what it would send, how much of it, and for what."""

    kind: Kind
    provider: str
    model: str
    tokens: int
    cost: Forecast | None
    local: bool
    work: Rewriting | Reranking


def method_of(app: Assistant) -> Method | None:
    """Return how questions are to be worded anew, None: not at all."""
    kept = app.preferences.all().get("rewriting")
    return cast("Method", kept) if kept in get_args(Method) else None


def choose_method(app: Assistant, method: Method | None) -> None:
    """Have questions worded anew from now on, or no more."""
    app.preferences.choose("rewriting", method)


def reranker_choice(app: Assistant) -> Choice | None:
    """Return the reranking model that was chosen, None: none."""
    kept = app.preferences.all().get("rerank")
    choice = choice_of(kept, Choice())
    return choice if choice.model and app.connections.catalog.knows(choice.provider) else None


def choose_reranker(app: Assistant, choice: Choice | None) -> None:
    """Have what is found put in order by this model from now on, or by none."""
    app.preferences.choose("rerank", choice.as_json() if choice else None)


def rerankers(app: Assistant) -> list[tuple[Choice, RerankEntry]]:
    """Return the reranking models that the catalogue knows where a key is at hand."""
    found = []
    for vendor in app.connections.catalog.providers:
        here = app.chat_choice if app.chat_choice.provider == vendor.name else Choice(vendor.name)
        address = here.base_url or vendor.default_base_url
        for entry in app.connections.catalog.reranks(vendor.name, address):
            choice = Choice(vendor.name, entry.name, here.base_url)
            if app.connections.usable(choice):
                found.append((choice, entry))
    return found


def reranker(app: Assistant, choice: Choice) -> Reranker:
    """Connect to a reranking model; nothing is sent yet."""
    connections = app.connections
    vendor, address = connections.catalog.provider(choice.provider), connections.address(choice)
    for entry in connections.catalog.reranks(vendor.name, address):
        if entry.name == choice.model:
            return Reranker(entry, vendor, address, connections.key(vendor, address))
    known = ", ".join(f"{chosen.provider}/{chosen.model}" for chosen, _ in rerankers(app))
    raise SettingsError(name="rerank", value=f"{choice.provider}/{choice.model}", allowed=known or "?")


def steps(
    app: Assistant,
    draft: Draft,
    history: Sequence[Exchange],
    *,
    method: Method | None = None,
    choice: Choice | None = None,
) -> list[Step]:
    """Return the steps that are wanted for a draft and not taken yet, each counted and priced; nothing is sent.

    ``method`` and ``choice`` are those to take; a draft that was refined by one kind of step is not by the same again.
    """
    taken = {step.kind for step in draft.asked.refined}
    found = []
    if is_small_talk(draft.question):
        return []
    if method and not taken & {"rewrite", "hyde", "several", "rerank"} and _has_a_use(method, draft, history):
        rewriting = prepare_rewriting(method, draft.question, history, draft.connection, draft.language)
        model, entry = draft.connection.model, draft.connection.entry
        found.append(Step(method, model.provider, model.name, rewriting.tokens, rewriting.cost, entry.local, rewriting))
    if choice and "rerank" not in taken and draft.relevant and len(draft.found) > 1:
        reranking = prepare_reranking(draft.question, _candidates(app, draft), reranker(app, choice))
        if len(reranking.texts) > 1:
            entry_ = reranking.reranker.entry
            found.append(
                Step("rerank", entry_.provider, entry_.name, reranking.tokens, reranking.cost, False, reranking)
            )
    return found


def _has_a_use(method: Method, draft: Draft, history: Sequence[Exchange]) -> bool:
    """A question is made to stand alone only where it does not; the model that only quotes words nothing anew."""
    return not draft.connection.quotes and (method != "rewrite" or bool(context_of(draft.question, history)))


def _candidates(app: Assistant, draft: Draft) -> tuple[Match, ...]:
    asked, reach = draft.asked, draft.asked.reach
    findings = ask.find(
        asked.question, asked.context, app.search, reach.within, reach.pinned, CANDIDATES, asked.rewritten
    )
    return findings.matches


def must_wait(app: Assistant, step: Step) -> bool:
    """Tell whether a step has to be agreed to first, by the learner's rule or for a budget's sake."""
    return app.ask_first.applies_to_step(step.cost, bool(exceeded(app.budgets, step.cost)))


def take(app: Assistant, draft: Draft, history: Sequence[Exchange], step: Step) -> Draft:
    """Take a step and write the draft anew; where it fails the draft stays as it is, and says so."""
    if isinstance(step.work, Reranking):
        pinned = {match.chunk.id for match in draft.found if match.chunk.note in draft.asked.reach.pinned}
        matches, said = send_reranking(step.work, app.ledger, LIMIT, pinned)
        return reordered(draft, draft.found if said.failure else matches, said)
    rewritten = send_rewriting(step.work, app.ledger)
    return ask.prepare(
        draft.question,
        search=app.search,
        connection=draft.connection,
        history=history,
        answer_in=draft.language if draft.language_chosen else None,
        reach=draft.asked.reach,
        pictures=draft.asked.pictures,
        rewritten=rewritten,
    )


def refined(app: Assistant, draft: Draft, history: Sequence[Exchange]) -> Draft:
    """Take the chosen steps that need no yes, one after the other."""
    while wanted := chosen_steps(app, draft, history):
        if must_wait(app, wanted[0]):
            break
        draft = take(app, draft, history, wanted[0])
    return draft


def chosen_steps(app: Assistant, draft: Draft, history: Sequence[Exchange]) -> list[Step]:
    """Return the steps of the settings that a draft still lacks."""
    return steps(app, draft, history, method=method_of(app), choice=reranker_choice(app))
