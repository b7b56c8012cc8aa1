"""The keyword index in a real SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.database import migrate
from assistant.knowledge.keywords import add, frequencies, remove, search, texts

CHUNKS = [
    (1, "深度学习 卷积网络", "卷积核在图像上滑动，得到特征图。步幅和填充决定输出的大小。"),
    (2, "深度学习 正则化", "过拟合（overfitting）时训练误差低而测试误差高；dropout 随机丢弃神经元。"),
    (3, "深度学习 优化", "梯度下降沿负梯度方向更新参数，学习率太大会发散。"),
    (4, "Deep learning Attention", "Multi-head attention compares queries with keys and mixes the values."),
    (5, "Deep learning Optimisation", "Gradient descent follows the negative gradient; momentum smooths the steps."),
    (6, "Databases", "A transaction is atomic: it happens wholly or not at all."),
    (7, "Databases Indexes", "A B-tree index keeps its keys sorted, so that ranges are read in order."),
    (8, "統計學 假設檢定", "顯著水準與檢定力；型一錯誤與型二錯誤。"),
]


@pytest.fixture
def index() -> Iterator[sqlite3.Connection]:
    with closing(empty()) as connection:
        add(connection, CHUNKS)
        yield connection


def empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def ids(connection: sqlite3.Connection, query: str, **options: object) -> list[int]:
    return [hit.chunk_id for hit in search(connection, query, 10, **options)]  # type: ignore[arg-type]


def stored(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    tables = ("keyword_totals", "keyword_texts", "keyword_terms")
    return [connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("什么是过拟合？", 2),
        ("overfitting", 2),
        ("特征图的大小由什么决定", 1),
        ("how does multihead attention work", 4),
        ("momentum", 5),
        ("Could you please explain what a transaction is?", 6),
        ("显著水平和检验力：假设检定", 8),
        ("b-tree", 7),
    ],
)
def test_the_chunk_that_answers_comes_first(index: sqlite3.Connection, query: str, best: int) -> None:
    assert ids(index, query)[0] == best


def test_a_hit_says_which_terms_it_holds(index: sqlite3.Connection) -> None:
    hit = search(index, "dropout transformers", 1)[0]

    assert (hit.chunk_id, hit.terms) == (2, ("dropout",))
    assert 0 < hit.score < 1


def test_words_that_no_chunk_holds_lower_the_score(index: sqlite3.Connection) -> None:
    known, mixed = search(index, "momentum", 1)[0], search(index, "momentum photosynthesis chlorophyll", 1)[0]

    assert mixed.score < known.score / 2


def test_scores_fall_and_lie_between_0_and_1(index: sqlite3.Connection) -> None:
    scores = [hit.score for hit in search(index, "深度学习 gradient keys 学习率", 10)]

    assert len(scores) > 3
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_words_standing_together_beat_words_far_apart() -> None:
    with closing(empty()) as connection:
        apart = "learning " + "filler words of many kinds " * 3 + "rate"
        add(connection, [(1, "", apart), (2, "", "learning rate " + "filler words of many kinds " * 3)])

        assert ids(connection, "learning rate") == [2, 1]


def test_a_title_counts_but_less_than_the_text() -> None:
    with closing(empty()) as connection:
        add(connection, [(1, "dropout", "something else"), (2, "something", "dropout else"), (3, "x", "y z")])

        assert ids(connection, "dropout") == [2, 1]


def test_traditional_notes_are_found_with_a_simplified_question(index: sqlite3.Connection) -> None:
    assert ids(index, "型一错误")[0] == 8


def test_a_follow_up_leans_on_the_question_before(index: sqlite3.Connection) -> None:
    assert ids(index, "它在训练时做什么？", context="什么是 dropout？")[0] == 2
    assert ids(index, "momentum", context="什么是 dropout？")[0] == 5


def test_only_narrows_the_search(index: sqlite3.Connection) -> None:
    assert 5 in ids(index, "gradient learning")
    assert ids(index, "gradient learning", only={4, 6}) == [4]
    assert ids(index, "gradient learning", only=[]) == []


def test_more_hits_than_candidates_can_be_asked_for() -> None:
    with closing(empty()) as connection:
        add(connection, [(number, "", f"gradient number {number}") for number in range(300)])

        assert len(search(connection, "gradient", 250)) == 250


def test_what_is_removed_is_gone_and_leaves_no_trace(index: sqlite3.Connection) -> None:
    before = stored(index)
    add(index, [(99, "Temporary 臨時", "Zeitgeist 临时的内容，overfitting again")])

    remove(index, [99, 99, 12345])

    assert stored(index) == before
    assert ids(index, "zeitgeist") == []


def test_an_id_cannot_be_indexed_twice(index: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        add(index, [(1, "again", "again")])


def test_everything_belongs_to_the_transaction_of_the_caller(index: sqlite3.Connection) -> None:
    before = stored(index)

    index.execute("BEGIN")
    add(index, [(50, "", "quaternion")])
    remove(index, [1, 2])
    assert ids(index, "quaternion") == [50]
    index.execute("ROLLBACK")

    assert stored(index) == before
    assert ids(index, "quaternion") == []


def test_frequencies_are_exact_for_words_and_pairs_apart(index: sqlite3.Connection) -> None:
    frequencies = dict(index.execute("SELECT term, doc FROM keyword_terms"))

    assert (frequencies["gradient"], frequencies["~梯度"], frequencies["梯度"]) == (1, 1, 1)
    assert frequencies["~学习"] == 3


def test_a_chunk_tells_which_terms_it_holds_however_it_was_cut(index: sqlite3.Connection) -> None:
    (chunk,) = texts(index, [2, 12345])

    assert all(map(chunk.holds, ["overfit", "dropout", "正则化", "训练误差", "机丢"]))
    assert not any(map(chunk.holds, ["drop", "训练误差低，而测试", "梯度"]))


def test_a_word_that_was_cut_differently_counts_as_its_rarest_pair(index: sqlite3.Connection) -> None:
    chunks, counted = frequencies(index, ["gradient", "深度学习", "习率", "红烧肉", "missing"])

    assert chunks == len(CHUNKS)
    assert counted == {"gradient": 1, "深度学习": 3, "习率": 1, "红烧肉": 0, "missing": 0}


@pytest.mark.parametrize(
    "query",
    ["", "   ", "?!", "的是了", "the of", "\x00", "\ud800"],
    ids=["empty", "blank", "signs", "zh", "en", "nul", "surrogate"],
)
def test_a_question_without_any_term_finds_nothing(index: sqlite3.Connection, query: str) -> None:
    assert search(index, query, 5) == []


def test_an_empty_index_finds_nothing() -> None:
    with closing(empty()) as connection:
        assert search(connection, "gradient 梯度", 5) == []


@pytest.mark.parametrize(
    "query",
    [
        '"dropout',
        "dropout' OR 1=1 --",
        "body_words:dropout",
        "dropout*",
        "NEAR(dropout, 2)",
        "dropout AND NOT (",
        "^dropout",
        "~丢弃",
        "{title_words}: dropout",
        "-dropout + dropout",
    ],
)
def test_the_syntax_of_fts5_means_nothing_in_a_question(index: sqlite3.Connection, query: str) -> None:
    assert ids(index, query) == [2]


def test_a_pasted_page_is_answered_like_a_question(index: sqlite3.Connection) -> None:
    page = "过拟合与 dropout。" + " ".join(f"word{number} 词语{number}" for number in range(20_000))

    assert ids(index, page)[0] == 2


@given(st.text(), st.text())
def test_any_text_can_be_indexed_found_and_removed(title: str, body: str) -> None:
    with closing(empty()) as connection:
        add(connection, [(1, "Anchor", "something to keep")])
        before = stored(connection)

        add(connection, [(2, title, body)])
        hits = search(connection, body, 5, context=title)
        remove(connection, [2])

        assert all(0 <= hit.score <= 1 for hit in hits)
        assert stored(connection) == before
