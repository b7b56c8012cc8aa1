"""Our chunks as LlamaIndex sees them: node parser, embedding, vector store, retriever. The only room here that imports it.

Importing LlamaIndex costs seconds, so nothing on the way to the first page imports this module.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any, cast

import numpy as np
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import BaseNode, NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery, VectorStoreQueryResult

from assistant.knowledge.chunks import Chunk, Match, Piece
from assistant.knowledge.nearest import Nearest
from assistant.knowledge.notes import Note
from assistant.knowledge.search import Search
from assistant.knowledge.split import split
from assistant.knowledge.store import Store
from assistant.knowledge.stored import PROGRAM, Place, embedding_text, text_hash
from assistant.money.tokens import count_many
from assistant.providers.base import Embedder


def chunk_node(chunk: Chunk) -> TextNode:
    """Return a chunk as a node; its metadata says where it stands and stays out of what models read."""
    place: dict[str, Any] = {
        "note": chunk.note,
        "title": chunk.title,
        "heading": " › ".join(chunk.piece.path),
        "page": chunk.piece.page,
        "lines": list(chunk.piece.lines),
    }
    return TextNode(
        id_=f"chunk-{chunk.id}",
        text=chunk.text,
        metadata=place,
        excluded_embed_metadata_keys=list(place),
        excluded_llm_metadata_keys=list(place),
        start_char_idx=chunk.piece.chars[0],
        end_char_idx=chunk.piece.chars[1],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=chunk.note)},
    )


def match_node(match: Match) -> NodeWithScore:
    """Return a match as a scored node, 0 to 1, higher is better."""
    return NodeWithScore(node=chunk_node(match.chunk), score=match.score)


class NoteNodeParser(NodeParser):
    """Splits Markdown documents at headings and sentences; nodes know their lines and characters."""

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex serialises this parser."""
        return "NoteNodeParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:
        return [node for document in nodes for node in self._split(document)]

    def _split(self, document: BaseNode) -> list[BaseNode]:
        path = str(document.metadata.get("file_name") or document.node_id)
        text = document.get_content()
        note = Note(path, PurePosixPath(path).stem, "markdown", text_hash(text), text, "utf-8")
        return [
            TextNode(
                text=piece.text,
                metadata={**document.metadata, "heading": " › ".join(piece.heading), "lines": list(piece.lines)},
                start_char_idx=piece.chars[0],
                end_char_idx=piece.chars[1],
                relationships={NodeRelationship.SOURCE: document.as_related_node_info()},
            )
            for piece in split(note)
        ]


class StudyEmbedding(BaseEmbedding):
    """Offers one of our embedders to LlamaIndex."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.key)
        self._embedder = embedder

    def _get_text_embedding(self, text: str) -> list[float]:
        return cast("list[float]", self._embedder.embed([text])[0].tolist())

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return cast("list[list[float]]", self._embedder.embed(texts).tolist())

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)


class StudyVectorStore(BasePydanticVectorStore):
    """SQLite is the truth and FAISS derived from it, behind LlamaIndex's interface.

    Nodes added here live beside the notes of the folders, under the id of their document, and a sync leaves them alone.
    """

    stores_text: bool = True
    flat_metadata: bool = False
    _store: Store = PrivateAttr()
    _index: Nearest = PrivateAttr()
    _embedder: str = PrivateAttr()

    def __init__(self, store: Store, index: Nearest, embedder: str) -> None:
        super().__init__(stores_text=True)
        self._store, self._index, self._embedder = store, index, embedder

    @property
    def client(self) -> Any:
        """The vector index itself; LlamaIndex asks for it and does nothing with it."""
        return self._index

    def add(self, nodes: Sequence[BaseNode], **add_kwargs: Any) -> list[str]:
        """Add nodes with their embeddings, after those that their document already has."""
        ids: list[str] = []
        for document, group in groupby(nodes, key=lambda node: node.ref_doc_id or node.node_id):
            ids += self._append(document, list(group))
        return ids

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        """Delete a document that was added here, with all its nodes."""
        self._store.remove([note.id for note in self._store.notes() if note.place == _place(ref_doc_id)])

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """Return the nearest chunks of notes and documents; ``doc_ids`` restricts to these paths."""
        if query.query_embedding is None:
            raise ValueError("StudyVectorStore needs a query embedding")
        if query.filters is not None:
            raise ValueError("StudyVectorStore filters by doc_ids only")
        only = None if query.doc_ids is None else self._store.chunk_ids(query.doc_ids)
        vector = np.asarray(query.query_embedding, dtype=np.float32)
        cosines = dict(self._index.search(vector, query.similarity_top_k, only))
        chunks = self._store.chunks(list(cosines))
        nodes = [chunk_node(chunk) for chunk in chunks]
        return VectorStoreQueryResult(
            nodes=nodes, similarities=[cosines[chunk.id] for chunk in chunks], ids=[node.node_id for node in nodes]
        )

    def _append(self, document: str, nodes: Sequence[BaseNode]) -> list[str]:
        if any(note.place.path == document and note.place != _place(document) for note in self._store.notes()):
            raise ValueError(f"{document!r} is a note of the folders: give the document another id")
        before = [chunk.piece for chunk in self._store.chunks_of(document)]
        texts = [piece.text for piece in before] + [node.get_content() for node in nodes]
        pieces = _pieces(texts)
        note = Note(
            document, PurePosixPath(document).stem, "text", text_hash("\n\n".join(texts)), "\n\n".join(texts), "utf-8"
        )
        vectors = {
            text_hash(embedding_text(note.title, note.path, piece)): np.asarray(node.get_embedding(), dtype=np.float32)
            for piece, node in zip(pieces[len(before) :], nodes, strict=True)
        }
        with self._store.database.transaction():
            self._store.save_vectors(self._embedder, vectors)
            self._store.save(_place(document), note, len(note.text), pieces)
        return [f"chunk-{chunk.id}" for chunk in self._store.chunks_of(document)[len(before) :]]


class StudyRetriever(BaseRetriever):
    """The app's own search, keywords and vectors together, as a LlamaIndex retriever."""

    def __init__(self, search: Search, limit: int = 6) -> None:
        super().__init__()
        self.search = search
        self.limit = limit

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [match_node(match) for match in self.search.find(query_bundle.query_str, self.limit).matches]


def _place(document: str) -> Place:
    return Place(PROGRAM, document, document)


def _pieces(texts: Sequence[str]) -> list[Piece]:
    """Lay texts one after the other, an empty line between them."""
    pieces, at, line = [], 0, 1
    for text, tokens in zip(texts, count_many(list(texts)), strict=True):
        last = line + text.count("\n")
        pieces.append(Piece(text, (), None, (line, last), (at, at + len(text)), tokens))
        at, line = at + len(text) + 2, last + 2
    return pieces
