"""A question ready to be sent: written, counted and fitted into the model's window. Knows no search and sends nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.answers.connection import Connection, too_long
from assistant.answers.prompt import HISTORY_TURNS, Basis, Exchange, Prompt, compose
from assistant.answers.refinement import Refinement
from assistant.answers.rewriting import Rewritten
from assistant.answers.scope import NO_LIMIT, Reach
from assistant.errors import Language, ModelError, PicturesRefused
from assistant.knowledge.chunks import Match
from assistant.knowledge.search import Findings
from assistant.language.asking import is_small_talk
from assistant.language.discreet import keys_in
from assistant.money.cost import NO_CHARGE, Parts, Preview, forecast
from assistant.money.picture_tokens import picture_tokens
from assistant.providers.base import Picture, Request

_OWN_SERVERS = ("ollama", "custom")  # the catalogue cannot know their models: they may be tried, and it is said


@dataclass(frozen=True, slots=True)
class Asked:
    """What stays the same however a draft is changed.

    ``found`` is what the search brought; ``findings`` tells how: with vectors or without, and what the question's vector
    has cost already. ``former`` is how many turns the conversation had before. ``language_chosen``: the learner wants
    answers in ``language`` whatever the question's is. ``refined`` are the steps that models took for the search,
    ``rewritten`` what one made of the question.
    """

    question: str
    language: Language
    context: str
    found: tuple[Match, ...]
    relevant: bool
    fence: str
    findings: Findings
    reach: Reach = NO_LIMIT
    pictures: tuple[Picture, ...] = ()
    former: int = 0
    search_seconds: float = 0.0
    language_chosen: bool = False
    rewritten: Rewritten | None = None
    refined: tuple[Refinement, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A question ready to be sent: the very messages, what they contain and what they will cost.

    ``dropped`` are the places in what was found that the learner left out; ``matches`` is what is sent. ``basis`` is what
    the answer rests on: the notes, or where they hold nothing, general knowledge or a picture; or nothing.
    """

    asked: Asked
    basis: Basis
    dropped: frozenset[int]
    history: tuple[Exchange, ...]
    connection: Connection
    request: Request
    preview: Preview

    @property
    def question(self) -> str:
        """The question as it is searched and sent."""
        return self.asked.question

    @property
    def language(self) -> Language:
        """The language to answer in."""
        return self.asked.language

    @property
    def language_chosen(self) -> bool:
        """Whether the learner wants that language whatever the question's is."""
        return self.asked.language_chosen

    @property
    def context(self) -> str:
        """The former question that this one refers back to."""
        return self.asked.context

    @property
    def found(self) -> tuple[Match, ...]:
        """All that the search brought."""
        return self.asked.found

    @property
    def relevant(self) -> bool:
        """Whether the notes answer it."""
        return self.asked.relevant

    @property
    def findings(self) -> Findings:
        """How it was searched."""
        return self.asked.findings

    @property
    def fence(self) -> str:
        """The delimiter around quoted passages."""
        return self.asked.fence

    @property
    def matches(self) -> tuple[Match, ...]:
        """The matches that are sent or listed, in the order of their numbers."""
        if self.basis in ("general", "picture"):
            return ()
        return tuple(match for place, match in enumerate(self.found) if place not in self.dropped)

    @property
    def with_keys(self) -> int:
        """In how many of the passages that are sent something looks like a key; the messages hold its first letters only."""
        return sum(
            keys_in(f"{match.chunk.title}\n{match.chunk.piece.lead}\n{match.chunk.text}") > 0 for match in self.matches
        )

    @property
    def left_out(self) -> int:
        """How many of the former turns are not sent."""
        return self.asked.former - len(self.history)

    @property
    def asks_a_model(self) -> bool:
        """Whether sending reaches a model at all: not offline, and not when there is nothing to answer from."""
        return self.basis != "nothing" and not self.connection.quotes

    @property
    def refusal(self) -> ModelError | None:
        """Why this draft cannot be sent: a server would refuse it, or cut it unseen; None: it can."""
        preview = self.preview
        if self.asked.pictures and sees(self.connection) is False:
            return PicturesRefused(provider=preview.provider, model=preview.model)
        if preview.fits or not self.asks_a_model:
            return None
        return too_long(preview.provider, preview.prompt_tokens_high, preview.output_tokens[2], preview.context_window)


def sees(connection: Connection) -> bool | None:
    """Tell whether a model takes pictures; None where only trying will tell, at a server of the learner's own."""
    entry = connection.entry
    return None if entry.vision is None and entry.provider in _OWN_SERVERS else bool(entry.vision)


def write(
    asked: Asked, history: Sequence[Exchange], connection: Connection, dropped: Collection[int] = frozenset()
) -> Draft:
    """Write the messages and count them."""
    basis = _basis(asked, connection)
    kept = [match for place, match in enumerate(asked.found) if place not in dropped] if basis == "notes" else []
    history = tuple(history[-HISTORY_TURNS:])
    prompt = compose(
        asked.question, kept, history, asked.language, asked.fence,
        chosen=asked.language_chosen, basis=basis, pictures=asked.pictures,
    )  # fmt: skip
    request = Request(
        prompt.messages, asked.question, prompt.passages, connection.max_tokens, connection.thinking, asked.context,
        asked.language, connection.thinking_budget,
    )  # fmt: skip
    preview = _preview(prompt, connection, asked.pictures, asks=basis != "nothing" and not connection.quotes)
    return Draft(asked, basis, frozenset(dropped), history, connection, request, preview)


def fitted(draft: Draft) -> Draft:
    """Leave out the oldest turns until prompt and longest answer fit the window; what does not fit without any stays so."""
    shorter = draft
    while shorter.asks_a_model and shorter.preview.excess and shorter.history:
        shorter = write(draft.asked, shorter.history[1:], draft.connection, draft.dropped)
    return shorter


def reconsider(
    draft: Draft,
    *,
    connection: Connection | None = None,
    dropped: Collection[int] | None = None,
    history: Sequence[Exchange] | None = None,
) -> Draft:
    """Write a draft anew for another model, with other passages or less history; what was found stays, nothing is sent."""
    return write(
        draft.asked,
        draft.history if history is None else history,
        connection or draft.connection,
        draft.dropped if dropped is None else dropped,
    )


def reordered(draft: Draft, found: Sequence[Match], step: Refinement) -> Draft:
    """Write a draft anew with what a reranking model chose; passages that were ticked off may be among them again."""
    asked = replace(draft.asked, found=tuple(found), refined=(*draft.asked.refined, step))
    return fitted(write(asked, draft.history, draft.connection))


def _basis(asked: Asked, connection: Connection) -> Basis:
    if asked.relevant:
        return "notes"
    if connection.quotes or is_small_talk(asked.question):
        return "nothing"
    if asked.reach.general:
        return "general"
    return "picture" if asked.pictures else "nothing"


def _preview(prompt: Prompt, connection: Connection, pictures: Sequence[Picture], *, asks: bool) -> Preview:
    """Count the whole prompt as the server will read it, and its parts one by one; what joins them is overhead."""
    texts = (prompt.system, prompt.history, prompt.question, *prompt.chunks)
    counts = connection.counter.count(prompt.messages, texts, thinking=connection.thinking)
    system, history, question, *chunks = counts.parts
    output = connection.output_tokens if asks else (0, 0, 0)
    seen = picture_tokens(connection.entry.picture_rule, pictures)
    whole, high = counts.whole + (seen or 0), counts.high + (seen or 0)
    cost = forecast(connection.entry, whole, output, connection.thinking, high) if asks else NO_CHARGE
    if seen is None and not connection.entry.local:
        cost = None  # what a picture takes may be many times the rest
    return Preview(
        provider=connection.model.provider,
        model=connection.model.name,
        parts=Parts(system, history, tuple(chunks), question, counts.whole - sum(counts.parts), seen or 0),
        prompt_tokens_high=high,
        exact=counts.exact and not pictures,
        parts_exact=counts.parts_exact,
        output_tokens=output,
        cost=cost,
        context_window=connection.window,
        pictures_known=seen is not None,
    )
