"""One look at a folder by us, by LlamaIndex's ingestion pipeline or by LangChain's record manager; run by bench/sync.py.

Prints its figures as JSON. Every side gets the same files, splitter size, vocabulary and offline embedder, and keeps what
it needs for the next look on disk, in the way its own documentation shows. Loading and keeping that state is counted,
importing is not.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant.knowledge.split import TARGET_TOKENS
from assistant.money.tokens import USUAL, count
from assistant.money.vocabularies import encoding
from assistant.providers.offline_embedder import OfflineEmbedder


class Counting(OfflineEmbedder):
    """The offline embedder, which remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: list[int] = []

    def embed(self, texts: Sequence[str]) -> Any:
        self.texts += [count(text) for text in texts] if LOOK in ("change", "move") else [0] * len(texts)
        return super().embed(texts)


LOOK = sys.argv[2] if len(sys.argv) > 2 else ""
EMBEDDER = Counting()


def ours(notes: Path, state: Path) -> Callable[[], int]:
    from assistant.bootstrap import open_assistant
    from assistant.money.metering import MeteredEmbedder
    from assistant.settings import Settings

    def look() -> int:
        app = open_assistant(Settings(notes=(notes,), data=state))
        app.embedder = MeteredEmbedder(EMBEDDER, app.embedder.entry, app.ledger)
        return app.sync().run().chunks

    return look


def llamaindex(notes: Path, state: Path) -> Callable[[], int]:
    from llama_index.core import Document
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.storage.docstore import SimpleDocumentStore
    from llama_index.core.vector_stores import SimpleVectorStore

    class Embedding(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return EMBEDDER.embed([text])[0].tolist()

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return EMBEDDER.embed(texts).tolist()

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    def look() -> int:
        kept = state.exists()
        vectors = SimpleVectorStore.from_persist_path(str(state / "vectors.json")) if kept else SimpleVectorStore()
        store = SimpleDocumentStore.from_persist_path(str(state / "docstore.json")) if kept else SimpleDocumentStore()
        splitter = SentenceSplitter(
            chunk_size=TARGET_TOKENS, chunk_overlap=0, tokenizer=encoding(USUAL).encode_ordinary
        )
        pipeline = IngestionPipeline(
            transformations=[splitter, Embedding(embed_batch_size=100)],
            docstore=store,
            docstore_strategy=DocstoreStrategy.UPSERTS_AND_DELETE,
            vector_store=vectors,
            disable_cache=True,  # a second copy of every vector
        )
        files = sorted(notes.rglob("*.md"))
        pipeline.run(
            documents=[Document(text=file.read_text("utf-8"), id_=str(file.relative_to(notes))) for file in files]
        )
        state.mkdir(exist_ok=True)
        store.persist(str(state / "docstore.json"))
        vectors.persist(str(state / "vectors.json"))
        return len(vectors.data.embedding_dict)

    return look


def langchain(notes: Path, state: Path) -> Callable[[], int]:
    from langchain_classic.indexes import SQLRecordManager
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.indexing import index
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_text_splitters import MarkdownTextSplitter

    class Embedding(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return EMBEDDER.embed(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    def look() -> int:
        file, embedding = state / "vectors.json", Embedding()
        vectors = InMemoryVectorStore.load(str(file), embedding) if file.exists() else InMemoryVectorStore(embedding)
        state.mkdir(exist_ok=True)
        records = SQLRecordManager("notes", db_url=f"sqlite:///{state / 'records.db'}")
        records.create_schema()
        splitter = MarkdownTextSplitter(chunk_size=TARGET_TOKENS, chunk_overlap=0, length_function=count)
        files = sorted(notes.rglob("*.md"))
        whole = (Document(file.read_text("utf-8"), metadata={"source": str(file.relative_to(notes))}) for file in files)
        chunks = (chunk for document in whole for chunk in splitter.split_documents([document]))
        index(chunks, records, vectors, cleanup="full", source_id_key="source", key_encoder="sha256")
        vectors.dump(str(file))
        return len(vectors.store)

    return look


SIDES: dict[str, Callable[[Path, Path], Callable[[], int]]] = {
    "ours": ours,
    "LlamaIndex": llamaindex,
    "LangChain": langchain,
}


def main() -> None:
    side, _, notes, state = sys.argv[1:]
    look = SIDES[side](Path(notes), Path(state))
    wall, cpu = time.perf_counter(), time.process_time()
    chunks = look()
    figures = {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,  # KiB on Linux
        "chunks": chunks,
        "texts": len(EMBEDDER.texts),
        "tokens": sum(EMBEDDER.texts),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
