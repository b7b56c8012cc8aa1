"""What a note leaves open: every shape of it, and what only looks like one."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.study.open_points import open_points


def found(text: str) -> list[tuple[str, str, int]]:
    return [(point.kind, point.text, point.lines[0]) for point in open_points(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("多头注意力为什么有效 ??", [("question", "多头注意力为什么有效 ??", 1)]),
        ("# A\n\n## 待研究\n\n- 旋转位置编码\n- [x] 已懂\n\n## B\n\n- 别的", [("list", "旋转位置编码", 5)]),
        ("## 待研究\n稀疏注意力\n\n过拟合：已经弄懂了", [("list", "稀疏注意力", 2)]),
        ("等待研究：\n- 甲\n  - 乙\n\n正文", [("list", "甲", 2), ("list", "乙", 3)]),
        ("**待了解**：LoRA 的秩", [("list", "LoRA 的秩", 1)]),
        ("## Open questions\n- sinks", [("list", "sinks", 2)]),
        ("- 欠拟合：\n- 偏差：误差的一种", [("definition", "欠拟合", 1)]),
        ("困惑度：\n\n## 下一节\n\n文", [("definition", "困惑度", 1)]),
        ("- [ ] 读论文\n- [x] 写完", [("box", "读论文", 1)]),
        ("TODO: 补公式\n待办：画图", [("todo", "补公式", 1), ("todo", "画图", 2)]),
        ("# A\n\n## 空\n\n## 满\n\n文\n\n## 尾\n", [("heading", "空", 3), ("heading", "尾", 9)]),
    ],
)
def test_what_is_open_is_found_with_its_line(text: str, expected: list[Any]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "词",
        "# 标题",
        "[a](https://x.y/??z) https://x.y/?a=??",
        "`a ?? b`",
        "```js\na ?? b // TODO: no\n- [ ] no\n```",
        "$$\na ?? b\n$$",
        "---\ntitle: TODO: x\n---\n文",
        "步骤如下：\n1. 甲\n2. 乙",
        "- 过拟合：\n  - 记住训练集",
        "损失函数：\n```python\nx\n```",
        "损失函数：\n\n$$\nL\n$$",
        "## 代码\n```\nx\n```\n## 目录\n## A\n文",
        "# A\n\n## B\n\n### C\n\n文",
        "<!-- TODO: x ?? -->",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_what_only_looks_open_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_keys_survive_edits_elsewhere_and_tell_equal_words_apart() -> None:
    before = open_points("# A\n\n## B\n\nTODO: 图\n\nTODO: 图\n")
    after = open_points("# A\n\n新的一段。\n\n## B\n\n又一段\n\nTODO: 图\n\nTODO: 图\n\n尾")

    assert [point.key for point in before] == [point.key for point in after]
    assert len({point.key for point in before}) == 2
