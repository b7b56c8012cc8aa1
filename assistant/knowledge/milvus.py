"""Milvus behind the face of the vector index: a file of Milvus Lite, or a server. Filled from the store, never trusted over it.

Knows hashes and numbers: no text, title or path is sent there. A vector stands under the hash of its text, so whatever
Milvus holds from before is either right or unknown to the store, and going back to FAISS needs nothing from it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assistant.errors import VectorStoreDown, VectorStoreMissing
from assistant.knowledge.changes import Changes, Mark
from assistant.knowledge.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assistant.providers.keys import Secret

TOKEN = "ASSISTANT_MILVUS_TOKEN"  # noqa: S105  # its name
_AT_ONCE = 1000  # entities in one request: 4 MB of 1 024 numbers each; a server takes 64
_MOST = 16_384  # the most that Milvus returns for one question
_NAMED = 2000  # hashes by which a question may be restricted; a longer list is slower than asking for more and choosing
_SECONDS = 10.0  # to connect
# Its client's usual ping every 10 s is more than its own server of Milvus Lite allows, which then hangs up and complains.
_PATIENT = {"grpc.keepalive_time_ms": 600_000}


class MilvusIndex:
    """One embedder's vectors in a Milvus collection of this library's own; implements ``Nearest``.

    ``address`` is a server's, or a file of Milvus Lite, which one process at a time can open. Nothing is asked of it
    before the first search. Two processes may follow one store into one server: what they write is the same.
    """

    def __init__(self, store: Store, embedder: str, address: str, token: Secret | None = None) -> None:
        self._store = store
        self._changes = Changes(store.database, embedder)
        self._address = address
        self._token = token
        self.seconds = _SECONDS
        self._lock = threading.Lock()
        self._collection: Any = None
        self._held: set[str] = set()
        self._waiting: set[str] = set()  # texts whose vectors are not there yet
        self._mark: Mark | None = None

    @property
    def address(self) -> str:
        """Where it is; never with a password."""
        return self._address

    def __len__(self) -> int:
        return len(self._held)

    @property
    def dimension(self) -> int | None:
        """How long the vectors are that it holds, None while it holds none."""
        return self._store.dimension(self._changes.embedder) if self._held else None

    def search(
        self, vector: NDArray[np.float32], limit: int, only: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the ``limit`` nearest chunk ids with their cosine, best first; ``only`` restricts them to these ids."""
        wanted = None if only is None else set(only)
        with self._lock, self._told(), self._store.database.snapshot():  # one state of the chunks from first to last
            self._refresh()
            if not self._held or wanted == set():
                return []
            texts = None if wanted is None else set(self._store.text_hashes(list(wanted)).values())
            nearest = self._nearest([float(number) for number in vector], limit, texts)
            ids = self._changes.ids_of([text for text, _ in nearest])
        found = [
            (id_, cosine) for text, cosine in nearest for id_ in ids.get(text, ()) if wanted is None or id_ in wanted
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def version(self) -> str:
        """Ask Milvus for its version, to see whether it answers; needs no vector yet."""
        with self._lock, self._told():
            from pymilvus import MilvusClient

            client = MilvusClient(uri=self._address, token=self._secret, timeout=self.seconds, grpc_options=_PATIENT)
            return str(client.get_server_version())

    def refresh(self) -> None:
        """Take over what was committed since; the first call compares everything, and sends what Milvus lacks."""
        with self._lock, self._told():
            self._refresh()
            self._changes.give_damaged(self._store.put_aside)

    def _refresh(self) -> None:
        if self._mark is not None and self._mark.generation == self._store.generation():
            return
        since, self._mark = self._mark, None  # whatever fails from here on: the next call compares everything
        with self._store.database.snapshot():
            mark = self._changes.mark()
            dimension = self._store.dimension(self._changes.embedder)
            if dimension is not None:
                self._collection = self._collection or self._open(dimension)
                self._follow(since)
        self._mark = mark

    def _follow(self, since: Mark | None) -> None:
        """Delete what no chunk holds any more and send what is new; each step may be repeated after a failure."""
        went = self._changes.went(since) if since else None
        if since is None or went is None:
            self._held, changed = self._stored_keys(), self._changes.texts()
            known, surplus = self._changes.searchable(), self._held
        else:
            changed = self._waiting | set(went.values()) | set(self._changes.came(since).values())
            known, surplus = self._changes.searchable(changed), self._held & changed
        self._delete(sorted(surplus - known))
        self._send(sorted(known - self._held))
        self._waiting = set(self._changes.ids_of(sorted(changed - known)))

    def _open(self, dimension: int) -> Any:
        """Connect through LlamaIndex and have the collection made where it is not there yet."""
        try:
            from llama_index.vector_stores.milvus import MilvusVectorStore
        except ImportError as error:
            raise VectorStoreMissing(provider="Milvus") from error
        opened = MilvusVectorStore(
            uri=self._address,
            token=self._secret,
            collection_name=self._name,
            dim=dimension,
            similarity_metric="IP",
            upsert_mode=True,
            batch_size=_AT_ONCE,
            use_async_client=False,
            timeout=self.seconds,
            grpc_options=_PATIENT,
        )
        opened.client.load_collection(self._name)  # one that was there before may lie on the disk only
        return opened

    @property
    def _secret(self) -> str:
        return self._token.reveal() if self._token else ""

    @property
    def _name(self) -> str:
        """Name the collection by library and embedder, so that several may share a server."""
        whose = f"{self._changes.library()}/{self._changes.embedder}"
        return f"study_{hashlib.sha256(whose.encode()).hexdigest()[:24]}"

    def _stored_keys(self) -> set[str]:
        """List what the collection holds, by the first digits of the hashes: Milvus gives so many at once and no more."""
        client = self._collection.client
        count = client.query(self._name, output_fields=["count(*)"])[0]["count(*)"]
        digits = 0
        while count / 16**digits > _MOST / 4:
            digits += 1
        prefixes = [f"{number:0{digits}x}" for number in range(16**digits)] if digits else [""]
        pages = (
            client.query(self._name, filter=f'id like "{prefix}%"', output_fields=["id"], limit=_MOST)
            for prefix in prefixes
        )
        return {row["id"] for page in pages for row in page}

    def _send(self, texts: Sequence[str]) -> None:
        from llama_index.core.schema import TextNode

        for first in range(0, len(texts), _AT_ONCE):
            keys, rows = self._changes.vectors_of(texts[first : first + _AT_ONCE])
            vectors = zip(keys, rows.tolist(), strict=True)
            self._collection.add([TextNode(id_=key, text="", embedding=row) for key, row in vectors])
            self._held |= set(keys)
        if len(texts) > _AT_ONCE:  # Milvus Lite searches what is not flushed ten times slower
            self._collection.client.flush(self._name)

    def _delete(self, texts: Sequence[str]) -> None:
        for first in range(0, len(texts), _AT_ONCE):
            self._collection.delete_nodes(list(texts[first : first + _AT_ONCE]))
        self._held -= set(texts)

    def _nearest(self, vector: list[float], limit: int, hashes: set[str] | None) -> list[tuple[str, float]]:
        """Ask for the nearest of all, of those named, or, where these are too many to name, of more until enough fit."""
        if hashes is None or len(hashes) <= _NAMED:
            return self._asked(vector, limit, sorted(hashes) if hashes else None)
        count = 4 * limit
        while True:
            found = self._asked(vector, min(count, _MOST), None)
            fitting = [pair for pair in found if pair[0] in hashes]
            if len(fitting) >= limit or len(found) < count or count >= _MOST:
                return fitting[:limit]
            count *= 4

    def _asked(self, vector: list[float], limit: int, keys: list[str] | None) -> list[tuple[str, float]]:
        from llama_index.core.vector_stores.types import VectorStoreQuery

        query = VectorStoreQuery(
            query_embedding=vector,
            similarity_top_k=min(limit, len(self._held)),
            node_ids=keys,
            output_fields=["_node_content", "_node_type"],  # without its vector
        )
        answer = self._collection.query(query)
        return list(zip(answer.ids or [], answer.similarities or [], strict=True))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say what Milvus says in an error of ours, without the token; the next call connects and compares anew."""
        try:
            from pymilvus.exceptions import MilvusException
        except ImportError as error:
            raise VectorStoreMissing(provider="Milvus") from error
        for package in (
            "pymilvus",
            "milvus_lite",
        ):  # they print every failure, which we raise anyway, with its whole trace
            logging.getLogger(package).setLevel(logging.CRITICAL)
        try:
            yield
        except MilvusException as error:
            self._collection = None
            said = " ".join(str(error.message).split())[:300]
            reason = self._token.hide_in(said) if self._token else said
            raise VectorStoreDown(provider="Milvus", address=self._address, reason=reason) from error
