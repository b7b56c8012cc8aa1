"""Headings as a tree, and its three forms."""

from __future__ import annotations

from xml.etree import ElementTree

from assistant.study.mind_map import about, as_outline, dot, mind_map, svg
from assistant.study.outline import outline

TEXT = '# 笔记\n\n## 甲 **重**\n\n文\n\n### 甲一\n\n```\n# 不是标题\n```\n\n## "乙" <b> \\\n\n文\n'


def test_headings_become_a_tree_with_the_lines_they_cover() -> None:
    tree = outline("文件名", TEXT)

    assert (tree.title, tree.count()) == ("笔记", 4)
    first, second = tree.children
    assert (first.title, first.lines) == ("甲 重", (3, 12))
    assert [child.title for child in first.children] == ["甲一"]
    assert second.lines == (13, 15)


def test_a_note_without_headings_is_only_its_title() -> None:
    assert outline("空", "").children == []
    assert outline("空", "[链接](https://x.y)\n").count() == 1


def test_headings_with_a_rule_below_them_count_as_those_with_signs() -> None:
    text = "笔记\n====\n\n文\n\n损失 Loss\n---------\n\n- 一项\n---\n\n### 交叉熵\n\n甲\n乙\n---\n\n```\n代码\n---\n```\n\n梯度\n--\n文\n"
    tree = outline("文件名", text)

    assert as_outline(tree) == "# 笔记\n\n- 损失 Loss\n  - 交叉熵\n- 梯度\n"
    assert [child.lines for child in tree.children] == [(6, 22), (23, 25)]


def test_the_map_in_markdown_nests_as_the_headings_do() -> None:
    assert as_outline(outline("n", TEXT)) == '# 笔记\n\n- 甲 重\n  - 甲一\n- "乙" <b> \\\n'


def test_the_svg_is_well_formed_whatever_a_heading_says() -> None:
    tree = outline("n", TEXT + "\n## \x00\x1b]<script>alert(1)</script>&amp;\n")
    root = ElementTree.fromstring(svg(tree))

    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert len(texts) == tree.count() == 5
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def test_a_label_cannot_leave_its_quotation_marks_in_graphviz() -> None:
    written = dot(outline("n", TEXT))

    assert 'label="\\"乙\\" <b> \\\\"' in written
    assert written.count("->") == 3


def test_a_map_of_a_topic_keeps_what_leads_to_it() -> None:
    tree = about(outline("n", TEXT), "甲一")

    assert as_outline(tree) == "# 笔记\n\n- 甲 重\n  - 甲一\n"
    assert about(tree, "没有").children == []


def test_a_huge_note_is_cut_to_what_can_be_drawn() -> None:
    many = outline("n", "\n".join(f"## {n}\n### {n}a\nx" for n in range(1000)))

    assert mind_map([many]).count() == 301
