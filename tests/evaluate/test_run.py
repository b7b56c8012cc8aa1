"""An evaluation runs the app's own search over a set, and its figures are right."""

from __future__ import annotations

from collections.abc import Callable

from assistant.bootstrap import Assistant
from assistant.evaluate.beir import Collection, Document, Query
from assistant.evaluate.run import evaluate

DOCUMENTS = (
    Document("whale", "鲸", "蓝鲸是最大的动物。" + "它吃磷虾，生活在海洋里。" * 120),
    Document("tree", "Sequoia", "Sequoias are the tallest trees on earth."),
    Document("bird", "", "Ostriches are the largest living birds and cannot fly."),
    Document("empty", "", ""),
)


def measured(app: Assistant, collection: Collection, depth: int = 10) -> dict[str, object]:
    return evaluate(collection, app.store, app.search, app.embedder, depth)


def test_perfect_retrieval_scores_1(open_app: Callable[..., Assistant]) -> None:
    queries = (Query("q1", "最大的动物"), Query("q2", "tallest trees"), Query("q3", "largest living birds"))
    qrels = {"q1": {"whale": 1}, "q2": {"tree": 2}, "q3": {"bird": 1}}
    figures = measured(open_app(), Collection(DOCUMENTS, queries, qrels))

    assert [figures[name] for name in ("queries", "ndcg_at_10", "recall_at_5", "mrr_at_10")] == [3, 1.0, 1.0, 1.0]
    assert figures["documents"] == 4
    assert isinstance(figures["chunks"], int)
    assert figures["chunks"] > 3
    assert isinstance(figures["peak_rss_mb"], float)
    assert figures["peak_rss_mb"] > 1


def test_an_answer_that_does_not_exist_scores_0(open_app: Callable[..., Assistant]) -> None:
    collection = Collection(DOCUMENTS, (Query("q", "tallest trees"),), {"q": {"missing": 1}})
    figures = measured(open_app(), collection)

    assert (figures["queries"], figures["ndcg_at_10"], figures["mrr_at_10"]) == (1, 0.0, 0.0)


def test_a_document_of_many_chunks_counts_once_at_its_best_place(open_app: Callable[..., Assistant]) -> None:
    collection = Collection(DOCUMENTS, (Query("q", "磷虾 海洋 trees"),), {"q": {"whale": 1, "tree": 1}})
    figures = measured(open_app(), collection)

    assert (figures["recall_at_5"], figures["ndcg_at_10"]) == (1.0, 1.0)


def test_queries_without_a_judgement_are_not_asked(open_app: Callable[..., Assistant]) -> None:
    figures = measured(open_app(), Collection(DOCUMENTS, (Query("q", "trees"),), {}))

    assert figures["queries"] == 0
    assert figures["query_ms"] == {"p50": None, "p95": None}


def test_an_empty_set_divides_by_nothing(open_app: Callable[..., Assistant]) -> None:
    assert measured(open_app(), Collection((), (), {}))["chunks"] == 0
