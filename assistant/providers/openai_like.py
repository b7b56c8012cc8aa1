"""Chat models of every OpenAI-compatible service, through the ``openai`` SDK. Knows dialects, and no price or prompt.

The SDK only sends and parses: keys, headers, time-outs and redirects are the wire's, retries are the caller's.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelError
from assistant.providers.base import Delta, Message, Request, Usage
from assistant.providers.failures import Call, parsed
from assistant.providers.keys import Secret
from assistant.providers.pump import pumped
from assistant.providers.reasons import because
from assistant.providers.thinking_tags import thinking_apart
from assistant.providers.wire import Patience, Wire

if TYPE_CHECKING:
    import openai

    from assistant.providers.entries import ChatEntry, ProviderEntry

# Where max_tokens does not count what is thought, which has a limit of its own; elsewhere one limit holds for both.
_BUDGET_APART = ("dashscope", "siliconflow")

# For an entry that names none; the catalogue's do.
_SWITCHES = {
    "dashscope": "enable_thinking",
    "siliconflow": "enable_thinking",
    "deepseek": "thinking_type",
    "openai": "reasoning_effort",
    "custom": "chat_template_kwargs",
}
# Who enforces a JSON schema, and who only that it is JSON at all; of the others some models refuse the field.
_SCHEMAS = ("openai", "custom")
_JSON_ONLY = ("dashscope", "deepseek")
_BODY_LIMIT = 65_536  # bytes that are read of a reply that is no stream


class OpenAILikeModel:
    """A chat model behind an OpenAI-compatible address; implements ``ChatModel``."""

    def __init__(
        self,
        entry: ChatEntry,
        provider: ProviderEntry,
        base_url: str,
        key: Secret | None,
        *,
        patience: Patience | None = None,
    ) -> None:
        self._entry = entry
        self._dialect = provider.dialect
        self._base_url = base_url
        self._key = key
        self._patience = patience or Patience()
        self._call = Call(entry.provider, entry.name, base_url, provider.dialect, key)

    @property
    def provider(self) -> str:
        """The vendor, by the name that settings use."""
        return self._entry.provider

    @property
    def name(self) -> str:
        """The model, as its vendor calls it."""
        return self._entry.name

    def stream(self, request: Request) -> Iterator[Delta]:
        """Yield the answer; nothing is sent before the first piece is asked for, closing ends the request at the server."""
        wire = Wire(self._base_url, self._key, self._patience)
        limit = self._patience.alive
        read = pumped(
            lambda: thinking_apart(self._read(wire, request)), wire.cut, (limit, self._call.only_alive(limit))
        )
        yield from read

    def list_models(self) -> tuple[str, ...]:
        """Ask the server which models it has."""
        return list_models(self._call, self._base_url, self._key, self._patience)

    def body(self, request: Request) -> dict[str, Any]:
        """Return what goes over the wire for a request: its messages as they are, and the few fields that steer the answer."""
        body: dict[str, Any] = {
            "model": self._entry.name,
            "messages": [{"role": message.role, "content": content_of(message)} for message in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        apart = self._dialect in _BUDGET_APART
        if request.max_tokens is not None:
            # OpenAI's reasoning models refuse the old name; the others do not know the new one.
            name = "max_completion_tokens" if self._dialect == "openai" else "max_tokens"
            body[name] = request.max_tokens + (0 if apart else request.thinking_budget or 0)
        if apart and request.thinking_budget and self._entry.thinking != "none":
            body["thinking_budget"] = request.thinking_budget
        return body | self.thinking_fields(request.thinking) | self._format_fields(request)

    def _format_fields(self, request: Request) -> dict[str, Any]:
        """Ask for JSON where that is enforced; DashScope does not take the field while a model thinks."""
        if request.schema is None:
            return {}
        if self._dialect in _SCHEMAS:
            schema = {"name": "answer", "strict": True, "schema": dict(request.schema)}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        thinks = request.thinking or self._entry.thinking == "always"
        if self._dialect not in _JSON_ONLY or (self._dialect == "dashscope" and thinks):
            return {}
        return {"response_format": {"type": "json_object"}}

    def thinking_fields(self, wanted: bool) -> dict[str, Any]:
        """Say whether to think, where the model can choose: one that cannot refuses the field, one that can may default to yes."""
        if self._entry.thinking not in ("hybrid_off", "hybrid_on"):
            return {}
        match self._entry.switch or _SWITCHES.get(self._dialect):
            case "enable_thinking":
                return {"enable_thinking": wanted}
            case "thinking_type":
                return {"thinking": {"type": "enabled" if wanted else "disabled"}}
            case "reasoning_effort":
                return {"reasoning_effort": "medium" if wanted else "none"}
            case "chat_template_kwargs":
                return {"chat_template_kwargs": {"enable_thinking": wanted}}
        return {}

    def _read(self, wire: Wire, request: Request) -> Iterator[Delta]:
        import httpx
        import openai

        failure: ModelError | None = None
        seen = _Seen()
        try:
            # As an extra body the fields go out as they are: the SDK need not know a dialect's to send it.
            with (
                sdk(wire) as client,
                client.chat.completions.create(
                    model=self.name, messages=[], stream=True, extra_body=self.body(request)
                ) as stream,
            ):
                self._check_kind(stream.response)
                for chunk in stream:
                    if not isinstance(chunk, openai.BaseModel):
                        raise self._call.bad(repr(chunk))
                    yield from self._deltas(chunk.to_dict(warnings=False), seen)
        except (openai.APIError, httpx.HTTPError, httpx.StreamError, ValueError, RecursionError) as error:
            failure = self._call.failed(error)
        # Raised here and not above, so that the error does not hold the SDK's, whose text may hold the key.
        if failure is None and not seen.ended:
            failure = self._call.broke_off() if seen.anything else self._call.bad(because("empty"))
        if failure is not None and not seen.finished:
            raise failure

    def _check_kind(self, response: Any) -> None:
        """Read a reply that is no stream: an error at status 200, or the web page of somebody else."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("application/json", "text/html"):
            return
        text = b"".join(_first(response.iter_bytes(), _BODY_LIMIT)).decode("utf-8", "replace")
        raise self._call.replied(parsed(text), 200, response.headers)

    def _deltas(self, chunk: Mapping[str, Any], seen: _Seen) -> Iterator[Delta]:
        choices = chunk.get("choices")
        if not choices and "message" in chunk:  # an error without an envelope
            raise self._call.replied(chunk, None)
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        piece = _inner(choice, "delta")
        delta = Delta(
            text=_text(piece.get("content")),
            thinking=_text(piece.get("reasoning_content")) or _text(piece.get("reasoning")),
            usage=usage_in(chunk.get("usage")),
            finish=choice.get("finish_reason") or None,
        )
        seen.note(delta, last=not choices)
        if delta != Delta():
            yield delta


class _Seen:
    """What of an answer has come, to tell a whole one from one that was cut."""

    def __init__(self) -> None:
        self.anything = self.finished = self.billed = False

    def note(self, delta: Delta, *, last: bool) -> None:
        self.anything = self.anything or bool(delta.text or delta.thinking)
        self.finished = self.finished or delta.finish is not None
        # Some servers repeat the bill in every chunk; only the one after all text says that the answer is whole.
        self.billed = self.billed or (last and delta.usage is not None)

    @property
    def ended(self) -> bool:
        """Whether the server said that it was done: by a reason, or by the bill for something it wrote."""
        return self.finished or (self.billed and self.anything)


def content_of(message: Message) -> str | list[dict[str, Any]]:
    """Return a message's words, or where there are pictures a list of parts with these first."""
    if not message.pictures:
        return message.content
    urls = [f"data:{one.kind};base64,{base64.b64encode(one.content).decode('ascii')}" for one in message.pictures]
    return [
        *({"type": "image_url", "image_url": {"url": url}} for url in urls),
        {"type": "text", "text": message.content},
    ]


def sdk(wire: Wire) -> openai.OpenAI:
    """Make the SDK's client over a wire; nothing that it finds in the environment reaches the server."""
    import openai

    client = openai.OpenAI(api_key="-", base_url=wire.base_url, max_retries=0, http_client=wire.client)
    # Read from the environment by the SDK; the wire would drop the headers anyway.
    client.organization = client.project = None
    return client


def list_models(call: Call, base_url: str, key: Secret | None, patience: Patience) -> tuple[str, ...]:
    """Ask an OpenAI-compatible server which models it has, by name."""
    import httpx
    import openai

    failure: ModelError | None = None
    try:
        wire = Wire(base_url, key, patience)
        with wire.cut_after(patience.first), sdk(wire) as client:
            body = client.get("/models", cast_to=httpx.Response).json()
        entries = body.get("data") if isinstance(body, Mapping) else None
        if isinstance(entries, list):
            return tuple(
                sorted({str(entry["id"]) for entry in entries if isinstance(entry, Mapping) and "id" in entry})
            )
        failure = call.bad(because("no_models"))
    except (openai.APIError, httpx.HTTPError, ValueError, RecursionError) as error:
        failure = call.failed(error)
    raise failure


def usage_in(said: object) -> Usage | None:
    """Read the bill of an answer, with what is cached and thought where the dialect says it."""
    if not isinstance(said, Mapping):
        return None
    usage = Usage(
        _count(said.get("prompt_tokens")),
        _count(said.get("completion_tokens")),
        _count(_inner(said, "completion_tokens_details").get("reasoning_tokens")),
        _count(_inner(said, "prompt_tokens_details").get("cached_tokens", said.get("prompt_cache_hit_tokens"))),
    )
    return None if usage == Usage(None, None) else usage


def _inner(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = said.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _first(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        yield piece
        size += len(piece)
        if size >= limit:
            return
