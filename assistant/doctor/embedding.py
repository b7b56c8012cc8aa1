"""The checks that ask an embedding model: how long its vectors are, and how many texts one request may hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.doctor.checks import Finding, Step, failed, ok, skipped
from assistant.doctor.provider import Subject
from assistant.doctor.spend import Spend, book_embedding, embedding_spend
from assistant.doctor.texts import said
from assistant.errors import ModelError, ParameterRefused, PromptTooLong
from assistant.providers.base import Embedded, is_served

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXT = "a"
LADDER = (1, 10, 11, 25, 26, 64, 65)  # the limits in use are 10, 25 and 64: each is tried with one more


def embedding_steps(subject: Subject) -> Iterator[Step]:
    """Return the checks that ask the model."""
    yield subject.step("vector", lambda: _vector(subject))
    yield subject.step("batch", lambda: _batch(subject))


def spend_of_embedding(subject: Subject) -> Spend | None:
    """Say what asking will cost at most; None where nothing is asked or the choice is not complete."""
    if subject.vendor.kind == "offline" or not subject.choice.model:
        return None
    _, entry = subject.assistant.connections.embedder(subject.choice)
    return embedding_spend(entry, (1, *_sizes(subject)))


def _sizes(subject: Subject) -> tuple[int, ...]:
    """Return how many texts to try in one request: around the limit that the catalogue names, else up a ladder."""
    if subject.vendor.kind == "ollama":
        return ()
    limit = _known_limit(subject)
    return LADDER if limit is None else (limit, limit + 1)


def _known_limit(subject: Subject) -> int | None:
    known = subject.assistant.connections.catalog
    entries = [entry for entries in known.sheets.embeddings.values() for entry in entries]
    mine = (entry for entry in entries if (entry.provider, entry.name) == (subject.vendor.name, subject.choice.model))
    return next((entry.max_texts for entry in mine), None)


def _vector(subject: Subject) -> Finding:
    """Have one letter embedded: the length of its vector is that of all."""
    embedder, _ = subject.assistant.connections.embedder(subject.choice)
    width = _embedded(subject, 1).shape[1]  # another than the catalogue's is an error of the embedder already
    return ok(said("dimension", key=embedder.key, width=width))


def _batch(subject: Subject) -> Finding:
    """Raise the number of texts until the server refuses; a refusal is what the check is after, and bills nothing."""
    sizes, known = _sizes(subject), _known_limit(subject)
    if not sizes:
        return skipped(said("no_limit"))
    taken = 0
    for size in sizes:
        try:
            _embedded(subject, size)
        except (PromptTooLong, ParameterRefused):
            return _limited(taken, known)
        except ModelError as error:
            if type(error) is not ModelError:  # a key, a network, a rate: says nothing of the limit
                raise
            return _limited(taken, known)
        taken = size
    return (
        ok(said("takes_more", taken=taken))
        if known is None
        else ok(said("takes_more_than_known", taken=taken, known=known))
    )


def _limited(taken: int, known: int | None) -> Finding:
    if known is None:
        return ok(said("limit_found", taken=taken)) if taken else failed(said("takes_none"), said("other_model"))
    if taken == known:
        return ok(said("limit_as_known", known=known))
    return failed(said("limit_lower", known=known), said("report_limit"))


def _embedded(subject: Subject, size: int) -> NDArray[np.float32]:
    """Send so many texts in one request, and write the call into the ledger."""
    embedder, entry = subject.assistant.connections.embedder(subject.choice, max_texts=size)
    failure: ModelError | None = None
    started = time.perf_counter()
    answer: Embedded | None = None
    try:
        answer = embedder.embed_batch([TEXT] * size) if is_served(embedder) else None
    except ModelError as error:
        failure = error
    tokens = answer.tokens if answer else None
    book_embedding(subject.assistant, entry, size, tokens, time.perf_counter() - started, failure)
    if failure is not None:
        raise failure
    return answer.rows if answer else embedder.embed([TEXT] * size)
