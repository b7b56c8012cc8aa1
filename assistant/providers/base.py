"""What the rest of the app knows of a model: two small protocols. Knows no vendor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeGuard

from assistant.errors import Language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is sent: ``kind`` is its media type, sizes are in pixels."""

    kind: str
    content: bytes = field(repr=False)
    width: int
    height: int

    def __str__(self) -> str:
        """Say what it is without its bytes."""
        return f"{self.kind}, {self.width} × {self.height}, {len(self.content)} B"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it goes over the wire; its pictures go before its words are answered."""

    role: Role
    content: str
    pictures: tuple[Picture, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the message to be kept and shown: of pictures only what they are."""
        seen = {"pictures": [str(picture) for picture in self.pictures]} if self.pictures else {}
        return {"role": self.role, "content": self.content, **seen}


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider says it billed; None where it said nothing.

    ``reasoning_tokens`` are part of ``completion_tokens``, ``cached_tokens`` part of ``prompt_tokens``.
    """

    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered quotation inside the prompt: number n is cited as [n]."""

    number: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """The literal messages, and the same question and passages unrendered for models that only quote.

    ``max_tokens``: where the answer must stop, None for the model's own limit. ``thinking``: think first, if the model can
    choose; ``thinking_budget``: the most tokens for that, on top of the answer's, None where nobody thinks.
    ``context`` is the former question that this one refers back to, ``language`` the one to answer in where it is known.
    ``schema``: the JSON schema that the answer has to follow, enforced where the provider can.
    """

    messages: tuple[Message, ...]
    question: str
    passages: tuple[Passage, ...]
    max_tokens: int | None = None
    thinking: bool = False
    context: str = ""
    language: Language | None = None
    thinking_budget: int | None = None
    schema: Mapping[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of an answer; the last ones carry the usage and why it ended ("stop", "length", ...), if that is known."""

    text: str = ""
    thinking: str = ""
    usage: Usage | None = None
    finish: str | None = None


class ChatModel(Protocol):
    """Answers a request piece by piece; closing the iterator stops the model."""

    @property
    def provider(self) -> str:
        """The vendor, by the name that settings use."""
        ...

    @property
    def name(self) -> str:
        """The model, as its vendor calls it."""
        ...

    def stream(self, request: Request) -> Iterator[Delta]:
        """Yield the answer; raise ``ModelError`` when it cannot."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors; ``key`` names model and settings, vectors of different keys never mix."""

    @property
    def key(self) -> str:
        """Vendor, model and version in one word; vectors are stored under it."""
        ...

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text, shape (len(texts), dimension), each of length 1 (or 0 for no content)."""
        ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors that one request brought; ``tokens`` is what the server billed for it, None where it did not say."""

    rows: NDArray[np.float32]
    tokens: int | None


class ServedEmbedder(Embedder, Protocol):
    """An embedder behind a server, which can be asked request by request."""

    @property
    def max_texts(self) -> int:
        """The most texts that one request may hold."""
        ...

    def embed_batch(self, texts: Sequence[str]) -> Embedded:
        """Send one request; its rows are as those of ``embed``, and blank texts are not sent."""
        ...


def is_served(embedder: Embedder) -> TypeGuard[ServedEmbedder]:
    """Tell whether an embedder can be asked request by request; looks at its class, for ``dimension`` may ask a server."""
    return hasattr(type(embedder), "embed_batch")
