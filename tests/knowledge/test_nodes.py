"""Our parts under LlamaIndex's own interfaces: node parser, embedding, vector store, retriever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import MetadataMode, QueryBundle, TextNode
from llama_index.core.vector_stores.types import (
    ExactMatchFilter,
    MetadataFilters,
    VectorStoreQuery,
)

from assistant.bootstrap import Assistant
from assistant.knowledge.consistency import contradictions
from assistant.knowledge.nodes import NoteNodeParser, StudyEmbedding, StudyRetriever, StudyVectorStore
from tests.conftest import write

TEXT = "# 鲸\n\n蓝鲸是最大的动物。\n\n## 食物\n\nBlue whales eat krill, tons of it.\n\n- 磷虾\n- 小鱼\n"


@pytest.fixture
def vector_store(app: Assistant) -> StudyVectorStore:
    return StudyVectorStore(app.store, app.index, app.embedder.key)


@pytest.fixture
def index(app: Assistant, vector_store: StudyVectorStore) -> VectorStoreIndex:
    return VectorStoreIndex.from_vector_store(vector_store, embed_model=StudyEmbedding(app.embedder))


def document_nodes(document: str, text: str) -> list[TextNode]:
    nodes = NoteNodeParser().get_nodes_from_documents([Document(text=text, id_=document)])
    return [node for node in nodes if isinstance(node, TextNode)]


def test_parsed_nodes_know_their_characters_and_lines() -> None:
    document = Document(text=TEXT, metadata={"file_name": "鲸.md"})
    nodes = NoteNodeParser().get_nodes_from_documents([document])

    assert len(nodes) == 2
    for node in nodes:
        assert isinstance(node, TextNode)
        assert TEXT[node.start_char_idx : node.end_char_idx] == node.text
        first, last = node.metadata["lines"]
        assert "\n".join(TEXT.split("\n")[first - 1 : last]).strip() == node.text.strip()
        assert node.ref_doc_id == document.doc_id
        assert node.metadata["file_name"] == "鲸.md"


def test_the_parser_works_in_an_ingestion_pipeline(app: Assistant) -> None:
    pipeline = IngestionPipeline(transformations=[NoteNodeParser(), StudyEmbedding(app.embedder)])
    nodes = pipeline.run(documents=[Document(text=TEXT)])

    assert nodes
    assert all(len(node.get_embedding()) == app.embedder.dimension for node in nodes)
    assert NoteNodeParser.class_name() == "NoteNodeParser"


def test_our_embedder_gives_llamaindex_the_same_vectors(app: Assistant) -> None:
    embedding = StudyEmbedding(app.embedder)
    own = app.embedder.embed(["过拟合"])[0].tolist()

    assert embedding.get_text_embedding("过拟合") == own
    assert embedding.get_query_embedding("过拟合") == own
    assert embedding.get_text_embedding_batch(["过拟合", "x"])[0] == own
    assert asyncio.run(embedding.aget_query_embedding("过拟合")) == own


def test_an_index_over_our_store_finds_notes_that_a_sync_has_read(index: VectorStoreIndex) -> None:
    nodes = index.as_retriever(similarity_top_k=2).retrieve("query key attention compares")

    assert len(nodes) == 2
    assert nodes[0].metadata["note"] == "attention.md"
    assert nodes[0].get_score() >= nodes[1].get_score()
    assert nodes[0].node.get_content(MetadataMode.LLM) == nodes[0].text


def test_inserted_nodes_are_found_kept_and_deleted(app: Assistant, index: VectorStoreIndex) -> None:
    index.insert_nodes(document_nodes("whales", TEXT))
    retriever = index.as_retriever(similarity_top_k=1)

    assert "蓝鲸" in retriever.retrieve("蓝鲸是最大的动物")[0].text
    assert app.search.find("蓝鲸是最大的动物").matches[0].chunk.note == "whales"
    report = app.sync().run()
    assert (report.added, report.changed, report.removed, report.failed) == ([], [], [], [])
    assert "蓝鲸" in retriever.retrieve("蓝鲸是最大的动物")[0].text
    assert contradictions(app.database, app.embedder.key) == []

    index.delete_ref_doc("whales")
    assert "蓝鲸" not in retriever.retrieve("蓝鲸是最大的动物")[0].text
    assert len(app.store.notes()) == 3


def test_a_document_inserted_whole_is_parsed_and_found(app: Assistant, vector_store: StudyVectorStore) -> None:
    index = VectorStoreIndex.from_vector_store(
        vector_store, embed_model=StudyEmbedding(app.embedder), transformations=[NoteNodeParser()]
    )
    index.insert(Document(text=TEXT, id_="whales"))

    assert index.as_retriever(similarity_top_k=1).retrieve("krill tons")[0].metadata["note"] == "whales"


def test_nodes_added_later_follow_those_that_are_there(app: Assistant, index: VectorStoreIndex) -> None:
    index.insert_nodes(document_nodes("whales", "蓝鲸是最大的动物。"))
    before = [chunk.id for chunk in app.store.chunks_of("whales")]
    index.insert_nodes(document_nodes("whales", "座头鲸会唱歌。"))
    after = app.store.chunks_of("whales")

    assert [chunk.text for chunk in after] == ["蓝鲸是最大的动物。", "座头鲸会唱歌。"]
    assert [chunk.id for chunk in after][: len(before)] == before
    _, _, text, _ = app.store.note_text("whales")
    assert all(text[slice(*chunk.piece.chars)] == chunk.text for chunk in after)
    assert contradictions(app.database, app.embedder.key) == []


def test_the_ids_that_adding_returns_are_those_that_a_query_finds(
    app: Assistant, vector_store: StudyVectorStore
) -> None:
    nodes = document_nodes("whales", "蓝鲸是最大的动物。")
    for node in nodes:
        node.embedding = app.embedder.embed([node.text])[0].tolist()
    ids = vector_store.add(nodes)
    found = vector_store.query(VectorStoreQuery(query_embedding=nodes[0].embedding, similarity_top_k=1))

    assert found.ids == ids
    assert found.similarities is not None
    assert found.nodes is not None
    assert found.nodes[0].get_content() == "蓝鲸是最大的动物。"


@pytest.mark.parametrize("scope", [["attention.md"], ["whales"], ["机器学习", "whales"]])
def test_doc_ids_restrict_a_retrieval(index: VectorStoreIndex, scope: list[str]) -> None:
    index.insert_nodes(document_nodes("whales", TEXT))
    nodes = index.as_retriever(similarity_top_k=20, doc_ids=scope).retrieve("蓝鲸 attention 过拟合")

    assert nodes
    assert {node.metadata["note"].split("/")[0] for node in nodes} == set(scope)


def test_what_the_store_cannot_filter_it_refuses(vector_store: StudyVectorStore) -> None:
    with pytest.raises(ValueError, match="doc_ids only"):
        vector_store.query(
            VectorStoreQuery(
                query_embedding=[0.0], filters=MetadataFilters(filters=[ExactMatchFilter(key="a", value="b")])
            )
        )
    with pytest.raises(ValueError, match="embedding"):
        vector_store.query(VectorStoreQuery(query_str="no vector"))


def test_notes_of_the_folders_cannot_be_deleted_through_llamaindex(app: Assistant, index: VectorStoreIndex) -> None:
    index.delete_ref_doc("attention.md")

    assert "attention.md" in {note.place.path for note in app.store.notes()}


def test_a_document_under_the_name_of_a_note_does_not_harm_the_note(app: Assistant, index: VectorStoreIndex) -> None:
    before = [chunk.text for chunk in app.store.chunks_of("attention.md")]
    with pytest.raises(ValueError, match=r"attention\.md"):
        index.insert_nodes(document_nodes("attention.md", TEXT))

    assert [chunk.text for chunk in app.store.chunks_of("attention.md")] == before
    assert contradictions(app.database, app.embedder.key) == []


def test_a_note_under_the_name_of_a_document_stands_beside_it(
    app: Assistant, index: VectorStoreIndex, notes: Path
) -> None:
    index.insert_nodes(document_nodes("鲸.md", TEXT))
    write(notes, {"鲸.md": "# 鲸\n\n座头鲸会唱歌。\n"})
    report = app.sync().run()

    assert report.added == ["鲸 (2).md"]
    assert app.search.find("座头鲸会唱歌").matches[0].chunk.note == "鲸 (2).md"
    assert app.search.find("蓝鲸是最大的动物").matches[0].chunk.note == "鲸.md"
    assert app.sync().run().unchanged == 4


def test_our_retriever_searches_as_the_app_does(app: Assistant) -> None:
    question = "What are the attention scores divided by?"
    nodes = StudyRetriever(app.search, 3).retrieve(QueryBundle(question))
    matches = app.search.find(question, 3).matches

    assert [(node.text, node.score) for node in nodes] == [(match.chunk.text, match.score) for match in matches]
    assert nodes[0].node.node_id == f"chunk-{matches[0].chunk.id}"
    assert nodes[0].metadata == {
        "note": "attention.md",
        "title": "Attention",
        "heading": "Scaling",
        "page": None,
        "lines": list(matches[0].chunk.piece.lines),
    }
    assert asyncio.run(StudyRetriever(app.search, 3).aretrieve(question))[0].text == nodes[0].text


def test_documents_outlive_the_process(
    app: Assistant, index: VectorStoreIndex, open_app: Callable[..., Assistant]
) -> None:
    index.insert_nodes(document_nodes("whales", TEXT))
    again = open_app()

    assert again.search.find("蓝鲸是最大的动物").matches[0].chunk.note == "whales"
