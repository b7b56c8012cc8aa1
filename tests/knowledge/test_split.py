"""The pieces of a note: where they are cut, and what must hold for any text whatever."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.knowledge.chunks import Piece
from assistant.knowledge.notes import Kind, Note
from assistant.knowledge.split import MAXIMUM_TOKENS, SHORT_TOKENS, TARGET_TOKENS, split
from assistant.language.sentences import CLOSERS
from assistant.money.tokens import count

SENTENCE = "梯度下降沿着损失函数下降最快的方向，一步一步地更新参数，直到损失不再变小。"
WORDS = "gradient descent moves the weights a little against the slope of the loss "


def note(text: str, kind: Kind = "markdown", title: str = "笔记", page_starts: Sequence[int] = ()) -> Note:
    return Note("a.md", title, kind, "0", text, "utf-8", tuple(page_starts))


def pieces(text: str, kind: Kind = "markdown", title: str = "笔记") -> list[Piece]:
    found = split(note(text, kind, title))
    check(text, found)
    return found


def check(text: str, found: Sequence[Piece]) -> None:
    """What holds for every note."""
    last = 0
    for piece in found:
        start, end = piece.chars
        assert text[start:end] == piece.text
        assert piece.text.strip()
        assert piece.text == piece.text.rstrip()
        assert piece.text.strip("\r\n") == piece.text
        assert last <= start
        assert piece.lines == (line_of(text, start), line_of(text, end - 1))
        assert piece.tokens == count(piece.text) <= MAXIMUM_TOKENS
        assert len(piece.lead) <= 210
        last = end


def line_of(text: str, offset: int) -> int:
    return 1 + len(re.findall(r"\r\n|\n|\r(?!\n)", text[:offset]))


def uncovered(text: str, found: Sequence[Piece]) -> str:
    """What no piece holds, its lines kept apart."""
    bounds = [0, *(bound for piece in found for bound in piece.chars), len(text)]
    return "\n".join(text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)).strip()


# --- Headings ---------------------------------------------------------------------------------------------------------


def test_a_heading_begins_a_piece_and_is_in_its_path() -> None:
    found = pieces("# 机器学习\n\n引言。\n\n## 监督学习\n\n用标签训练。\n\n## 无监督学习\n\n没有标签。\n")

    assert [(piece.heading, piece.lines) for piece in found] == [
        (("机器学习",), (1, 3)),
        (("机器学习", "监督学习"), (5, 7)),
        (("机器学习", "无监督学习"), (9, 11)),
    ]
    assert found[1].text == "## 监督学习\n\n用标签训练。"


def test_the_title_of_the_note_is_left_out_of_the_path() -> None:
    found = pieces("# AI\n\n引言。\n\n## RAG\n\n检索。\n\n# 附录\n\n完。\n", title="AI")

    assert [piece.heading for piece in found] == [(), ("RAG",), ("附录",)]


def test_underlined_headings_count_and_hashes_in_fences_do_not() -> None:
    text = "Title\n=====\n\nintro\n\n~~~python\n# not a heading\n~~~\n\n```\n## nor this\n```\n\nPart\n----\n\nbody\n"

    assert [piece.heading for piece in pieces(text)] == [("Title",), ("Title", "Part")]


def test_a_heading_in_a_list_or_quote_is_part_of_it() -> None:
    assert [piece.heading for piece in pieces("# A\n\n- # in a list\n- x\n\n> ## in a quote\n")] == [("A",)]


def test_a_sentence_above_a_rule_is_prose_and_not_a_heading() -> None:
    text = "# A\n\n过拟合就是模型记住了训练集。\n---\n\n## B\n\nx\n"

    assert [(piece.heading, piece.lines) for piece in pieces(text)] == [(("A",), (1, 4)), (("A", "B"), (6, 8))]


def test_a_heading_with_only_headings_under_it_is_in_their_paths_and_makes_no_piece() -> None:
    found = pieces("# A\n\n## B\n\n### C\n\nx\n\n## D\n\ny\n")

    assert [piece.heading for piece in found] == [("A", "B", "C"), ("A", "D")]
    assert [piece.text for piece in found] == ["### C\n\nx", "## D\n\ny"]


def test_neighbouring_headings_with_nothing_at_all_under_them_are_one_outline() -> None:
    found = pieces("# A\n\n## 待学：注意力\n\n## 待学：卷积\n\n## B\n\nx\n\n### 深\n## 末尾\n# Z\n")

    assert [(piece.heading, piece.text) for piece in found] == [
        (("A",), "## 待学：注意力\n\n## 待学：卷积"),
        (("A", "B"), "## B\n\nx"),
        (("A", "B"), "### 深"),
        (("A",), "## 末尾"),
        ((), "# Z"),
    ]


def test_an_endless_heading_is_shortened_in_the_path() -> None:
    (piece,) = pieces(f"# {'a' * 300}\n\nx\n")

    assert piece.heading == ("a" * 199 + "…",)


# --- What produces nothing --------------------------------------------------------------------------------------------


def test_front_matter_and_contents_are_left_out() -> None:
    text = "---\ntitle: x\ntags: [a]\n---\n\n[toc]\n\n# A\n\nbody\n"

    assert [piece.text for piece in pieces(text)] == ["# A\n\nbody"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("---\ntitle: x\n# never closed", id="unclosed"),
        pytest.param("---\n普通的一段话\n\n---\n", id="two rules around prose"),
    ],
)
def test_what_only_resembles_front_matter_is_read(text: str) -> None:
    found = pieces(text)

    assert uncovered(text, found).strip("-\n") == ""
    assert found


@pytest.mark.parametrize("text", ["", " \n\t\n\u3000\n", "---\na: 1\n---\n", "[TOC]\n", "\ufeff\n"[1:]])
def test_a_note_that_says_nothing_has_no_pieces(text: str) -> None:
    assert pieces(text) == []


# --- Packing ----------------------------------------------------------------------------------------------------------


def test_a_section_that_fits_stays_whole() -> None:
    text = "## A\n\n" + f"{SENTENCE}\n\n" * 18

    assert TARGET_TOKENS < count(text) < MAXIMUM_TOKENS
    assert len(pieces(text)) == 1


def test_paragraphs_are_packed_up_to_the_target() -> None:
    text = "## A\n\n" + f"{SENTENCE}\n\n" * 60
    found = pieces(text)

    assert uncovered(text, found) == ""
    assert {piece.heading for piece in found} == {("A",)}
    assert all(TARGET_TOKENS * 0.8 < piece.tokens <= TARGET_TOKENS for piece in found[:-1])


def test_a_remainder_joins_its_neighbour() -> None:
    text = "## A\n\n" + f"{SENTENCE * 13}\n\n" + f"{SENTENCE * 13}\n\n短短一句。\n"
    found = pieces(text)

    assert len(found) == 2
    assert min(piece.tokens for piece in found) >= SHORT_TOKENS
    assert found[-1].text.endswith("短短一句。")


def test_an_introduction_goes_with_what_it_introduces() -> None:
    items = "".join(f"- 第 {n} 种：{SENTENCE}\n" for n in range(9))
    found = pieces(f"## A\n\n{SENTENCE * 9}\n\n分为以下几种：\n\n{items}")

    assert [piece.text.strip().startswith("分为以下几种：") for piece in found] == [False, True]


def test_every_definition_of_a_list_stays_whole() -> None:
    names = [f"概念{n}" for n in range(12)]
    text = "## 名词\n\n" + "".join(f"- {name}：{SENTENCE}\n\n  1. {SENTENCE}\n  2. 如 {name}。\n\n" for name in names)
    found = pieces(text)

    assert len(found) > 1
    for name in names:
        assert sum(f"- {name}：" in piece.text and f"如 {name}。" in piece.text for piece in found) == 1


# --- Dividing ---------------------------------------------------------------------------------------------------------


def test_a_long_paragraph_is_cut_after_the_closing_quote() -> None:
    text = "".join(f"老师说：“第 {n} 点，{SENTENCE}”" for n in range(30))
    found = pieces(text)

    assert len(found) > 1
    assert uncovered(text, found) == ""
    assert all(piece.text.startswith("老师说") and piece.text.endswith("。”") for piece in found)


def test_a_long_table_is_cut_at_rows_and_continues_with_its_header() -> None:
    rows = [f"| 第 {n} 步 | {SENTENCE} |" for n in range(40)]
    text = "## 步骤\n\n| 名称   | 说明            |\n| ------ | ------------ |\n" + "\n".join(rows) + "\n"
    found = pieces(text)

    assert len(found) > 1
    assert [line for piece in found for line in piece.text.split("\n") if "第" in line] == rows
    assert [piece.lead for piece in found] == [""] + ["| 名称 | 说明 |\n| --- | --- |"] * (len(found) - 1)


def test_a_long_list_names_the_items_above_a_continuation() -> None:
    inner = "".join(f"     - 第 {n} 条：{SENTENCE}\n" for n in range(40))
    found = pieces(f"## A\n\n1. 训练\n   - 第三阶段：RLHF\n{inner}")

    assert len(found) > 1
    assert found[1].lead == "1. 训练\n- 第三阶段：RLHF"
    assert all(piece.text.startswith("     - 第") for piece in found[1:])


def test_a_long_fence_is_cut_between_lines_and_keeps_its_indentation() -> None:
    code = "".join(f"def step_{n}(x):\n    if x:\n        return f(\n            x\n        )\n\n" for n in range(60))
    text = f"```python\n{code}```\n"
    found = pieces(text)

    assert len(found) > 1
    assert {piece.lead for piece in found[1:]} == {"```python"}
    assert not any(piece.text.lstrip()[0] in ")`" for piece in found[1:])
    assert all(text[piece.chars[0] - 1] == "\n" for piece in found[1:])


@pytest.mark.parametrize(
    "block",
    [
        pytest.param("```python\n" + "total = total + step * 2\n" * 50 + "```", id="fence"),
        pytest.param("```python\n" + "a = 1\n\n" * 95 + "```", id="fence with blank lines"),
        pytest.param("$$\n" + "\\frac{a}{b} + \n" * 52 + "$$", id="formula"),
        pytest.param("| a |\n|---|\n| " + WORDS * 34 + "|", id="row"),
    ],
)
@pytest.mark.parametrize("before", ["## A\n\n", f"## A\n\n{SENTENCE * 9}\n\n", f"- {SENTENCE * 9}\n\n"])
def test_what_fits_is_never_cut(block: str, before: str) -> None:
    whole = block.rpartition("\n")[2] if block.startswith("|") else block
    assert TARGET_TOKENS < count(whole) <= MAXIMUM_TOKENS

    found = pieces(f"{before}{block}\n\n{SENTENCE * 9}\n")

    assert sum(whole.strip() in piece.text for piece in found) == 1


def test_a_text_without_a_boundary_is_cut_at_blanks_where_it_has_some() -> None:
    text = WORDS * 200
    found = pieces(text)

    assert len(found) > 1
    assert "".join(piece.text for piece in found).replace(" ", "") == text.replace(" ", "")
    assert all(piece.text.split()[0] in WORDS.split() and piece.text.split()[-1] in WORDS.split() for piece in found)


def test_a_hard_cut_never_parts_a_sign_from_what_closes_or_joins_it() -> None:
    text = "学习（习）" * 400 + "👩‍👩‍👧‍👦" * 200
    found = pieces(text)

    assert len(found) > 1
    assert uncovered(text, found) == ""
    assert not any(piece.text[0] in CLOSERS or "\u200d" in (piece.text[0], piece.text[-1]) for piece in found)


# --- Other kinds of notes ---------------------------------------------------------------------------------------------


def test_a_piece_of_a_pdf_never_crosses_a_page() -> None:
    pages = [f"第 {n} 页。\n\n{SENTENCE * 20}\n" for n in range(1, 4)]
    text = "".join(pages)
    starts = [0, len(pages[0]), len(pages[0]) + len(pages[1])]
    found = split(note(text, "pdf", page_starts=starts))
    check(text, found)

    assert {piece.page for piece in found} == {1, 2, 3}
    assert uncovered(text, found) == ""
    for piece in found:
        assert sum(start <= piece.chars[0] for start in starts) == piece.page
        assert sum(start < piece.chars[1] for start in starts) == piece.page


def test_an_empty_page_is_counted_and_makes_no_piece() -> None:
    found = split(note("one\ntwo\n", "pdf", page_starts=[0, 4, 4]))

    assert [(piece.page, piece.text) for piece in found] == [(1, "one"), (3, "two")]


def test_plain_text_is_cut_between_paragraphs_and_knows_no_headings() -> None:
    text = "\n \n".join(f"# 第 {n} 段 {SENTENCE * 3}" for n in range(9))
    found = pieces(text, "text")

    assert len(found) > 1
    assert {piece.heading for piece in found} == {()}
    assert all(piece.text.startswith("# 第") for piece in found)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_markdown_counts_them(end: str) -> None:
    found = pieces(end.join(["# A", "", "x\x0by\x0cz\u2028w\x85v", "", "# B", "", "tab\t\x00nul"]))

    assert [piece.lines for piece in found] == [(1, 3), (5, 7)]


# --- Hostile notes ----------------------------------------------------------------------------------------------------


@pytest.mark.case(24)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("学习" * 150_000, id="one endless line"),
        pytest.param("a" * 300_000, id="one endless word"),
        pytest.param("a" + " " * 300_000 + "b", id="blanks"),
        pytest.param("a" + "\n" * 100_000 + "b", id="blank lines"),
        pytest.param("> " * 20_000 + "deep\n", id="deep quote"),
        pytest.param("".join("  " * n + f"- item {n}\n" for n in range(500)), id="deep list"),
        pytest.param("- > " * 5_000 + "x\n", id="deep mixture"),
        pytest.param(f"|{'c|' * 2_000}\n|{'-|' * 2_000}\n" + f"|{'v|' * 2_000}\n" * 5, id="wide table"),
        pytest.param("[" * 20_000 + "x" + "]" * 20_000, id="brackets"),
        pytest.param("[a]: /u\n" * 5_000, id="link definitions"),
        pytest.param("$$\n" * 5_000, id="formulas"),
        pytest.param(")\n/" * 5_000, id="lines that are worth more together"),
        pytest.param("<|endoftext|>" * 5_000, id="special tokens"),
        pytest.param("a\ud800b\x00c\n" * 500, id="lone surrogates"),
    ],
)
def test_nothing_is_lost_of_a_hostile_note(text: str) -> None:
    assert uncovered(text, pieces(text)) == ""


@pytest.mark.case(24)
def test_fifty_thousand_headings_are_an_outline() -> None:
    text = "".join(f"# h{n}\n" for n in range(50_000))
    found = split(note(text))

    assert uncovered(text, found) == ""
    assert all(piece.tokens <= MAXIMUM_TOKENS for piece in found)
    assert len(found) < 1_000


# --- Any note whatever ------------------------------------------------------------------------------------------------

PROSE = [
    SENTENCE, WORDS, WORDS * 12, SENTENCE * 15, "定义：“过拟合”（overfitting）。”", "学" * 700, "x" * 3_000,
    "👩‍👩‍👧‍👦" * 60, "）",
    "”。", "- 项目", "  - 子项", "    1. 深", "* * x", "> 引用", "> - > q", "| a | b |", "|---|---|",
    "```", "~~~py", "    code", "$$", "$$x$$", "<div>", "<!--", "[a]: /u", "\\[", "\t- t", "a\x0bb\x0cc\u2028d",
    "\x00", "\u3000\u3000首行", "\ufeff", "\x85", "\u200d",
]  # fmt: skip
UNDERLINED = re.compile(r"^ {0,3}(=+|-+)[ \t]*$", re.MULTILINE)
STRUCTURE = ["# 一", "## 二", "### three ###", "#", "===", "---", "***", "[toc]", "---\nk: v\n---", "+ # h", "a: b"]


def texts(fragments: list[str]) -> st.SearchStrategy[str]:
    lines = st.lists(st.sampled_from(fragments) | st.text(max_size=8), max_size=30)
    return st.builds(lambda found, end: end.join(found), lines, st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\n \n"]))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(texts(PROSE + STRUCTURE))
def test_any_markdown_is_split_soundly_and_only_bare_structure_is_left_out(text: str) -> None:
    left = [line for line in uncovered(text, pieces(text)).split("\n") if line.strip()]

    # Whatever was left out is no prose: headings above headings, rules, underlines, contents, keys.
    assert not any(fragment in line for line in left for fragment in PROSE if len(fragment) > 20 and "#" not in line)
    assert all(re.match(r"[ \t>+*-]*(#|=|-|_|\*|\[toc|k: v)", line) or UNDERLINED.search(text) for line in left)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(texts(PROSE), st.sampled_from(["text", "pdf", "markdown"]))
def test_nothing_of_any_prose_is_lost(text: str, kind: Kind) -> None:
    # Random text may happen to be a rule, a heading or an underline to Markdown.
    if kind == "markdown":
        text = re.sub(r"[#=_-]", "x", text.replace("|---|", "|:|"))
    found = pieces(text, kind)

    assert uncovered(text, found) == ""


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([SENTENCE, "问：“为何？”", "（见下。）", "Yes (really!). ", "f(x) "]), min_size=20))
def test_no_piece_of_a_paragraph_begins_with_what_closes(sentences: list[str]) -> None:
    text = "".join(sentences)

    assert not any(piece.text[0] in CLOSERS for piece in pieces(text))
