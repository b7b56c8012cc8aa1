"""Writes a conversation as one HTML page that stands alone: no scripts, nothing fetched, foreign text always escaped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from assistant.answers.conversations import Conversation, SavedTurn
from assistant.answers.export import outcome, printable, receipt_line, say, source_line, sources, totals
from assistant.errors import Language

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Even a flaw in the writing below could then neither run nor fetch anything.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;"
    "overflow-wrap:anywhere}section{border-top:1px solid #8886;padding-top:1rem;margin-top:2rem}.q{white-space:pre-wrap;"
    "font-weight:600}blockquote{border-left:3px solid #8888;margin-left:0;padding-left:1rem}pre,table{overflow-x:auto;"
    "display:block;max-width:100%}td,th{border:1px solid #8886;padding:.2rem .5rem}.s,.r,footer{font-size:.85rem;opacity:.8}"
)


def as_html(conversation: Conversation, turns: Sequence[SavedTurn], language: Language) -> str:
    """Write the turns of one branch with sources, receipts and the sum of what they have cost."""
    title = escape(printable(conversation.title))
    began = escape(say("began", language, conversation.created_at[:16].replace("T", " ") + " UTC"))
    body = "\n".join(_turn(number, turn, language) for number, turn in enumerate(turns, start=1))
    total = " · ".join(escape(line) for line in totals(turns, language))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n'
        f'<body>\n<h1>{title}</h1>\n<p class="r">{began}</p>\n{body}\n'
        f"<footer><p>{escape(say('total', language))}: {total}</p></footer>\n</body>\n</html>\n"
    )


def _turn(number: int, turn: SavedTurn, language: Language) -> str:
    cited = sources(turn)
    notes = "".join(
        f'<li value="{marker}" id="s{number}-{marker}">{source_line(citations, language, _written)}</li>'
        for marker, citations in cited.items()
    )
    listed = f'<p class="s">{escape(say("sources", language))}</p><ol class="s">{notes}</ol>' if notes else ""
    said = "".join(
        f'<p class="r">{_written(line)}</p>' for line in [*outcome(turn, language), receipt_line(turn, language)]
    )
    answer = _renderer().render(printable(turn.answer), {"number": number, "cited": set(cited)})
    return (
        f'<section>\n<p class="q" dir="auto">{escape(printable(turn.question))}</p>\n{answer}{said}{listed}\n</section>'
    )


def _written(text: str) -> str:
    return escape(" ".join(printable(text).split()))


@cache
def _renderer() -> MarkdownIt:
    """Read Markdown without what could fetch or lead away: HTML, pictures and links stay the text they are."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])
    reader.use(dollarmath_plugin, allow_space=False, double_inline=True)
    for name in ("math_inline", "math_inline_double", "math_block", "math_block_label"):
        reader.add_render_rule(name, _formula)
    reader.add_render_rule("text", _text)
    return reader


def _formula(writer: Any, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
    """Write a formula as its own source: no script draws it here."""
    tex = escape(tokens[index].content.strip())
    return f"<code>${tex}$</code>" if tokens[index].type == "math_inline" else f"<pre><code>$${tex}$$</code></pre>\n"


def _text(writer: Any, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
    """Write text, with links from its markers to the sources below."""
    from assistant.answers.citations import MARKER

    number, cited = env["number"], env["cited"]
    return MARKER.sub(
        lambda mark: f'<a href="#s{number}-{mark[1]}">{mark[0]}</a>' if int(mark[1]) in cited else mark[0],
        escape(tokens[index].content),
    )
