"""Every way a call can fail, as one of our errors: transport, refusals of each dialect, nonsense. Knows no request.

The SDKs are not imported: their exceptions are read by what they carry, so that Ollama need not load OpenAI's.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from assistant.errors import (
    BadAnswer,
    ContentRefused,
    KeyMissing,
    KeyRefused,
    ModelError,
    ModelMissing,
    OnlyThought,
    PromptTooLong,
    ProviderDown,
    Said,
    TextTooLong,
    Unreachable,
)
from assistant.providers.base import Usage
from assistant.providers.keys import Secret
from assistant.providers.reasons import because
from assistant.providers.refusals import Refusal, limit_in, meaning_of

_READ = 2000  # characters of a provider's message that are looked at
_LONGEST = 300  # and that are shown
_KEY_SHAPED = re.compile(r"(?<!\S)\S*\b(?:sk|ak|Bearer)[-_ ][\w*.…-]{6,}\S*")
# "in 6m0s", "in 1 minute 30 seconds", "after 20", "请在 20 秒后重试". All of it bounded: these are a stranger's words.
_NUMBER = r"\d{1,6}(?:\.\d{1,9})?"
_UNIT = r"(?:(?:h(?:ours?)?|m(?:s|illiseconds?|in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![a-z])|秒钟?|分钟?|小时)"
_SPAN = rf"((?:{_NUMBER} ?{_UNIT} ?){{1,4}}|{_NUMBER}(?! ?[a-z]|\.?\d))"
_TRY_AGAIN = re.compile(rf"(?:try again|retry|wait) (?:in|after|for) {_SPAN}|{_SPAN}后(?:再|重)试", re.IGNORECASE)
_PART = re.compile(rf"({_NUMBER}) ?(ms|milli|h|m|s|秒|分|小时)?", re.IGNORECASE)
_UNITS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "秒": 1.0, "m": 60.0, "分": 60.0, "h": 3600.0, "小时": 3600.0, "": 1.0}


@dataclass(frozen=True, slots=True)
class Call:
    """Who was asked for what: the names that an error mentions, and the key that no error may show.

    ``embeds``: vectors were asked for, where what is too long is one text and no conversation.
    """

    provider: str
    model: str
    address: str
    dialect: str = "openai"
    key: Secret | None = None
    embeds: bool = False

    def failed(self, error: Exception, now: datetime | None = None) -> ModelError:
        """Turn an exception of an SDK or of the transport into the error it stands for."""
        if isinstance(error, ModelError):
            return error
        refusal = _refusal_of(error, now or datetime.now(UTC))
        return self.refused(refusal) if refusal is not None else self._broken(error)

    def refused(self, refusal: Refusal) -> ModelError:
        """Turn what a server said instead of answering into the error it stands for."""
        meaning = meaning_of(refusal, self.dialect)
        details: dict[str, Any] = {"provider": self.provider, "reason": self._shown(refusal)}
        if meaning is KeyRefused and self.key is None:
            meaning = KeyMissing
        if meaning is ModelMissing:
            return ModelMissing(model=self.model, **details)
        if meaning is PromptTooLong:
            too_long = TextTooLong if self.embeds else PromptTooLong
            return too_long(limit=refusal.limit or limit_in(refusal.message), **details)
        error = meaning(**details)
        error.retry_after = refusal.retry_after
        return error

    def replied(self, body: object, status: int | None, headers: Mapping[str, str] | None = None) -> ModelError:
        """Turn the body of a reply that is no answer into the error that it holds, or that it is."""
        refusal = refusal_in(body, status, headers or {}, datetime.now(UTC))
        holds_error = isinstance(body, Mapping) and ("error" in body or "message" in body)
        return self.refused(refusal) if holds_error else self.bad(self._shown(refusal))

    def bad(self, reason: str | Said) -> BadAnswer:
        """Say that what came back is no answer; a reason of our own words is in both languages."""
        return BadAnswer(provider=self.provider, reason=self.clean(reason) if isinstance(reason, str) else reason)

    def broke_off(self) -> ProviderDown:
        """Say that an answer ended without its end."""
        return ProviderDown(provider=self.provider, reason=because("broke_off"))

    def only_alive(self, seconds: float) -> ProviderDown:
        """Say that a server has sent signs of life for too long and nothing else."""
        return ProviderDown(provider=self.provider, reason=because("only_alive", seconds=f"{seconds:g}"))

    def clean(self, text: str) -> str:
        """Make a foreign text fit for an error: one line, not long, and without the key."""
        text = self.key.hide_in(_beginning(text)) if self.key else _beginning(text)
        text = " ".join(_KEY_SHAPED.sub("…", text).split()).rstrip(".。")
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

    def _shown(self, refusal: Refusal) -> str | Said:
        if re.match(r"\s*<(?:!doctype|html)", refusal.message, re.IGNORECASE):
            return because("web_page")
        status = f"HTTP {refusal.status}" if refusal.status else ""
        return self.clean(refusal.message) or status or refusal.code or "?"

    def _broken(self, error: Exception) -> ModelError:
        import httpx

        # The SDKs wrap what happened below them, mostly without repeating it.
        root = error.__cause__ if isinstance(error.__cause__, httpx.HTTPError) else error
        reason = self.clean(str(root)) or type(root).__name__
        if isinstance(root, httpx.ConnectTimeout | httpx.ConnectError | httpx.ProxyError | httpx.PoolTimeout):
            return Unreachable(provider=self.provider, address=self.address, reason=reason)
        if isinstance(root, httpx.TimeoutException):
            return ProviderDown(provider=self.provider, reason=because("no_answer", kind=type(root).__name__))
        if isinstance(root, httpx.TransportError) and not isinstance(root, httpx.UnsupportedProtocol):
            return ProviderDown(provider=self.provider, reason=reason)
        if isinstance(root, ConnectionError):  # what Ollama's client makes of a refused connection
            return Unreachable(provider=self.provider, address=self.address, reason=reason)
        return self.bad(f"{type(root).__name__}: {root}")


def wordless(provider: str, finish: str | None, thought: bool, usage: Usage | None) -> ModelError | None:
    """Tell why an answer that came to its end has no word in it, where the server gave a reason that explains it."""
    tokens = usage.reasoning_tokens if usage else None
    if finish == "length" and (thought or tokens):
        counted = f", reasoning_tokens {tokens}" if tokens is not None else ""
        return OnlyThought(provider=provider, reason=f"finish_reason length{counted}")
    return ContentRefused(provider=provider, reason="content_filter") if finish == "content_filter" else None


def refusal_in(body: object, status: int | None, headers: Mapping[str, str], now: datetime) -> Refusal:
    """Read the shapes that errors come in: OpenAI's envelope, a bare object, a string, or a body that is not JSON."""
    message, code, limit = "", "", None
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        fields = inner if isinstance(inner, Mapping) else {"message": inner}
        message = str(fields.get("message") or fields.get("msg") or fields.get("detail") or "")
        code = _code(fields)
        limit = fields.get("n_ctx") if isinstance(fields.get("n_ctx"), int) else None
        # A gateway may answer 200 and put the real status inside.
        if status in (None, 200) and re.fullmatch(r"[45]\d\d", str(fields.get("code"))):
            status = int(fields["code"])
    elif body is not None:
        message = body if isinstance(body, str) else json.dumps(body)
    message = _beginning(message)
    return Refusal(status, code, message, _retry_after(headers, message, now), limit)


def _refusal_of(error: Exception, now: datetime) -> Refusal | None:
    """Return what the server said, if the exception carries it; None when there was no reply to read."""
    status = getattr(error, "status_code", None)
    said = getattr(error, "error", None)  # Ollama's ResponseError
    if isinstance(said, str) and isinstance(status, int):
        found = refusal_in(parsed(said), status if status > 0 else None, {}, now)
        missing = found.status == 404 and "model" in found.message
        return Refusal(found.status, "not_pulled" if missing else found.code, found.message, None, found.limit)
    response = getattr(error, "response", None)
    body = getattr(error, "body", None)
    if isinstance(status, int):
        return refusal_in(body, status, response.headers if response is not None else {}, now)
    return refusal_in(body, None, {}, now) if body is not None else None


def parsed(text: str) -> object:
    """Read a reply as JSON, or leave it the text that it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _beginning(text: str) -> str:
    """Cut a text that is too long to search through, between words: half a key would not be known for one."""
    return text if len(text) <= _READ else " ".join(text[:_READ].split()[:-1])


def _code(fields: Mapping[str, Any]) -> str:
    """Take the code, or the type where the code only repeats the status (llama.cpp) or is missing."""
    code, kind = fields.get("code"), fields.get("type")
    plain = code is None or code == "" or (isinstance(code, int) and 400 <= code < 600)
    return str(kind if plain and isinstance(kind, str) and kind else code if code is not None else "")


def _retry_after(headers: Mapping[str, str], message: str, now: datetime) -> float | None:
    """Read how long to wait: from the headers, in seconds or as a date, else from the sentence."""
    for value, unit in ((headers.get("retry-after-ms", ""), 0.001), (headers.get("retry-after", ""), 1.0)):
        try:
            seconds = float(value) * unit
        except ValueError:
            seconds = _until(value, now)
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    said = _TRY_AGAIN.search(message)
    parts = _PART.findall(said[1] or said[2]) if said else ()
    return sum(float(number) * _UNITS[unit.lower()] for number, unit in parts) if parts else None


def _until(value: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return math.nan
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
