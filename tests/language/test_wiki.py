"""Obsidian's and Logseq's Markdown as people read it, and hostile texts that only look like it."""

from __future__ import annotations

import pytest

from assistant.language.wiki import links_of, properties, shown, spoken

UUID = "64f0a1b2-1111-4222-8333-444455556666"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("see [[Attention]] now", "see Attention now"),
        ("see [[课程/Attention|注意力]]。", "see 注意力。"),
        ("[[课程/Attention#Scores]]", "Attention › Scores"),
        ("[[Attention#^a1b2c3|那一段]]", "那一段"),
        ("[[Attention#^a1b2c3]]", "Attention"),
        ("[[#Scores]]", "Scores"),
        ("a ![[图 1.png|300]] b", "a  b"),
        ("![[另一篇]]", "另一篇"),
        ("> [!note] 要点\n> 内容", "> 要点\n> 内容"),
        ("> [!warning]- Folded\n> x", "> Folded\n> x"),
        ("A claim. ^a1b2c3", "A claim. "),
        ("x^2 and 2^n", "x^2 and 2^n"),
        ("before %%hidden%% after", "before  after"),
        ("%%\nhidden\nlines\n%%\nshown", "shown"),
        ("100%% sure and 5%", "100%% sure and 5%"),
        ("==marked== words", "marked words"),
        ("x == y == z", "x == y == z"),
        (f"- see (({UUID}))", "- see "),
        (f"- see [that block]((({UUID})))", "- see that block"),
        (f"- {{{{embed (({UUID}))}}}} x", "-  x"),
        ("- TODO [#A] review [[FSRS]]", "- review FSRS"),
        ("\t- DOING read", "\t- read"),
        ("- TODOS are many", "- TODOS are many"),
        ("- block\n  id:: " + UUID + "\n  collapsed:: true", "- block"),
        ("- block\n  source:: [[Deep Learning Book]]", "- block\nsource: Deep Learning Book"),
        (
            "- task\n  SCHEDULED: <2026-01-05 Mon>\n  :LOGBOOK:\n  CLOCK: [2026-01-05 Mon]\n  :END:\n- next",
            "- task\n- next",
        ),
        ("#[[reinforcement learning]] helps", "reinforcement learning helps"),
        ("plain text stays\r\nas it is", "plain text stays\r\nas it is"),
    ],
)
def test_a_text_says_its_words_and_not_its_signs(written: str, read: str) -> None:
    assert spoken(written) == read


@pytest.mark.parametrize(
    "code",
    [
        "```cpp\nstd::vector<int> x; [[nodiscard]] int f(); // ^a1\nid:: 5\n```",
        "~~~\n- TODO [[x]] %%y%%\n~~~",
        "use `[[ -f x ]]` and ``a == `[[b]]` == c`` here",
    ],
)
def test_code_stays_as_it_is(code: str) -> None:
    assert spoken(code) == code
    assert shown(code) == code


def test_what_is_drawn_keeps_pictures_tasks_and_titles() -> None:
    text = "> [!tip] 提示\n> 见 ![[图/a b.png|200]]\n\n- TODO 复习 [[FSRS|间隔重复]] ^a1b2\n  id:: " + UUID

    assert shown(text) == "> **提示**\n> 见 ![a b.png](<图/a b.png>)\n\n- TODO 复习 间隔重复 "


def test_a_callout_without_a_title_is_called_by_its_kind() -> None:
    assert shown("> [!warning]\n> x") == "> **warning**\n> x"


def test_links_are_data_each_once_without_pictures_tags_and_code() -> None:
    links = links_of("[[A]] [[A]] [[b/C#d|e]] ![[F]] ![[g.png]] #[[tag]] `[[no]]`\n```\n[[no]]\n```\n[[#here]]")

    assert [(link.target, link.part, link.shown, link.embedded) for link in links] == [
        ("A", "", "A", False),
        ("b/C", "d", "e", False),
        ("F", "", "F", True),
    ]


def test_properties_are_read_outside_code() -> None:
    assert dict(properties("title:: 注意力\n- x\n  Type:: [[概念]]\n```\nno:: x\n```\nstd::vector")) == {
        "title": "注意力",
        "type": "[[概念]]",
    }


@pytest.mark.parametrize(
    "piece",
    [
        "[[",
        "]]",
        "[[a|",
        "((",
        "{{",
        "%%",
        "==",
        "==a",
        "> [!",
        "`",
        "`a",
        "a::",
        "- TODO ",
        " ^a",
        "[x](((",
        "#[[",
        "> > ",
    ],
)
def test_a_megabyte_of_signs_is_read_to_its_end(piece: str) -> None:
    text = piece * (1_000_000 // len(piece)) + "\n\nthe last words"

    assert spoken(text).endswith("the last words")
    assert shown(text).endswith("the last words")
    assert links_of(text) == ()


@pytest.mark.parametrize(
    "text", ["[[", "[[]]", "[[|]]", "![[|]]", "%%", "%%a", "> [!]", "::", "a::", "- TODO", "(())", "{{}}", "\x00[[a]]"]
)
def test_broken_signs_break_nothing(text: str) -> None:
    assert isinstance(spoken(text) + shown(text), str)
    assert len(links_of(text)) <= 1
