"""Foreign text on the screen: what is shown, and what can never come out of the renderer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from PIL import Image

from assistant.ui.citation_links import citation_anchors
from assistant.ui.render import LONGEST_MESSAGE, note_images, plain, safe_markdown, split_long
from tests.hostile_markup import FETCHING, FREEZING

LEAK = "http://127.0.0.1:9/leak"
PICTURE = "data:image/png;base64,AAAA"


def as_a_browser_reads(markdown: str, *, formulas: bool = True) -> list[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    if formulas:
        parser.use(dollarmath_plugin, allow_digits=False)
    flat: list[Token] = []
    for token in parser.parse(markdown):
        flat += [token, *(token.children or [])]
    return flat


def shown(markdown: str) -> str:
    tokens = as_a_browser_reads(markdown)
    return "".join(
        "\n" if token.type in ("softbreak", "hardbreak") else token.content
        for token in tokens
        if token.type != "inline"
    )


def assert_harmless(markdown: str, *, pictures: frozenset[str] = frozenset()) -> None:
    for token in [*as_a_browser_reads(markdown), *as_a_browser_reads(markdown, formulas=False)]:
        assert not token.type.startswith("html"), token
        if token.type == "image":
            assert token.attrs["src"] in pictures, token
        if token.type == "link_open":
            assert re.match(
                r"https?://[a-z0-9\[]|mailto:|#cite-[a-z0-9_-]+$", str(token.attrs["href"]), re.IGNORECASE
            ), token
        if token.type == "fence":
            assert re.fullmatch(r"[A-Za-z0-9+#-]*", token.info), token
            assert token.info != "mermaid"
        if token.type.startswith("math"):
            assert not re.search(r"\\(href|url|includegraphics|html|def|rule\{\d{4})", token.content), token


@pytest.mark.case(32, 35, 36)
@pytest.mark.parametrize("name", FETCHING)
def test_nothing_that_fetches_or_runs_is_left(name: str) -> None:
    source = FETCHING[name].replace("LEAK", LEAK).replace("HOST", "127.0.0.1:9")
    assert_harmless(safe_markdown(source))
    assert_harmless(safe_markdown(source, citations=citation_anchors("a", [1])))


@pytest.mark.case(33)
@pytest.mark.parametrize("name", FETCHING)
def test_no_frame_of_a_stream_is_dangerous(name: str) -> None:
    source = FETCHING[name].replace("LEAK", LEAK).replace("HOST", "127.0.0.1:9")
    for end in range(len(source)):
        assert_harmless(safe_markdown(source[:end]))


@pytest.mark.case(38)
@pytest.mark.parametrize("name", FREEZING)
def test_what_would_freeze_the_page_comes_out_small_and_plain(name: str) -> None:
    written = safe_markdown(FREEZING[name])
    tokens = as_a_browser_reads(written)
    assert len(written) < 3 * LONGEST_MESSAGE
    assert sum(token.type.startswith("math") for token in tokens) <= 200
    assert sum(token.type in ("td_open", "th_open") for token in tokens) <= 1_500
    assert not any(token.type == "math_block" for token in tokens)
    assert max(token.level for token in tokens) <= 60


FRAGMENTS = st.sampled_from(
    [
        *"\\`*_{}[]()<>#+-.!|~$&:=^\"' \n\t",
        *(
            "![",
            "](",
            "[1]",
            "[^1]",
            "$$",
            "```",
            "~~~",
            "**",
            "__",
            "~~",
            "\n\n",
            "    ",
            "\n- ",
            "\n1. ",
            "\n> ",
            "| a | b |\n|---|---|\n",
        ),
        *(
            "注意：",
            "“词”",
            "。",
            "a",
            "x^2",
            "http://h.example/p",
            "//h",
            "javascript:",
            "data:",
            "<img src=",
            "<br>",
            "-->",
            "\\(",
            "\\]",
        ),
        *(
            "&#33;",
            "&#91;",
            "&#x202e;",
            "&#10;",
            "&nbsp;",
            "&#32;&#32;&#32;&#32;",
            "\u200b",
            "\u202e",
            "\x00",
            "\r",
            "\ud800",
            "12",
            "9) ",
        ),
        *(
            ":red[",
            ":material/bolt:",
            ":smile:",
            "---",
            "===",
            "\\[\n",
            "\n\\]\n",
            "[a]: http://h.example\n",
            "x.png)",
            "- [ ] ",
            "www.h.example",
        ),
    ]
)


@pytest.mark.case(34, 36)
@settings(max_examples=1_500, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_no_text_whatever_brings_forth_images_html_or_foreign_links(text: str) -> None:
    written = safe_markdown(
        text, images=lambda _src: PICTURE, citations=lambda number: f"#cite-a-{number}" if number < 9 else None
    )
    assert_harmless(written, pictures=frozenset({PICTURE}))
    written.encode("utf-8")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", written)


@settings(max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_a_plain_text_is_shown_letter_by_letter(text: str) -> None:
    label = plain(text)
    tokens = as_a_browser_reads(label)
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert "\n" not in label


@pytest.mark.case(39)
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**注意：**这里", "**注意：**&#36825;里"),
        ("a**b**c", "&#97;**b**&#99;"),
        ("*a***b**", "_a_**b**"),
        ("$x$ 价格$5和$6", "$x$ 价格\\$5和\\$6"),
        ("3$\\times$4 与 $a$$b$", "3$\\times$&#52; 与 $a$\\$b\\$"),
        ("$a<b$ 与 $[a](b)$", "$a< b$ 与 $[a] (b)$"),
        (r"因为 \(x^2\)。", "因为 $x^2$。"),
        ("\\[\na\n+ b\n\\]", "$$\na\n+ b\n$$"),
        (r"\[1\]", "\\[1\\]"),
        ("- a\n    - b\n        1. c", "- a\n  - b\n    1. c"),
        ("    - 深\n    - 二", "- 深\n- 二"),
        ("- [x] 懂\n- [ ] 不懂", "- [x] 懂\n- [ ] 不懂"),
        ("| a | b |\n|:-|-:|\n| `x\\|y` | 1<br>2 |", "| a | b |\n| :-- | --: |\n| `x\\|y` | 1 / 2 |"),
        ("# 标题 #", "### 标题"),
        ("```py\nx = '```'\n```", "````py\nx = '```'\n````"),
        ("``````\n```\n``````", "````text\n```\n````"),
        ("> a\n\nb\\\nc", "> a\n\nb\\\nc"),
        ("1) a\n2) b", "1) a\n2) b"),
        ("x\n\n---", "x\n\n___"),
        ("**重点**。后", "**重点**&#12290;后"),
        ("前**“重点”**后", "&#21069;**“重点”**&#21518;"),
        ("~~“删”~~后 3~5 个", "~~“删”~~&#21518; 3\\~5 个"),
        ("$5 and $6", "\\$5 and \\$6"),
        ("$5 or x=$6, US$7-US$8", "\\$5 or x=\\$6, US\\$7-US\\$8"),
        ("价格是$5，而$x$是变量", "价格是\\$5，而$x$是变量"),
        ("$准确率 = a/b$", "$准确率 = a/b$"),
        ("￥5 和 ¥6", "￥5 和 ¥6"),
        (r"\(x\)、\(n-1\)、\(f(x)\)", "$x$、$n-1$、$f(x)$"),
        (r"\(see below\)\(如下\)", "(see below)(如下)"),
        ("$$x^2\n+ y$$", "$$\nx^2\n+ y\n$$"),
        ("```mermaid\ngraph TD; A-->B\n```", "```text\ngraph TD; A-->B\n```"),
    ],
)
def test_honest_markdown_keeps_its_meaning(source: str, expected: str) -> None:
    assert safe_markdown(source) == expected


@pytest.mark.parametrize(
    ("so_far", "expected"),
    [
        ("```py\nx = 1", "```py\nx = 1\n```"),
        ("~~~mermaid\ngraph", "```text\ngraph\n```"),
        ("| a | b |\n|---|---|\n| 1", "| a | b |\n| --- | --- |\n| 1 |  |"),
        ("式：\n\n$$\n\\frac{a}{b} +", "式：\n\n```latex\n\\frac{a}{b} +\n```"),
        ("\\[\nx = 1", "```latex\nx = 1\n```"),
        ("- 式\n\n  $$x=", "- 式\n\n  ```latex\n  x=\n  ```"),
        ("- $$ x=1\n- 二", "- \\$\\$ x=1\n- 二"),
        ("$$ x=1\n\n后文", "\\$\\$ x=1\n\n后文"),
        ("**重", "\\*\\*重"),
        ("[链接](https://a.exam", "\\[链接\\]([https\\://a.exam](https://a.exam)"),
        ("`co", "\\`co"),
    ],
)
def test_what_is_not_finished_yet_is_shown_as_far_as_it_goes(so_far: str, expected: str) -> None:
    assert safe_markdown(so_far) == expected


# Nothing ends with a digit: the parser that stands for the browser here takes back a formula where the very last character
# of its paragraph is one, which remark does not.
ANSWER_PIECES = st.sampled_from(
    [
        "**重点**。", "前**“引”**后", "~~旧~~新", "`code`", "$x^2$", r"\(n-1\)", "$5 和 $6 元", "￥7。", "[1]", "[2][3]",
        "\n\n```py\nprint('<b>')\n```\n\n", "\n\n```mermaid\ngraph TD; A-->B\n```\n\n", "\n\n$$\n\\frac{a}{b}\n$$\n\n",
        "\n\n\\[\na = b\n\\]\n\n", "\n\n| 甲 | 乙 |\n|---|---|\n| 1 | $y$ |\n\n", "\n- 一\n- 二\n", "\n1. 一\n2. 二\n",
        "\n\n> 引文\n\n", "\n\n## 标题\n\n", "[网](https://a.example/b)", "<br>", "<b>粗</b>", "![图](https://h.example/p)", "中文，English。",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(ANSWER_PIECES, min_size=1, max_size=6).map(lambda pieces: f"{' '.join(pieces)} 。"))
def test_every_beginning_of_an_answer_can_be_shown_and_the_whole_one_means_what_it_says(answer: str) -> None:
    for end in range(len(answer) + 1):
        assert_harmless(safe_markdown(answer[:end], citations=citation_anchors("a", [1, 2, 3])))
    tokens = as_a_browser_reads(safe_markdown(answer, citations=citation_anchors("a", [1, 2, 3])))
    kinds = [token.type for token in tokens]
    assert kinds.count("strong_open") == answer.count("**") // 2
    assert kinds.count("fence") == answer.count("```") // 2
    assert kinds.count("table_open") == answer.count("|---|---|")
    assert kinds.count("math_block") + kinds.count("math_block_double") == answer.count("frac") + answer.count("a = b")
    assert sum(token.content == "x^2" for token in tokens if token.type == "math_inline") == answer.count("$x^2$")
    assert "$5 和 $6" in "".join(token.content for token in tokens if token.type == "text") or "$5" not in answer


@pytest.mark.parametrize(
    "source", ["**注意：**这里", "这**“词”**也", "**a**_b_", "***x** y*", "**`f()`**是", "**$x$**是"]
)
def test_emphasis_is_seen_by_a_strict_parser_too(source: str) -> None:
    tokens = as_a_browser_reads(safe_markdown(source))
    assert any(token.type in ("strong_open", "em_open", "s_open") for token in tokens)
    assert not any("*" in token.content or "~" in token.content for token in tokens if token.type == "text")


@pytest.mark.parametrize(
    "text",
    [
        "<b>x</b> & y",
        "a_b_c * d",
        "1. x",
        "- x",
        "# x",
        "+ x",
        "[a]: b",
        "|a|b|",
        "C:\\x",
        "{{x}} ${y}",
        "===",
        "100%!",
    ],
)
def test_what_looks_like_markup_is_shown_as_it_is(text: str) -> None:
    assert shown(plain(text)) == text


@pytest.mark.parametrize("code", [":material/bolt:", ":streamlit:", ":smile:", ":+1:", ":100:"])
def test_the_shortcodes_of_streamlit_do_not_fire(code: str) -> None:
    after_backslashes = shown(plain(code))
    assert code not in after_backslashes
    assert after_backslashes.replace("\u2060", "") == code
    assert "\u2060" not in plain("12:30:45")


def test_a_shortcode_put_together_from_pieces_does_not_fire() -> None:
    assert ":smile:" not in shown(safe_markdown(":[smile](other.md): &#58;smile&#58;"))


@pytest.mark.case(35)
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[这里](https://evil.example/x)", "[这里 (evil.example)](https://evil.example/x)"),
        ("[evil.example](https://evil.example/)", "[evil.example](https://evil.example/)"),
        ("[bank.example](https://evil.example/)", "[bank.example (evil.example)](https://evil.example/)"),
        ("[bank](https://bank.example@evil.example/)", "bank"),
        ("[a](other.md) [b](#x)", "a b"),
        ("[写信](mailto:a@b.example?body=x)", "[写信 (a@b.example)](mailto:a@b.example)"),
        ("见 https://a.example/b_c。后面", "见 [https\\://a.example/b\\_c](https://a.example/b_c)。后面"),
        ("[x](https://a.example/?q=$1|`2`&copy=3)", "[x (a.example)](https://a.example/?q=%241%7C%602%60&amp;copy=3)"),
    ],
)
def test_a_link_goes_to_the_web_and_names_its_host(source: str, expected: str) -> None:
    assert safe_markdown(source) == expected


@pytest.mark.case(32)
def test_the_host_of_a_blocked_image_is_named_in_the_learners_language() -> None:
    assert shown(safe_markdown("![x](https://evil.example/?q=1)")) == "[图片已屏蔽: evil.example]"
    assert shown(safe_markdown("![x](//evil.example/?q=1)", language="en")) == "[image blocked: evil.example]"


def test_only_markers_of_the_answer_become_citations() -> None:
    cited = citation_anchors("t1", [1, 2])
    assert safe_markdown("甲[1]，乙[1, 2]", citations=cited) == (
        "甲[\\[1\\]](#cite-t1-1)，乙[\\[1\\]](#cite-t1-1)[\\[2\\]](#cite-t1-2)"
    )
    assert safe_markdown("[9] `[1]`", citations=cited) == "\\[9\\] `[1]`"
    assert safe_markdown("[1]", citations=None) == "\\[1\\]"


def test_a_citation_cannot_be_led_elsewhere_by_a_definition_or_a_link() -> None:
    cited = citation_anchors("t1", [1])
    assert_harmless(safe_markdown("[1]\n\n[1]: https://evil.example", citations=cited))
    assert "](https" not in safe_markdown("[1](https://evil.example/x)", citations=cited)
    assert "(#" not in safe_markdown("[x](#cite-t1-1)", citations=cited)
    assert "[\\[1\\]](#cite-t1-1)" in safe_markdown("[1]\n\n[1]: https://evil.example", citations=cited)


def test_an_anchor_that_is_no_anchor_is_not_written() -> None:
    assert safe_markdown("[1]", citations=lambda _number: "https://evil.example") == "\\[1\\]"
    with pytest.raises(ValueError, match="answer id"):
        citation_anchors("a) [x](http://evil", [1])


@pytest.mark.case(43)
def test_hidden_characters_are_dropped_or_spelled_out() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
    assert (
        shown(safe_markdown(f"a\u202eb zero\u200bwidth {hidden} \x1b[2J"))
        == "a⟨U+202E⟩b zerowidth ⟨U+E0069 +5⟩ ⟨U+001B⟩[2J"
    )
    assert shown(plain("evil\u202edm.fdp\nx\ud83d")) == "evil⟨U+202E⟩dm.fdp x⟨U+D83D⟩"
    assert shown(safe_markdown("👩\u200d💻")) == "👩\u200d💻"


def test_a_long_message_is_cut_and_says_so() -> None:
    text = "一行字。\n" * 10_000
    head, rest = split_long(text)
    assert head + rest == text
    assert len(head) <= LONGEST_MESSAGE
    assert f"以上是前 {len(head)} 个字符" in safe_markdown(text)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "章" / "img").mkdir(parents=True)
    Image.new("RGB", (3_000, 1_000), "red").save(folder / "章" / "img" / "a b.png")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "outside.png")
    (folder / "章" / "drawing.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "章" / "fake.png").write_bytes(b"<svg onload=alert(1)></svg>")
    (folder / "章" / "broken.png").write_bytes((folder / "章" / "img" / "a b.png").read_bytes()[:60])
    return folder


@pytest.mark.parametrize("src", ["img/a b.png", "./img/a%20b.png", "img\\a b.png", "img/../img/a b.png?x#y"])
def test_a_picture_of_the_note_is_shown_small(notes: Path, src: str) -> None:
    found = note_images(notes, "章/n.md")(src)
    assert found is not None
    assert found.startswith("data:image/png;base64,")
    assert len(found) < 400_000


@pytest.mark.case(122)
@pytest.mark.parametrize(
    "src",
    [
        "../../outside.png",
        "drawing.svg",
        "fake.png",
        "broken.png",
        "img",
        "none.png",
        "/etc/passwd",
        "",
        "\0",
        "//h/a.png",
        "file:///x.png",
    ],
)
def test_what_is_not_a_picture_inside_the_folder_is_not_shown(notes: Path, src: str) -> None:
    assert note_images(notes, "章/n.md")(src) is None


@pytest.mark.case(56)
def test_a_link_out_of_the_folder_is_not_followed(notes: Path, tmp_path: Path) -> None:
    try:
        (notes / "章" / "link.png").symlink_to(tmp_path / "outside.png")
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert note_images(notes, "章/n.md")("link.png") is None


def test_a_huge_picture_is_not_unpacked(notes: Path) -> None:
    Image.new("1", (12_000, 12_000)).save(notes / "bomb.png")
    assert note_images(notes, "n.md")("bomb.png") is None


def test_local_pictures_are_written_as_images_and_missing_ones_as_text(notes: Path) -> None:
    images = note_images(notes, "章/n.md")
    written = safe_markdown("![图](img/a%20b.png) <img src='img/a%20b.png'> ![缺](x.png)", images=images)
    assert written.count("](data:image/png;base64,") == 2
    assert shown(written).endswith("[图片: 缺]")
