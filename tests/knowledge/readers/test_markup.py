"""What the markup of web pages becomes: Markdown that says the same, and nothing that loads, runs or hides."""

from __future__ import annotations

import pytest

from assistant.knowledge.readers.markup import markdown_of_html, title_of_html


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>A <i>b</i></h2><p>one<br>two", "## A b\n\none\ntwo"),
        ("<ul><li>a<ul><li>b</ul><li><p>c</p><p>d</p></ul>", "- a\n  - b\n- c\n\n  d"),
        ("<ol start=3><li>x<li>y</ol>", "3. x\n4. y"),
        ("<pre><code class='language-py'>def f():\n    return '```'\n</code></pre>", "````py\ndef f():\n    return '```'\n````"),
        ("<table><tr><th>A<th>B<tr><td>1<td>2|3</table>", "| A | B |\n| --- | --- |\n| 1 | 2\\|3 |"),
        ("<table><tr><td><h2>Layout</h2><td><p>text</table>", "## Layout\n\ntext"),
        ("<table><tr><td>only one<tr><td>column</table>", "only one\n\ncolumn"),
        ("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b"),
        ("<p>E = mc<sup>2</sup>, H<sub>2</sub>O, e<sup>-kt</sup>", "E = mc^2, H_2O, e^{-kt}"),
        ("<dl><dt>Term<dd>meaning</dl>", "**Term**\n\nmeaning"),
        ("<a href='/x'><div><h3>Card</h3><p>inside a link</div></a>", "### Card\n\ninside a link"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
        ("<p>x <code>a  b</code> y", "x `a b` y"),
        ("<p># no heading<br>- no item<br>1. no number<br>> no quote", "\\# no heading\n\\- no item\n\\1. no number\n\\> no quote"),
    ],
)  # fmt: skip
def test_markup_becomes_markdown(html: str, markdown: str) -> None:
    assert markdown_of_html(html) == markdown


@pytest.mark.case(29)
@pytest.mark.parametrize(
    "html",
    [
        "<script>steal()</script><style>p{}</style><noscript>on</noscript>",
        "<nav>Home</nav><div role=navigation>Up</div><button>Buy</button>",
        "<p hidden>h</p><p style='display: none'>h</p><p aria-hidden=true>h</p>",
        "<iframe src=http://x>f</iframe><object>o</object><template><p>t</p></template>",
        "<!-- comment --><svg><text>drawn</text></svg>",
    ],
)
def test_what_says_nothing_to_a_reader_is_left_out(html: str) -> None:
    assert markdown_of_html(f"<p>text{html}<p>more") == "text\n\nmore"


def test_addresses_of_pictures_and_links_are_left_out_and_their_words_stay() -> None:
    html = '<p><a href="javascript:alert(1)">click</a> <img src="http://x/leak" alt="A loss curve"> <img src=y alt="">'

    assert markdown_of_html(html) == "click (A loss curve)"


@pytest.mark.parametrize(
    "html",
    [
        '<span class=katex><span class=katex-mathml><math><semantics><mrow><mi>a</mi></mrow><annotation encoding="application/x-tex">'
        "a^2</annotation></semantics></math></span><span class=katex-html aria-hidden=true>a2</span></span>",
        '<math alttext="{\\displaystyle a^2}"><mi>a</mi></math><img class="mwe-math-fallback-image-inline" alt="a^2">',
        '<script type="math/tex">a^2</script>',
    ],
    ids=["katex", "wikipedia", "mathjax"],
)
def test_formulas_come_back_as_the_tex_they_were_made_from(html: str) -> None:
    assert markdown_of_html(f"<p>so {html} holds") == "so $a^2$ holds"


def test_a_page_that_names_its_main_part_is_read_there_only() -> None:
    page = (
        "<body><div>Menu of the site</div><main><p>What the page is about, at some length.</main><footer>(c)</footer>"
    )

    assert markdown_of_html(page) == "What the page is about, at some length."


def test_a_main_part_that_holds_next_to_nothing_is_not_believed() -> None:
    assert "the whole text" in markdown_of_html(f"<main>ad</main><p>{'the whole text ' * 20}")


@pytest.mark.case(29)
def test_twenty_thousand_levels_lose_no_text() -> None:
    assert markdown_of_html("<div>" * 20_000 + "deep" + "</div>" * 20_000) == "deep"


def test_a_title_is_one_line() -> None:
    assert title_of_html("<title>\n  The &lt;b&gt;\n page </title>") == "The <b> page"
