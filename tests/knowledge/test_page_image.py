"""Marks on the picture of a real page: where the letters really are, whichever way the page is turned or cropped."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from assistant.knowledge.page_image import PASSAGE, QUOTE, PageImage, marked, strips
from assistant.knowledge.readers import page_picture, pdf
from tests.documents import pdf as write_pdf
from tests.documents import pdf_in_columns, raw_pdf

LINES = [
    "投机解码用一个小模型先起草若干个候选词元，",
    "再由大模型一次并行验证。",
    "The rest of the page says other things.",
]
QUOTATION = "候选词元，再由大模型一次并行验证"


def turned(file: Path, rotation: int, crop: tuple[int, int, int, int] | None) -> Path:
    document = pypdfium2.PdfDocument(file)
    page = document[0]
    page.set_rotation(rotation)
    if crop:
        page.set_cropbox(*crop)
    out = file.with_name("turned.pdf")
    document.save(out)
    document.close()
    return out


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def ink(picture: Image.Image) -> Image.Image:
    return picture.convert("L").point(lambda value: 255 if value < 128 else 0)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (50, 600, 500, 790)], ids=["whole", "cropped"])
def test_the_boxes_hold_all_ink_of_the_page(
    tmp_path: Path, rotation: int, crop: tuple[int, int, int, int] | None
) -> None:
    page = page_picture(turned(write_pdf(tmp_path / "a.pdf", ["\n".join(LINES)]), rotation, crop), 1)
    picture = ink(opened(page.png))
    inked = picture.getbbox()
    for left, top, right, bottom in page.boxes:
        box = (left * picture.width // 10_000 - 2, top * picture.height // 10_000 - 2)
        picture.paste(0, (*box, right * picture.width // 10_000 + 3, bottom * picture.height // 10_000 + 3))

    assert inked
    assert sorted(page.letters) == sorted("".join(LINES).replace(" ", ""))  # PDFium puts turned lines in another order
    assert picture.getbbox() is None


def test_the_quotation_is_marked_strongly_and_the_passage_lightly(tmp_path: Path) -> None:
    page = page_picture(write_pdf(tmp_path / "a.pdf", ["\n".join(LINES)]), 1)
    png, found = marked(page, "".join(LINES[:2]), [QUOTATION])
    colours = {colour: count for count, colour in opened(png).getcolors(1 << 20) or []}

    assert found == 1
    assert colours[QUOTE] > 500
    assert colours[PASSAGE] > 500
    strong = Image.eval(opened(png).getchannel("B"), lambda value: 255 if value == QUOTE[2] else 0).getbbox()
    first, last = (page.letters.index(part) for part in ("候选词元", "The"))
    tops = [box[1] for box in page.boxes[first:last]]
    assert strong
    assert abs(strong[1] - min(tops) * 1165 / 10_000) < 4  # 900 wide, in the shape of a letter: 1165 high


def test_a_quotation_that_is_not_on_the_page_marks_nothing_and_is_counted_so(tmp_path: Path) -> None:
    page = page_picture(write_pdf(tmp_path / "a.pdf", ["\n".join(LINES)]), 1)

    assert marked(page, "别处的段落", ["别处的话"]) == (page.png, 0)


def test_on_a_dark_page_the_mark_can_be_seen_as_well(tmp_path: Path) -> None:
    content = b"0 0 0 rg 0 0 612 792 re f 1 1 1 rg BT /F 24 Tf 72 700 Td (White words) Tj ET"
    page = page_picture(raw_pdf(tmp_path / "a.pdf", content), 1)
    png, found = marked(page, "", ["White words"])
    red = opened(png).getchannel("R").getbbox()

    assert found == 1
    assert opened(page.png).getcolors(1 << 20) != opened(png).getcolors(1 << 20)
    assert red
    assert red[2] - red[0] < 300  # the words, and not the page


def test_a_new_line_or_column_begins_a_new_strip(tmp_path: Path) -> None:
    page = page_picture(pdf_in_columns(tmp_path / "a.pdf", [["left one", "left two"], ["right one"]]), 1)

    assert len(strips([(a, b, c, d) for a, b, c, d in page.boxes])) == 3


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"letters": "ab", "boxes": [[1, 2, 3, 4]]},
        {"letters": "a", "boxes": [[1, 2, 3]]},
        {"letters": "a", "boxes": [["1", 2, 3, 4]]},
        {"letters": "a", "boxes": 7},
        {"letters": None, "boxes": []},
    ],
    ids=json.dumps,
)
def test_places_that_make_no_sense_mark_nothing(said: dict[str, object]) -> None:
    assert pdf._page_image(said, b"png") == PageImage(b"png", "", ())


def test_places_far_outside_the_picture_do_not_break_it(tmp_path: Path) -> None:
    page = page_picture(write_pdf(tmp_path / "a.pdf", ["ab"]), 1)
    wild = PageImage(page.png, "ab", ((10**9, -(10**9), -(10**9), 10**9), (0, 0, 10**9, 10**9)))

    png, found = marked(wild, "ab", ["ab"])
    assert found == 1
    assert opened(png).size == opened(page.png).size
