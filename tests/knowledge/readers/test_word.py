"""Word documents as python-docx, LibreOffice and Word itself write them."""

from __future__ import annotations

import pytest

from assistant.errors import DamagedNote, EmptyNote, NotText
from assistant.knowledge.readers.word import read_word
from tests.formats import archive, relations, word_by_hand, word_by_python_docx, word_paragraph

BULLETS = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
)
STYLES = (
    '<w:style w:styleId="a1"><w:name w:val="标题 1"/></w:style>'
    '<w:style w:styleId="own"><w:name w:val="My chapter"/><w:basedOn w:val="a1"/></w:style>'
    '<w:style w:styleId="loop"><w:name w:val="Loop"/><w:basedOn w:val="loop"/></w:style>'
    '<w:style w:styleId="toc"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:styleId="code"><w:name w:val="Source Code"/></w:style>'
)


def text_of(body: str, **parts: str) -> str:
    return read_word(word_by_hand(body, **parts), "a.docx").text.strip()


def item(text: str, number: int, level: int = 0) -> str:
    return word_paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_a_document_of_python_docx_comes_out_as_markdown() -> None:
    document = read_word(word_by_python_docx(), "a.docx")

    assert document.title == "Optimisation notes"
    assert document.text.strip() == (
        "# Gradient descent\n\nThe step follows the negative gradient.\n\n## Learning rate\n\n"
        "- too small: slow\n- too large: diverges\n\n| Name | Value |\n| --- | --- |\n| momentum | 0.9 |"
    )


def test_headings_are_known_by_inherited_and_translated_styles_and_by_their_outline() -> None:
    body = (
        word_paragraph("第一章", '<w:pStyle w:val="a1"/>')
        + word_paragraph("Second", '<w:pStyle w:val="own"/>')
        + word_paragraph("Third", '<w:outlineLvl w:val="2"/>')
        + word_paragraph("prose", '<w:pStyle w:val="loop"/>')
    )

    assert text_of(body, styles=STYLES) == "# 第一章\n\n# Second\n\n### Third\n\nprose"


def test_lists_keep_their_numbers_and_their_depth() -> None:
    body = item("dot", 1) + word_paragraph("between") + item("one", 2) + item("inner", 2, 1) + item("two", 2)

    assert text_of(body, numbering=BULLETS) == "- dot\n\nbetween\n\n1. one\n   1. inner\n2. two"


def test_what_was_deleted_is_not_read_and_what_was_inserted_is() -> None:
    body = (
        "<w:p><w:r><w:t>kept </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>"
    )

    assert text_of(body) == "kept new"


def test_formulas_become_tex() -> None:
    body = (
        "<w:p><w:r><w:t>Loss </w:t></w:r><m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>n</m:t></m:r></m:den></m:f></m:oMath></w:p>"
        "<w:p><m:oMathPara><m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e>"
        "<m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></m:oMathPara></w:p>"
    )

    assert text_of(body) == "Loss $\\frac{1}{n}$\n\n$$x^{2}$$"


def test_content_controls_text_boxes_and_footnotes_are_read() -> None:
    box = "<w:drawing><w:txbxContent>" + word_paragraph("in a box") + "</w:txbxContent></w:drawing>"
    body = (
        f"<w:sdt><w:sdtContent>{word_paragraph('in a control')}</w:sdtContent></w:sdt>"
        f'<w:p><w:r><w:t>claim</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r>{box}</w:r></w:p>'
    )
    notes = (
        f'<w:footnote w:id="0" w:type="separator">{word_paragraph("rule")}</w:footnote>'
        f'<w:footnote w:id="2">{word_paragraph("see chapter 3")}</w:footnote>'
    )

    assert text_of(body, footnotes=notes) == "in a control\n\nclaim †\n\n† see chapter 3\n\nin a box"


def test_a_text_box_that_is_written_twice_is_read_once() -> None:
    box = f"<w:txbxContent>{word_paragraph('boxed')}</w:txbxContent>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = (
        f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )

    assert text_of(f"<w:p><w:r><w:t>text</w:t></w:r><w:r>{both}</w:r></w:p>") == "text\n\nboxed"


def test_the_table_of_contents_is_left_out_and_code_is_fenced() -> None:
    body = (
        word_paragraph("Chapter 1 ..... 3", '<w:pStyle w:val="toc"/>')
        + word_paragraph("for x in y:", '<w:pStyle w:val="code"/>')
        + word_paragraph("    step(x)", '<w:pStyle w:val="code"/>')
    )

    assert text_of(body, styles=STYLES) == "```\nfor x in y:\n    step(x)\n```"


def test_a_table_keeps_its_columns_under_merged_cells_and_a_single_cell_is_a_box() -> None:
    def cell(text: str, span: int = 1) -> str:
        return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr>{word_paragraph(text)}</w:tc>'

    body = (
        f"<w:tbl><w:tr>{cell('wide', 2)}{cell('c')}</w:tr><w:tr>{cell('1')}{cell('2|3')}{cell('4')}</w:tr></w:tbl>"
        f"<w:tbl><w:tr>{cell('only a box')}</w:tr></w:tbl>"
    )

    assert text_of(body) == "| wide |  | c |\n| --- | --- | --- |\n| 1 | 2\\|3 | 4 |\n\nonly a box"


@pytest.mark.case(28)
@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"just text", NotText),
        (b"PK\x03\x04 broken", DamagedNote),
        (archive({"_rels/.rels": relations(officeDocument="word/document.xml")}), DamagedNote),
        (archive({"a.txt": "no office file"}), DamagedNote),
        (word_by_hand(""), EmptyNote),
        (word_by_hand("<w:p><w:r></w:p>"), DamagedNote),
    ],
    ids=["text", "cut", "no document", "other archive", "empty", "bad xml"],
)
def test_what_is_no_document_is_refused_by_name(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_word(data, "a.docx")


def test_depth_that_no_writer_makes_does_not_break_the_reader() -> None:
    deep = "<w:sdt><w:sdtContent>" * 300 + word_paragraph("deep") + "</w:sdtContent></w:sdt>" * 300

    assert text_of(word_paragraph("top") + deep) == "top"
