"""Models of an Ollama server: chat through LlamaIndex's Ollama LLM, embeddings through the same client. Knows no price.

The client is ours: Ollama's own would send OLLAMA_API_KEY to any host, follow redirects and wait without end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from assistant.errors import ModelError, SettingsError
from assistant.providers.base import Delta, Embedded, Request, Usage
from assistant.providers.failures import Call
from assistant.providers.keys import Secret, checked_base_url
from assistant.providers.pump import pumped
from assistant.providers.reasons import because
from assistant.providers.rows import embed_all, learned_dimension, unit_rows
from assistant.providers.thinking_tags import thinking_apart
from assistant.providers.wire import Patience, Wire

if TYPE_CHECKING:
    import httpx
    import numpy as np
    import ollama
    from numpy.typing import NDArray

T = TypeVar("T")

LOADING = Patience(first=300.0)  # a large model may take minutes to load before its first word
ASKING = Patience(first=15.0, between=15.0)
BATCH = 32
KEEP_ALIVE = "5m"  # how long a model stays in memory after an answer; the server's own default
_LENGTH_OF_TIME = re.compile(r"-?\d+(?:\.\d+)?(?:ms|s|m|h)")
_PORT = 11434


class OllamaModel:
    """A chat model of an Ollama server; implements ``ChatModel``.

    ``num_ctx`` is sent with every request: left to itself the server takes 4 096 on most machines and drops the rest unseen.
    """

    provider = "ollama"

    def __init__(
        self,
        model: str,
        host: str,
        num_ctx: int,
        key: Secret | None = None,
        *,
        keep_alive: str = KEEP_ALIVE,
        patience: Patience = LOADING,
    ) -> None:
        self.name = model
        self.num_ctx = num_ctx
        self._keep_alive = sent_keep_alive(keep_alive)
        self._host = host_url(host)
        self._key = key
        self._patience = patience
        self._call = Call("ollama", model, self._host, "ollama", key)

    def stream(self, request: Request) -> Iterator[Delta]:
        """Yield the answer; closing ends the request at the server."""
        wire = Wire(self._host, self._key, self._patience, "OLLAMA_HOST")
        yield from pumped(lambda: thinking_apart(self._read(wire, request)), wire.cut)

    def _read(self, wire: Wire, request: Request) -> Iterator[Delta]:
        from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock
        from llama_index.llms.ollama import Ollama

        longest = None if request.max_tokens is None else request.max_tokens + (request.thinking_budget or 0)
        options = {} if longest is None else {"num_predict": longest}
        finished = False
        with client_over(wire, _uncut) as client:
            llm = Ollama(
                model=self.name,
                base_url=self._host,
                context_window=self.num_ctx,
                client=client,
                thinking=request.thinking,
                keep_alive=self._keep_alive,
                additional_kwargs=options,
            )
            messages = [
                ChatMessage(
                    role=message.role,
                    blocks=[
                        TextBlock(text=message.content),
                        *(ImageBlock(image=one.content, image_mimetype=one.kind) for one in message.pictures),
                    ],
                )
                for message in request.messages
            ]
            wanted = {} if request.schema is None else {"format": dict(request.schema)}
            replies = guarded(llm.stream_chat(messages, **wanted), self._call)
            for reply in replies:
                delta = _delta(reply)
                finished = finished or delta.finish is not None
                yield delta
        if not finished:
            raise self._call.broke_off()


class OllamaEmbedder:
    """An embedding model of an Ollama server; implements ``ServedEmbedder``. A text that would be cut is an error, not a vector."""

    def __init__(
        self,
        model: str,
        host: str,
        num_ctx: int,
        key: Secret | None = None,
        *,
        dimension: int | None = None,
        keep_alive: str = KEEP_ALIVE,
        patience: Patience = LOADING,
    ) -> None:
        self._keep_alive = sent_keep_alive(keep_alive)
        self._model = model
        self._host = host_url(host)
        self._num_ctx = num_ctx
        self._key = key
        self._patience = patience
        self._dimension = dimension
        self._call = Call("ollama", model, self._host, "ollama", key, embeds=True)

    @property
    def key(self) -> str:
        """Vendor and model; vectors are stored under it."""
        return f"ollama/{self._model}"

    @property
    def dimension(self) -> int:
        """How many numbers a vector has; a first short request tells."""
        if self._dimension is None:
            self._dimension = learned_dimension(self)
        return self._dimension

    @property
    def max_texts(self) -> int:
        """The most texts that one request may hold; the server has no limit of its own."""
        return BATCH

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 per text, of length 0 for a blank one, which is not sent."""
        return embed_all(self, texts) if texts else unit_rows(0, (), (), self._dimension, self._call)

    def embed_batch(self, texts: Sequence[str]) -> Embedded:
        """Send one request and check what comes back; its vectors are as those of ``embed``."""
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        vectors: Sequence[Sequence[float]] = ()
        billed: int | None = 0
        if wanted:
            with client_over(Wire(self._host, self._key, self._patience, "OLLAMA_HOST")) as client:
                reply = asked(lambda: self._ask(client, [texts[index] for index in wanted]), self._call)
            vectors, billed = reply.embeddings, reply.prompt_eval_count
            if len(vectors) != len(wanted):
                raise self._call.bad(because("count", vectors=len(vectors), texts=len(wanted)))
        rows = unit_rows(len(texts), wanted, vectors, self._dimension, self._call)
        self._dimension = self._dimension or rows.shape[1] or None
        return Embedded(rows, billed)

    def _ask(self, client: ollama.Client, batch: list[str]) -> ollama.EmbedResponse:
        return client.embed(
            model=self._model,
            input=batch,
            truncate=False,
            options={"num_ctx": self._num_ctx},
            keep_alive=self._keep_alive,
        )


def list_models(host: str, key: Secret | None = None, *, patience: Patience = ASKING) -> tuple[str, ...]:
    """Ask an Ollama server which models it has pulled."""
    address = host_url(host)
    with client_over(Wire(address, key, patience, "OLLAMA_HOST")) as client:
        found = asked(client.list, Call("ollama", "", address, "ollama", key))
    return tuple(sorted(model.model for model in found.models if model.model))


def context_length(host: str, model: str, key: Secret | None = None, *, patience: Patience = ASKING) -> int | None:
    """Ask how many tokens a model was trained to read: the most that ``num_ctx`` is good for; None if it does not say."""
    address = host_url(host)
    with client_over(Wire(address, key, patience, "OLLAMA_HOST")) as client:
        shown = asked(lambda: client.show(model), Call("ollama", model, address, "ollama", key))
    facts: Mapping[str, Any] = shown.modelinfo or {}
    lengths = [value for name, value in facts.items() if name.endswith(".context_length") and isinstance(value, int)]
    return lengths[0] if lengths else None


def sent_keep_alive(written: str) -> str | int:
    """Return how long to keep a model as the server reads it: a bare number (-1: for ever, 0: not at all) must not be a string."""
    text = written.strip()
    if re.fullmatch(r"-1|\d{1,9}", text):
        return int(text)
    if _LENGTH_OF_TIME.fullmatch(text):
        return text
    raise SettingsError(name="keep_alive", value=repr(written), allowed="5m, 1h, -1, 0")


def host_url(host: str) -> str:
    """Complete an address as Ollama's own variable writes it: scheme and port may be missing, ``0.0.0.0`` means here."""
    address = host.strip() or "127.0.0.1"
    if "://" not in address:
        address = checked_base_url(f"http://{address}", "OLLAMA_HOST")
        address = address if urlsplit(address).port else f"{address}:{_PORT}"
    address = checked_base_url(address, "OLLAMA_HOST")
    return address.replace("//0.0.0.0", "//127.0.0.1", 1)


def client_over(wire: Wire, *leaving: Callable[[httpx.Request], None]) -> ollama.Client:
    """Make Ollama's client over a wire of ours, so that no key and no address of the environment is used.

    ``leaving`` sees each request on its way out.
    """
    import ollama

    options = wire.options
    options["event_hooks"]["request"] += leaving
    return ollama.Client(wire.base_url, **options)


def _uncut(request: httpx.Request) -> None:
    """Have the server refuse what it would drop unseen, be it old messages or half of the prompt.

    Neither Ollama's client nor LlamaIndex has a name for these two fields, so they are added to what is on its way.
    """
    import httpx

    body = json.dumps(json.loads(request.content) | {"truncate": False, "shift": False}, ensure_ascii=False).encode()
    request.headers["Content-Length"] = str(len(body))
    request.stream = httpx.ByteStream(body)


def asked(ask: Callable[[], T], call: Call) -> T:
    """Ask once; what the client raises becomes one of our errors."""
    return next(guarded((ask() for _ in range(1)), call))


def guarded(replies: Iterator[T], call: Call) -> Iterator[T]:
    """Pass replies on; what the client raises becomes one of our errors, without the client's words around it."""
    import httpx
    import ollama

    failure: ModelError | None = None
    try:
        yield from replies
    # The client takes the shape of a reply for granted: one that is no object, or lacks a field, ends in a TypeError.
    except (
        *(ollama.ResponseError, httpx.HTTPError, httpx.StreamError),
        *(ConnectionError, ValueError, TypeError, AttributeError, KeyError, RecursionError),
    ) as error:
        failure = call.failed(error)
    if failure is not None:
        raise failure


def _delta(reply: Any) -> Delta:
    raw = reply.raw
    usage = Usage(raw.get("prompt_eval_count"), raw.get("eval_count")) if raw.get("done") else None
    return Delta(
        text=reply.delta or "",
        thinking=reply.additional_kwargs.get("thinking_delta") or "",
        usage=usage,
        finish=(raw.get("done_reason") or "stop") if raw.get("done") else None,
    )
