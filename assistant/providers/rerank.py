"""Models that order texts by how well they answer: DashScope's and SiliconFlow's rerank endpoints. Knows no note and no price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from assistant.errors import ModelError
from assistant.providers.failures import Call, refusal_in
from assistant.providers.keys import Secret
from assistant.providers.reasons import because
from assistant.providers.wire import Patience, Wire

if TYPE_CHECKING:
    from assistant.providers.entries import ProviderEntry, RerankEntry

_PATIENCE = Patience(first=30.0, between=30.0)  # somebody waits for the answer behind it


@dataclass(frozen=True, slots=True)
class Reranked:
    """How well each text answers, 0 to 1, in the order of the texts; ``tokens`` as billed, None where the server did not say."""

    scores: tuple[float, ...]
    tokens: int | None


class Reranker:
    """A reranking model behind its address: the catalogue's path takes the place of the address's own."""

    def __init__(
        self,
        entry: RerankEntry,
        provider: ProviderEntry,
        base_url: str,
        key: Secret | None,
        patience: Patience = _PATIENCE,
    ) -> None:
        self.entry = entry
        self._base_url = base_url
        self._key = key
        self._patience = patience
        self._url = urlunsplit((*urlsplit(base_url)[:2], entry.path, "", ""))
        self._call = Call(entry.provider, entry.name, base_url, provider.dialect, key, embeds=True)

    def rerank(self, question: str, texts: Sequence[str]) -> Reranked:
        """Send one request; raise ``ModelError`` where it is refused or what comes back does not fit the texts."""
        import httpx

        asked = {"model": self.entry.name, "query": question, "documents": list(texts), "top_n": len(texts)}
        failure: ModelError
        try:
            with Wire(self._base_url, self._key, self._patience).client as client:
                reply = client.post(self._url, json=asked)
                body = _json(reply)
            if reply.is_success and isinstance(body, Mapping) and isinstance(body.get("results"), list):
                return Reranked(self._in_order(body["results"], len(texts)), _tokens(body))
            if reply.is_success:
                failure = self._call.replied(body, reply.status_code, reply.headers)
            else:
                failure = self._call.refused(refusal_in(body, reply.status_code, reply.headers, datetime.now(UTC)))
        except httpx.HTTPError as error:
            failure = self._call.failed(error)
        raise failure

    def _in_order(self, results: Sequence[Any], count: int) -> tuple[float, ...]:
        """Return the scores in the order of the texts: servers answer best first, and say by ``index`` which it is."""
        placed = {
            one["index"]: float(one["relevance_score"])
            for one in results
            if isinstance(one, Mapping)
            and type(one.get("index")) is int
            and type(one.get("relevance_score")) in (int, float)
            and math.isfinite(one["relevance_score"])
        }
        if len(results) != count or set(placed) != set(range(count)):
            raise self._call.bad(because("scores", scores=len(placed), texts=count))
        return tuple(min(1.0, max(0.0, placed[place])) for place in range(count))


def _json(reply: Any) -> object:
    try:
        return reply.json()
    except (ValueError, RecursionError):
        return reply.text


def _tokens(body: Mapping[str, Any]) -> int | None:
    """Read what was billed: each vendor has its own place for it."""
    meta = body.get("meta") if isinstance(body.get("meta"), Mapping) else {}
    for holder, names in (
        (body.get("usage"), ("total_tokens", "input_tokens")),
        (meta and meta.get("tokens"), ("input_tokens",)),
        (body.get("tokens"), ("input_tokens",)),
    ):
        for name in names:
            value = holder.get(name) if isinstance(holder, Mapping) else None
            if type(value) is int and value >= 0:
                return value
    return None
