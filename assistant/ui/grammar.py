"""Reads foreign Markdown into a tree: CommonMark with tables, strikethrough, formulas and front matter.

Decides what is markup, the Chinese way where CommonMark fails; knows nothing of what may be shown.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.ui.remarks import only_in_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.tree import SyntaxTreeNode

_DEEPEST = 60
_MOST_MARKS = {"[": 2_000, "*": 3_000, "_": 3_000, "`": 3_000, "~": 3_000}
_CJK = re.compile(
    "[\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u2018-\u201d\u2026\U00020000-\U0003ffff]"
)
_BRACKETS = {r"\(": r"\)", r"\[": r"\]"}
_LOOKS_LIKE_MATH = re.compile(r"[\\^_=<>|+]|^[A-Za-z]$")
_LOOKS_LIKE_PROSE = re.compile(f"(?<![A-Za-z\\\\])[A-Za-z]{{3,}}|{_CJK.pattern}")
_LOOKS_LIKE_MONEY = re.compile(r"\d[^\\^_]*")
_LONGEST_PENDING = 200  # lines
_DOLLARS = re.compile(r"\$\$(?P<double>(?:[^$\\]|\\.)+)\$\$|\$(?!\s)(?P<single>(?:[^$\\]|\\.)+)(?<!\s)\$", re.DOTALL)
_INDENT = re.compile(r"[ \t]*")


def parse(text: str, *, references: bool = True) -> SyntaxTreeNode | None:
    """Parse Markdown; None where it is nested so deeply that parts would be lost, or made to keep a parser busy.

    Without ``references`` a line such as ``[1]: https://…`` stays text and cannot turn every [1] into its link.
    """
    from markdown_it.tree import SyntaxTreeNode

    if any(text.count(mark) > most for mark, most in _MOST_MARKS.items()):
        return None
    tokens = _parser(references).parse(text)
    if any(token.level >= _DEEPEST - 2 for token in tokens):
        return None
    only_in_text(tokens)
    return SyntaxTreeNode(tokens)


def outdent(text: str) -> str:
    """Shift a passage cut out of a list to the margin, so that it is not taken for a block of code."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    depth = len(_indent(first))
    if depth == 0:
        return text
    return "\n".join(_indent(line)[depth:] + line.lstrip(" \t") for line in lines)


def _indent(line: str) -> str:
    match = _INDENT.match(line)
    return match[0].expandtabs(4) if match else ""


@lru_cache(maxsize=2)
def _parser(references: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    # Whole blocks of HTML are read as text with tags in it, so that Markdown between the tags still shows.
    parser.disable(["html_block"] if references else ["html_block", "reference"])
    parser.use(front_matter_plugin)
    parser.use(dollarmath_plugin)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "bracket_block", _bracket_block, {"alt": interrupts})
    parser.block.ruler.before("math_block", "pending_block", _pending_block, {"alt": interrupts})
    parser.inline.ruler.before("escape", "bracket_math", _bracket_math)
    parser.inline.ruler.at("math_inline", _dollar_math)
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.at("strikethrough", _strikethrough)
    return parser


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()


def _bracket_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""Read a formula that stands between a line of ``\[`` and a line of ``\]``, as many models write it."""
    if _line(state, start) != r"\[" or state.env.get("last_bracket") == end:
        return False
    close = next((number for number in range(start + 1, end) if _line(state, number) == r"\]"), None)
    if close is None:
        state.env["last_bracket"] = end  # thousands of unclosed ones would each search to the end
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content = state.getLines(start + 1, close, state.blkIndent, False)
        token.map = [start, close + 1]
        state.line = close + 1
    return True


def _pending_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""Read a formula whose ``$$`` or ``\]`` has not arrived yet as the code it is, not as prose full of backslashes."""
    first = _line(state, start)
    if not (first.startswith("$$") or first == r"\[") or end - start > _LONGEST_PENDING:
        return False
    rest = [_line(state, number) for number in range(start + 1, end)]
    content = "\n".join([first[2:], *rest]).strip()
    left = (
        min(state.sCount[start:end]) < state.blkIndent
    )  # a blank line or the next item: it will not be closed any more
    if left or not all(rest) or "$$" in content or r"\]" in content or not _LOOKS_LIKE_MATH.search(content):
        return False
    if not silent:
        token = state.push("fence", "code", 0)
        token.info, token.content, token.map = "latex", content, [start, end]
        state.line = end
    return True


def _bracket_math(state: StateInline, silent: bool) -> bool:
    r"""Read ``\(x^2\)`` and ``\[x^2\]``, unless the brackets were merely escaped, as in ``\[1\]`` or ``\(see below\)``."""
    opener = state.src[state.pos : state.pos + 2]
    if opener not in _BRACKETS:
        return False
    end = state.src.find(_BRACKETS[opener], state.pos + 2, state.posMax)
    content = state.src[state.pos + 2 : end].strip()
    if end < 0 or not content:
        return False
    if not _LOOKS_LIKE_MATH.search(content) and (opener == r"\[" or _LOOKS_LIKE_PROSE.search(content)):
        return False
    if not silent:
        token = state.push("math_inline" if opener == r"\(" else "math_inline_double", "math", 0)
        token.content = content
    state.pos = end + 2
    return True


def _dollar_math(state: StateInline, silent: bool) -> bool:
    """Read ``$x$`` and ``$$x$$``, but leave prices alone: what stands beside a digit or holds Chinese must look like a formula."""
    start = state.pos
    if state.src[start] != "$" or state.src[max(start - 1, 0) : start] == "$":
        return False
    found = _DOLLARS.match(state.src, start, state.posMax)
    if found is None:
        return False
    tex = found["double"] or found["single"]
    before, after = state.src[max(start - 1, 0) : start], state.src[found.end() : found.end() + 1]
    if (
        found["single"]
        and not _LOOKS_LIKE_MATH.search(tex)
        and (before.isdigit() or after.isdigit() or _CJK.search(tex))
    ):
        return False
    if found["single"] and after.isdigit() and _LOOKS_LIKE_MONEY.fullmatch(tex):  # $5 or x=$6
        return False
    if not silent:
        token = state.push("math_inline_double" if found["double"] else "math_inline", "math", 0)
        token.content = tex.strip()
    state.pos = found.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Scan a run of * or _ as CommonMark does, but let * touch Chinese punctuation: ``**注意：**这里``."""
    from markdown_it.rules_inline.state_inline import Delimiter

    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    start = state.pos
    run = state.scanDelims(start, marker == "*")
    before, after = state.src[start - 1 : start], state.src[start + run.length : start + run.length + 1]
    loose = marker == "*" and bool(_CJK.match(before) or _CJK.match(after))
    opens = run.can_open or (loose and bool(after.strip()))
    closes = run.can_close or (loose and bool(before.strip()))
    for _ in range(run.length):
        token = state.push("text", "", 0)
        token.content = marker
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord(marker), run.length, place, end=-1, open=opens, close=closes))
    state.pos += run.length
    return True


def _strikethrough(state: StateInline, silent: bool) -> bool:
    """Scan ``~~`` likewise; one tilde alone, as in ``3~5``, is no markup."""
    from markdown_it.rules_inline.state_inline import Delimiter

    if silent or state.src[state.pos : state.pos + 2] != "~~":
        return False
    start = state.pos
    run = state.scanDelims(start, True)
    before, after = state.src[start - 1 : start], state.src[start + run.length : start + run.length + 1]
    loose = bool(_CJK.match(before) or _CJK.match(after))
    opens = run.can_open or (loose and bool(after.strip()))
    closes = run.can_close or (loose and bool(before.strip()))
    for length in [1] * (run.length % 2) + [2] * (run.length // 2):
        state.push("text", "", 0).content = "~" * length
        if length == 2:
            state.delimiters.append(Delimiter(ord("~"), 0, len(state.tokens) - 1, end=-1, open=opens, close=closes))
    state.pos += run.length
    return True
