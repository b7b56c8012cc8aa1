"""A mind map of headings: as Graphviz's language, as an SVG of our own, as a Markdown list. Knows headings, not how they are shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from assistant.study.outline import Branch

MOST = 300  # headings of one map: more can be neither drawn quickly nor read
_LONGEST = 40  # characters of a label
_ROW, _LEVEL, _HALF, _PAD = 30, 40, 7.5, 10  # of the SVG, in pixels; _HALF is the width of a Latin letter
_COLOURS = ("#2f6f5e", "#3d7ea6", "#a6753d", "#7a5aa6", "#a63d5c")


@dataclass(frozen=True, slots=True)
class _Box:
    """A label with its place in the SVG: left edge and middle."""

    branch: Branch
    depth: int
    x: float
    y: float


def mind_map(trees: Sequence[Branch], topic: str = "") -> Branch:
    """Join the outlines of several notes under a topic; the map of one note is its outline. What is too much is left out."""
    root = trees[0] if len(trees) == 1 else Branch(topic or "…", (1, 1), 0, list(trees))
    depth = next((depth for depth in range(6, 0, -1) if _pruned(root, depth).count() <= MOST), 1)
    pruned = _pruned(root, depth)
    return Branch(pruned.title, pruned.lines, pruned.level, pruned.children[:MOST])


def about(tree: Branch, topic: str) -> Branch:
    """Keep what leads to headings that name a topic, with all that stands below them."""
    wanted = topic.casefold()

    def kept(branch: Branch) -> Branch | None:
        if wanted in branch.title.casefold():
            return branch
        children = [child for one in branch.children if (child := kept(one))]
        return Branch(branch.title, branch.lines, branch.level, children) if children else None

    return kept(tree) or Branch(tree.title, tree.lines, tree.level, [])


def dot(tree: Branch) -> str:
    """Write the map for Graphviz; labels are data between quotation marks."""
    lines = [
        "digraph { rankdir=LR; bgcolor=transparent; nodesep=0.12; ranksep=0.5;",
        'node [shape=box style="rounded,filled" fontname="sans-serif" fontsize=11 height=0.3 margin="0.14,0.05" color="#00000000" fontcolor=white];',
        'edge [arrowhead=none color="#8a9a96"];',
    ]
    numbers: dict[int, int] = {}
    for number, (branch, depth, parent) in enumerate(_walk(tree)):
        numbers[id(branch)] = number
        lines.append(f'n{number} [label="{_quoted(_label(branch))}" fillcolor="{_COLOURS[depth % len(_COLOURS)]}"];')
        if parent is not None:
            lines.append(f"n{numbers[id(parent)]} -> n{number};")
    return "\n".join([*lines, "}"])


def as_outline(tree: Branch) -> str:
    """Write the map as a nested Markdown list, which other mind map programs read."""
    items = [f"{'  ' * (depth - 1)}- {_one_line(branch.title)}" for branch, depth, _ in _walk(tree) if depth]
    return "\n".join([f"# {_one_line(tree.title)}", "", *items]) + "\n"


def svg(tree: Branch) -> str:
    """Draw the map from left to right, each heading in the middle of what stands below it."""
    boxes = _placed(tree)
    by_branch = {id(box.branch): box for box in boxes}
    width = max(box.x + _width(box) for box in boxes) + _PAD
    height = max(box.y for box in boxes) + _ROW
    edges = [_edge(box, by_branch[id(child)]) for box in boxes for child in box.branch.children]
    labels = [_drawn(box) for box in boxes]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return "\n".join([f'{head} font-family="sans-serif" font-size="13">', *edges, *labels, "</svg>"]) + "\n"


def _placed(tree: Branch) -> list[_Box]:
    """Give each leaf a row of its own, and each level a column as wide as its widest label."""
    widest: dict[int, float] = {}
    for branch, depth, _ in _walk(tree):
        widest[depth] = max(widest.get(depth, 0), _label_width(branch))
    columns = [_PAD + sum(widest[level] + _LEVEL for level in range(depth)) for depth in range(len(widest))]
    boxes: list[_Box] = []
    row = 0

    def place(branch: Branch, depth: int) -> float:
        nonlocal row
        below = [place(child, depth + 1) for child in branch.children]
        if not below:
            row += 1
        y = (below[0] + below[-1]) / 2 if below else row * _ROW - _ROW / 2 + _PAD
        boxes.append(_Box(branch, depth, columns[depth], y))
        return y

    place(tree, 0)
    return boxes


def _edge(box: _Box, child: _Box) -> str:
    start, middle = box.x + _width(box), child.x - _LEVEL / 2
    path = f"M{start:.1f} {box.y:.1f}C{middle:.1f} {box.y:.1f} {middle:.1f} {child.y:.1f} {child.x:.1f} {child.y:.1f}"
    return f'<path d="{path}" fill="none" stroke="#8a9a96"/>'


def _drawn(box: _Box) -> str:
    colour = _COLOURS[box.depth % len(_COLOURS)]
    rect = f'<rect x="{box.x:.1f}" y="{box.y - 11:.1f}" width="{_width(box):.1f}" height="22" rx="6" fill="{colour}"/>'
    text = f'<text x="{box.x + _PAD:.1f}" y="{box.y + 4.5:.1f}" fill="#fff">{escape(_label(box.branch))}</text>'
    return rect + text


def _width(box: _Box) -> float:
    return _label_width(box.branch)


def _label_width(branch: Branch) -> float:
    wide = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in _label(branch))
    return wide * _HALF + 2 * _PAD


def _label(branch: Branch) -> str:
    title = _one_line(branch.title) or "…"
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"


def _one_line(title: str) -> str:
    """Return a title without what is no sign to see: XML forbids control characters even where they are escaped."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in title).split())


def _quoted(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"')


def _pruned(branch: Branch, depth: int) -> Branch:
    children = [_pruned(child, depth - 1) for child in branch.children] if depth else []
    return Branch(branch.title, branch.lines, branch.level, children)


def _walk(tree: Branch, depth: int = 0, parent: Branch | None = None) -> Iterator[tuple[Branch, int, Branch | None]]:
    yield tree, depth, parent
    for child in tree.children:
        yield from _walk(child, depth + 1, tree)
