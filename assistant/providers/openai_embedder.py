"""Embedding models of every OpenAI-compatible service. Trusts no order, count or number that comes back.

Knows the limits of a request, and no note, store or price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelError
from assistant.providers.base import Embedded
from assistant.providers.failures import Call
from assistant.providers.keys import Secret
from assistant.providers.openai_like import list_models, sdk, usage_in
from assistant.providers.reasons import because
from assistant.providers.rows import embed_all, learned_dimension, unit_rows
from assistant.providers.wire import Patience, Wire

if TYPE_CHECKING:
    import numpy as np
    import openai
    from numpy.typing import NDArray

    from assistant.providers.entries import EmbeddingEntry, ProviderEntry


class OpenAILikeEmbedder:
    """An embedding model behind an OpenAI-compatible address; implements ``ServedEmbedder``."""

    def __init__(
        self,
        entry: EmbeddingEntry,
        provider: ProviderEntry,
        base_url: str,
        key: Secret | None,
        *,
        patience: Patience | None = None,
    ) -> None:
        self._entry = entry
        self._base_url = base_url
        self._key = key
        self._patience = patience or Patience()
        self._call = Call(entry.provider, entry.name, base_url, provider.dialect, key, embeds=True)
        self._dimension = entry.dimension

    @property
    def key(self) -> str:
        """Vendor and model; vectors are stored under it."""
        return f"{self._entry.provider}/{self._entry.name}"

    @property
    def dimension(self) -> int:
        """How many numbers a vector has; where the catalogue does not know it, a first short request tells."""
        if self._dimension is None:
            self._dimension = learned_dimension(self)
        return self._dimension

    @property
    def max_texts(self) -> int:
        """The most texts that one request may hold, as the catalogue knows it."""
        return self._entry.max_texts

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 per text, of length 0 for a blank one, which is not sent."""
        return embed_all(self, texts) if texts else unit_rows(0, (), (), self._dimension, self._call)

    def embed_batch(self, texts: Sequence[str]) -> Embedded:
        """Send one request and check what comes back; its vectors are as those of ``embed``."""
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        vectors: list[Sequence[float]] = []
        billed: int | None = 0
        if wanted:
            with sdk(Wire(self._base_url, self._key, self._patience)) as client:
                body = self._ask(client, [texts[index] for index in wanted])
            vectors = _in_order(body, len(wanted), self._call)
            usage = usage_in(body.get("usage"))
            billed = usage.prompt_tokens if usage else None
        rows = unit_rows(len(texts), wanted, vectors, self._dimension, self._call)
        self._dimension = self._dimension or rows.shape[1] or None
        return Embedded(rows, billed)

    def list_models(self) -> tuple[str, ...]:
        """Ask the server which models it has."""
        return list_models(self._call, self._base_url, self._key, self._patience)

    def _ask(self, client: openai.OpenAI, batch: list[str]) -> Mapping[str, Any]:
        import httpx
        import openai

        asked: dict[str, Any] = (
            {"dimensions": self._dimension} if self._entry.send_dimensions and self._dimension else {}
        )
        failure: ModelError
        try:
            # The reply as it is: the SDK would make an object of every number and read other shapes as ours.
            request = {"model": self._entry.name, "input": batch, "encoding_format": "float"} | asked
            body = client.post("/embeddings", body=request, cast_to=httpx.Response).json()
            if isinstance(body, Mapping) and "error" not in body:
                return body
            failure = self._call.replied(body, 200)
        except (openai.APIError, httpx.HTTPError, ValueError, RecursionError) as error:
            failure = self._call.failed(error)
        raise failure


def _in_order(body: Mapping[str, Any], count: int, call: Call) -> list[Sequence[float]]:
    """Return the vectors in the order of the texts: servers may answer in another, and say so by ``index``."""
    data = body.get("data")
    entries = [entry for entry in data if isinstance(entry, Mapping)] if isinstance(data, list) else []
    placed: dict[object, Any] = {
        entry.get("index", place): entry.get("embedding") for place, entry in enumerate(entries)
    }
    if len(entries) != count or set(placed) != set(range(count)):
        raise call.bad(because("count", vectors=len(entries), texts=count))
    return [placed[index] for index in range(count)]
