"""Asks a server how many tokens it reads in a prompt, and how many it reads at most: llama.cpp's server and vLLM can tell.

Knows their interfaces and no vocabulary; which servers may be asked is for the caller to decide. Never raises.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.providers.base import Message
from assistant.providers.keys import Secret
from assistant.providers.wire import Patience, Wire

if TYPE_CHECKING:
    import httpx

SOON = Patience(connect=1.0, first=2.0, between=2.0)  # an estimate now is worth more than the truth later
GOOD_FOR = 60.0  # seconds that a server's facts are believed: it may be started anew with another context
SILENT_FOR = 15.0  # seconds that a server which could not tell is left alone
MOST_TEXTS = 4_096  # whose sizes are remembered for one server
_BETWEEN = -1  # stands between texts that are counted together: no text has a token of this number


@dataclass(frozen=True, slots=True)
class Told:
    """What a server said about a prompt; each is None where it did not say."""

    tokens: int | None = None
    window: int | None = None
    sizes: tuple[int, ...] | None = None


Ask = Callable[["_Line"], Told]
Fields = Callable[[bool], Mapping[str, Any]]


@dataclass(slots=True)
class _Known:
    """What this process remembers of one server: how it counts (None: not at all), its window, and for how long."""

    way: Callable[[_Line, Mapping[str, Any]], Told] | None = None
    way_until: float = 0.0
    sizes: dict[bytes, tuple[int, float]] = field(default_factory=dict)  # by hash of the text, each believed until then
    sizes_silent_until: float = 0.0
    window: int | None = None
    window_until: float = 0.0


_lock = threading.Lock()
_servers: dict[tuple[str, str, Secret | None], _Known] = {}


class CountingServer:
    """A server that may be able to count. What it says is remembered per address, model and key, for all of the process.

    ``fields``: what a request will say beside its messages to have the model think or not, because templates heed that.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        key: Secret | None,
        *,
        fields: Fields = lambda thinking: {},
        patience: Patience = SOON,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url
        self._model = model
        self._key = key
        self._fields = fields
        self._patience = patience
        self._clock = clock
        with _lock:
            self._known = _servers.setdefault((base_url, model, key), _Known())

    @property
    def counts(self) -> bool:
        """Whether the server counted when it was last asked; asks nothing itself."""
        return self._known.way is not None

    def count(self, messages: Sequence[Message], *, thinking: bool = False) -> int | None:
        """Say how many tokens the server would read, template and all; None when it cannot tell within two seconds."""
        known = self._known
        fresh = self._clock() < known.way_until
        if fresh and known.way is None:
            return None
        sent = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            **self._fields(thinking),
        }
        for way in [known.way] if fresh and known.way else _WAYS:
            told = self._ask(lambda line, way=way: way(line, sent))  # type: ignore[misc]
            if told is None:
                break  # it does not answer: the other ways would only take as long
            if told.tokens is not None:
                known.way, known.way_until = way, self._clock() + GOOD_FOR
                if told.window is not None:
                    self._note_window(told.window, GOOD_FOR)
                return told.tokens
        known.way, known.way_until = None, self._clock() + SILENT_FOR
        return None

    def sizes(self, texts: Sequence[str]) -> tuple[int, ...] | None:
        """Say how many tokens each text has by itself; None when the server cannot tell.

        A server that was never asked to ``count`` is not asked this. What it has said of a text is not asked again.
        """
        known, now = self._known, self._clock()
        way = _TEXT_WAYS.get(known.way) if known.way else None
        hashes = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        sizes = {key: size for key, (size, until) in list(known.sizes.items()) if now < until}
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if text and key not in sizes}
        if missing:
            silent = way is None or now < known.sizes_silent_until
            told = None if silent else self._ask(lambda line: way(line, list(missing.values())))  # type: ignore[misc]
            if told is None or told.sizes is None:
                known.sizes_silent_until = known.sizes_silent_until if silent else now + SILENT_FOR
                return None
            found = dict(zip(missing, told.sizes, strict=True))
            kept = {} if len(known.sizes) > MOST_TEXTS else known.sizes
            known.sizes = kept | {key: (size, now + GOOD_FOR) for key, size in found.items()}
            sizes |= found
        return tuple(sizes[key] if text else 0 for key, text in zip(hashes, texts, strict=True))

    @property
    def window(self) -> int | None:
        """How many tokens the server reads at most, prompt and answer together; None where it does not say."""
        if self._clock() >= self._known.window_until:
            told = self._ask(_window)
            window = told.window if told else None
            self._note_window(window, SILENT_FOR if window is None else GOOD_FOR)
        return self._known.window

    def _note_window(self, window: int | None, seconds: float) -> None:
        self._known.window, self._known.window_until = window, self._clock() + seconds

    def _ask(self, ask: Ask) -> Told | None:
        """Ask one thing; None when the server cannot be reached or does not answer in time."""
        import httpx

        try:
            wire = Wire(self._base_url, self._key, self._patience)
            with wire.cut_after(self._patience.first + self._patience.between), wire.client as client:
                return ask(_Line(client, wire.base_url, self._model))
        except (httpx.HTTPError, httpx.StreamError):
            return None


@dataclass(frozen=True, slots=True)
class _Line:
    """A connection to a server while it is asked one thing."""

    client: httpx.Client
    base_url: str
    model: str

    def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return _object(self.client.post(self.base_url + path, json=body))

    def get(self, path: str) -> Mapping[str, Any]:
        return _object(self.client.get(self.base_url + path))

    @property
    def root(self) -> _Line:
        """The same server without the /v1 that only OpenAI's own paths begin with."""
        return _Line(self.client, self.base_url.removesuffix("/v1"), self.model)


def _count_chat(line: _Line, sent: Mapping[str, Any]) -> Told:
    """llama.cpp, which says the whole count in one."""
    said = line.post("/chat/completions/input_tokens", sent)
    return Told(_number(said.get("input_tokens")))


def _render_and_count(line: _Line, sent: Mapping[str, Any]) -> Told:
    """llama.cpp before it had that: first the prompt as its template writes it, then its tokens."""
    prompt = line.root.post("/apply-template", sent).get("prompt")
    if not isinstance(prompt, str):
        return Told()
    said = line.root.post("/tokenize", {"content": prompt, "add_special": True, "parse_special": True})
    tokens = said.get("tokens")
    return Told(len(tokens) if isinstance(tokens, list) and tokens else None)


def _tokenize_chat(line: _Line, sent: Mapping[str, Any]) -> Told:
    """Ask vLLM, which says its window with every count."""
    said = line.root.post("/tokenize", {**sent, "add_generation_prompt": True})
    return Told(_number(said.get("count")), _number(said.get("max_model_len")))


def _sizes_at_once(line: _Line, texts: Sequence[str]) -> Told:
    """llama.cpp, which also takes a list of texts and tokens: one number between two texts tells them apart again."""
    content = [part for text in texts for part in (text, _BETWEEN)]
    body = {"content": content, "add_special": False, "parse_special": True}
    tokens = line.root.post("/tokenize", body).get("tokens")
    if not isinstance(tokens, list) or tokens.count(_BETWEEN) != len(texts):
        return Told()
    ends = [place for place, token in enumerate(tokens) if token == _BETWEEN]
    starts = [0, *(end + 1 for end in ends)]
    return Told(sizes=tuple(end - start for start, end in zip(starts, ends, strict=False)))


def _sizes_one_by_one(line: _Line, texts: Sequence[str]) -> Told:
    """Ask vLLM, which takes one text at a time, as long as all of them together take no longer than one question may."""
    sizes: list[int] = []
    end = time.monotonic() + SOON.first
    for text in texts:
        said = line.root.post("/tokenize", {"model": line.model, "prompt": text, "add_special_tokens": False})
        size = _number(said.get("count"))
        if size is None or time.monotonic() > end:
            return Told()
        sizes.append(size)
    return Told(sizes=tuple(sizes))


_WAYS = (_count_chat, _render_and_count, _tokenize_chat)
_TEXT_WAYS: Mapping[object, Callable[[_Line, Sequence[str]], Told]] = {
    _count_chat: _sizes_at_once,
    _render_and_count: _sizes_at_once,
    _tokenize_chat: _sizes_one_by_one,
}


def _window(line: _Line) -> Told:
    """Ask for the context of one slot (llama.cpp), else for the model's length in the list of models (vLLM)."""
    defaults = line.root.get("/props").get("default_generation_settings")
    size = _number(defaults.get("n_ctx")) if isinstance(defaults, Mapping) else None
    if size is None:
        models = line.get("/models").get("data")
        listed = [model for model in models if isinstance(model, Mapping)] if isinstance(models, list) else []
        size = next((_number(m.get("max_model_len")) for m in listed if m.get("id") == line.model), None)
    return Told(window=size)


def _object(response: httpx.Response) -> Mapping[str, Any]:
    """Read a reply; a refusal, or a page of somebody else, holds nothing. (LM Studio says 200 to what it does not know.)"""
    try:
        said = response.json() if response.status_code == 200 else None
    except (ValueError, RecursionError):
        said = None
    return said if isinstance(said, Mapping) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
