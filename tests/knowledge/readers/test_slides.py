"""Presentations as python-pptx and PowerPoint write them."""

from __future__ import annotations

import pytest

from assistant.errors import DamagedNote, NoTextLayer
from assistant.knowledge.notes import Problem
from assistant.knowledge.readers.slides import read_slides
from tests.formats import shape, slides_by_hand, slides_by_python_pptx, word_by_hand, word_paragraph


def test_a_presentation_of_python_pptx_is_read_slide_by_slide() -> None:
    document = read_slides(slides_by_python_pptx(), "a.pptx")

    assert [(part.page, part.heading) for part in document.parts] == [(1, ("Overfitting",)), (2, ("结果",)), (3, ())]
    first, second, third = (
        document.text[start:end].strip()
        for start, end in zip(
            (part.start for part in document.parts),
            [*(part.start for part in document.parts[1:]), len(document.text)],
            strict=True,
        )
    )
    assert (
        first == "# Overfitting\n\n- The model memorises noise.\n- Dropout helps.\n\n> Tell them about the polynomial."
    )
    assert second == "# 结果\n\n| 方法 | 准确率 |\n| --- | --- |\n| 基线 | 0.81 |"
    assert third.endswith("|  | loss |\n| --- | --- |\n| 2024 | 0.5 |\n| 2025 | 0.25 |")


def test_slides_come_in_the_order_they_are_shown_not_in_that_of_their_files() -> None:
    document = read_slides(slides_by_hand(shape("first", "title"), shape("second", "title")), "a.pptx")

    assert [(part.page, part.heading) for part in document.parts] == [(1, ("first",)), (2, ("second",))]


def test_groups_are_read_where_they_stand_and_footers_are_not() -> None:
    slide = f"{shape('before')}<p:grpSp>{shape('inside')}</p:grpSp>{shape('after')}{shape('7', 'sldNum')}{shape('Uni', 'ftr')}"

    assert read_slides(slides_by_hand(slide), "a.pptx").text.strip() == "before\n\ninside\n\nafter"


def test_a_slide_without_words_is_named_and_keeps_its_number() -> None:
    document = read_slides(slides_by_hand("", shape("said")), "a.pptx")

    assert document.problems == (Problem("no_text", (1,)),)
    assert [part.page for part in document.parts if document.text[part.start :].strip()][-1] == 2


def test_only_pictures_are_a_scan() -> None:
    with pytest.raises(NoTextLayer) as refused:
        read_slides(slides_by_hand("", ""), "a.pptx")

    assert refused.value.details["pages"] == "2"


def test_another_office_file_is_no_presentation() -> None:
    with pytest.raises(DamagedNote):
        read_slides(word_by_hand(word_paragraph("x")), "a.pptx")
