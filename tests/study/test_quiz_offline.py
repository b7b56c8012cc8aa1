"""Questions without a model: whatever the notes hold, their keys can be defended and nothing gives itself away."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge.chunks import Chunk, Piece
from assistant.knowledge.term_names import Name
from assistant.language.folding import fold
from assistant.study.quiz import BLANK, KINDS, Given, Kind, Question, is_right, question_of
from assistant.study.quiz_excerpt import excerpt
from assistant.study.quiz_offline import alike, offline_questions
from assistant.study.quiz_terms import definitions_of
from assistant.study.scope import chunks_within

TERMS = (
    "- 过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。\n- 欠拟合（Underfitting）：训练集上都学不好，模型太简单。\n"
    "- 正则化（Regularization）：给损失加一项 $\\lambda \\lVert w \\rVert$，惩罚过大的权重。\n"
    "- 早停（Early stopping）：验证损失连续几轮不降就停止训练。\n- **学习率**（Learning rate，LR）：每一步沿梯度走多远，通常很小。\n"
    "注意：这一行不是术语，只是一句提醒。\n待了解：\n```\nkey: a value inside of code is none\n```\n"
    "| 方法 | 说明 |\n|---|---|\n| Dropout | 训练时随机关掉一部分神经元 |\n"
)
TABLE = "| 变体 | KV 头 | 缓存 |\n|---|---|---|\n| MHA | 每个查询头一个 | 最大 |\n| GQA | 每组一个 | 中等 |\n| MQA | 只有一个 | 最小 |\n"


def chunk(text: str, id_: int = 1, note: str = "训练.md") -> Chunk:
    piece = Piece(text, ("正则",), None, (1, text.count("\n") + 1), (0, len(text)), 100)
    return Chunk(id_, 1, note, note.removesuffix(".md"), "markdown", piece)


def test_definitions_are_found_with_all_their_names_and_remarks_are_not() -> None:
    found = definitions_of([chunk(TERMS)])

    assert [one.names for one in found] == [
        ("过拟合", "Overfitting"), ("欠拟合", "Underfitting"), ("正则化", "Regularization"), ("早停", "Early stopping"),
        ("学习率", "Learning rate", "LR"), ("Dropout",),
    ]  # fmt: skip
    assert all(one.line in TERMS for one in found)


def test_a_term_has_the_names_that_other_notes_give_it_and_is_surely_one() -> None:
    text = "- 提前停止：验证损失连续几轮不降就停止训练。\n"
    (alone,) = definitions_of([chunk(text)])
    (named,) = definitions_of([chunk(text)], [Name("提前停止", "Early stopping", "ES"), Name(zh="提前停止")])

    assert (alone.names, alone.sure) == (("提前停止",), False)
    assert (named.names, named.sure) == (("提前停止", "Early stopping", "ES"), True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_every_kind_is_answered_by_its_key_and_by_nothing_else(kind: Kind, seed: int) -> None:
    made = offline_questions([chunk(TERMS)], 6, (kind,), seed)

    assert made
    assert {one.kind for one in made} == {kind}
    for question in made:
        assert fold(question.quote).text in fold(question.source.text).text
        assert question_of(question.as_json()) == question
        _answers(question)


def test_a_question_names_the_very_lines_of_its_quotation() -> None:
    lines = TERMS.split("\n")

    for question in offline_questions([chunk(TERMS)], 6, ("cloze",)):
        first, last = question.source.lines
        assert first == last
        assert lines[first - 1].strip() == question.quote


def _answers(question: Question) -> None:
    if question.kind == "short":
        assert is_right(question, Given(text=question.accepted[0])) is None
    elif question.kind == "cloze":
        assert question.prompt.count(BLANK) >= 1
        assert all(is_right(question, Given(text=f" {name.upper()} ")) for name in question.accepted)
        assert not is_right(question, Given(text="别的"))
        assert all(fold(name).text not in fold(question.prompt).text for name in question.accepted)
    else:
        places = range(len(question.options))
        assert is_right(question, Given(question.key))
        assert [is_right(question, Given((place,))) for place in places].count(True) == (len(question.key) == 1)
        assert len({fold(one).text for one in question.options}) == len(question.options)
        assert question.kind == "true_false" or alike(question.options)


def test_the_same_seed_makes_the_same_quiz_and_another_one_another() -> None:
    quizzes = [[one.prompt for one in offline_questions([chunk(TERMS)], 5, KINDS, seed)] for seed in (1, 1, 2)]

    assert quizzes[0] == quizzes[1] != quizzes[2]


def test_keys_stand_in_every_place() -> None:
    places = {one.key[0] for seed in range(12) for one in offline_questions([chunk(TERMS)], 6, ("single",), seed)}

    assert places == {0, 1, 2, 3}


def test_a_false_statement_says_what_another_term_means() -> None:
    made = [one for seed in range(6) for one in offline_questions([chunk(TERMS)], 6, ("true_false",), seed)]

    assert {one.key for one in made} == {(0,), (1,)}
    for question in made:
        said = question.prompt.rsplit("：", 1)[-1]
        assert (fold(said).text in fold(question.quote).text) == (question.key == (0,))


def test_a_cell_of_a_table_is_asked_with_the_other_cells_as_options() -> None:
    made = offline_questions([chunk(TABLE)], 5, ("single",))

    assert {one.answer for one in made} == {"每个查询头一个", "中等", "只有一个"}
    for question in made:
        assert BLANK in question.prompt
        assert question.prompt.count("|---|---|---|") == 1
        assert question.answer not in question.prompt


def test_refused_questions_never_return_and_known_ones_come_last() -> None:
    chunks = [chunk(TERMS)]
    first, second, *_ = offline_questions(chunks, 5, KINDS, 3)

    again = offline_questions(chunks, 30, KINDS, 3, {first.fingerprint}, {second.fingerprint})

    assert first.fingerprint not in {one.fingerprint for one in again}
    assert again[-1].fingerprint == second.fingerprint


@pytest.mark.parametrize(
    "text", ["", "词", "https://example.org/a", "# 标题\n", "[link](https://example.org)\n- \n", "：\n：："]
)
def test_empty_one_word_and_link_only_notes_give_no_question(text: str) -> None:
    assert offline_questions([chunk(text)], 5) == []


def test_an_excerpt_is_the_whole_table_code_or_list_around_the_quotation() -> None:
    code = "```python\nx = 1\n\ny = 2\n```"
    passage = f"Before.\n\n{TABLE}\n{code}\n\n$$\na\n\nb\n$$"

    assert excerpt(passage, "| GQA | 每组一个 | 中等 |") == TABLE.rstrip("\n")
    assert excerpt(passage, "y = 2") == code
    assert excerpt(passage, "not there") == "not there"


def test_a_quiz_is_about_the_chosen_notes_only(app: Assistant, notes: Path) -> None:
    (notes / "训练.md").write_text(TERMS, encoding="utf-8")
    app.sync().run()

    assert {one.note for one in chunks_within(app.store, ["训练.md"])} == {"训练.md"}
    assert len({one.note for one in chunks_within(app.store)}) == 4
