"""A study folder with many formats, in a real browser: what was read and what not, changes on the disk, citations, the comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from assistant.ui.i18n import Language, say
from tests.browser.running import ROOT, streamlit_app
from tests.browser.test_first_run import SLOW, ask, go, open_evidence, settled
from tests.conftest import write
from tests.documents import pdf
from tests.formats import (
    book,
    notebook_by_nbformat,
    shape,
    slides_by_hand,
    word_by_hand,
    word_paragraph,
    workbook_by_openpyxl,
)

SUBTITLES = "1\n00:01:05,000 --> 00:01:09,000\n残差连接让梯度绕过每一层直接回传。\n"
PAGE = "<html><head><title>Optimizers</title></head><body><h1>Momentum</h1><p>Momentum averages the gradients of earlier steps.</p></body></html>"
LOCALES = {"zh": "zh-CN", "en": "en-US"}


@dataclass(frozen=True)
class Study:
    """The app, its language, and the folder that it watches."""

    address: str
    language: Language
    notes: Path

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)


@pytest.fixture(scope="module", params=["zh", "en"])
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    folder = tmp_path_factory.mktemp(f"study-{request.param}")
    notes = folder / "notes"
    write(
        notes,
        {
            "笔记/归一化.md": "# 归一化 #深度学习\n\n## 层归一化\n\n层归一化（LayerNorm）：对每个样本的全部特征做标准化。\n\n## 批归一化\n\n批归一化（BatchNorm）：对一批样本的同一特征做标准化。\n",
            "lecture.srt": SUBTITLES,
            "page.html": PAGE,
            "slides.pptx": slides_by_hand(
                shape("Dropout", "title") + shape("Dropout silences random units."),
                shape("Weight decay", "title") + shape("Weight decay shrinks every parameter a little."),
            ),
            "report.docx": word_by_hand(word_paragraph("Early stopping watches the validation loss.")),
            "grades.xlsx": workbook_by_openpyxl({"期中": [["模型", "准确率"], ["卷积网络", 0.91], ["决策树", 0.84]]}),
            "code.ipynb": notebook_by_nbformat(
                ("markdown", "# Warm-up\n\nWarm-up raises the learning rate slowly.", "")
            ),
            "book.epub": book(
                3,
                {"one.xhtml": "<h1>Batches</h1><p>A batch is a handful of samples.</p>"},
                contents={"one.xhtml": "Batches"},
            ),
            "broken.docx": b"PK\x03\x04 this is no archive",
            "drafts/secret.md": "# 草稿\n\n这份草稿不该被读到。\n",
            ".assistantignore": "drafts/\n",
        },
    )
    pdf(notes / "scan.pdf", ["First page with text about gradient clipping.", None, None], title="Scan")
    choices = {"ASSISTANT_NOTES_DIR": str(notes), "ASSISTANT_DATA_DIR": str(folder / "data")}
    with streamlit_app(ROOT / "streamlit_app.py", **choices) as address:
        yield Study(address, request.param, notes)


def complains(message: ConsoleMessage) -> bool:
    """Tell whether a message is an error; at the address of a page, Streamlit looks for its server below that first."""
    return message.type == "error" and "/_stcore/" not in str(message.location.get("url"))


@pytest.fixture
def page(browser: Browser, study: Study) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=LOCALES[study.language])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if complains(message) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def library(page: Page, study: Study, count: int) -> Locator:
    """Open the library and wait until so many notes are there."""
    page.goto(f"{study.address}/library")
    expect(page.get_by_text(study.say("library.notes", count=count), exact=True)).to_be_visible(timeout=SLOW)
    settled(page)
    return page.get_by_test_id("stMain")


def test_every_format_is_read_and_what_was_not_is_said(study: Study, page: Page) -> None:
    main = library(page, study, 9)

    expect(main).to_contain_text(study.say("library.failed", count=1), timeout=SLOW)
    expect(main).to_contain_text("broken.docx")
    expect(main).not_to_contain_text("secret.md")
    page.goto(f"{study.address}/library?note=scan.pdf")
    expect(main).to_contain_text("gradient clipping", timeout=SLOW)


@pytest.mark.parametrize(
    ("question", "words", "place"),
    [
        ("残差连接有什么用？", "残差连接让梯度绕过每一层", "1:05"),
        ("What does weight decay do?", "Weight decay shrinks every parameter", "2"),
        ("决策树的准确率是多少？", "0.84", "期中"),
        ("What does momentum average?", "Momentum averages the gradients", "Momentum"),
    ],
    ids=["subtitles", "slides", "table", "web page"],
)
def test_a_citation_leads_to_its_place_in_the_file(
    study: Study, page: Page, question: str, words: str, place: str
) -> None:
    go(page, study.address)
    evidence = open_evidence(page, ask(page, question))

    expect(evidence).to_contain_text(words)
    expect(page.locator(".st-key-evidence")).to_contain_text(place)


def test_a_note_that_is_written_while_the_app_runs_is_found_and_forgotten_when_it_goes(
    study: Study, page: Page
) -> None:
    library(page, study, 9)
    note = study.notes / "新笔记.md"
    note.write_text(
        "# 梯度累积\n\n梯度累积（Gradient accumulation）：把几个小批量的梯度加起来再更新一次。\n", encoding="utf-8"
    )
    expect(page.get_by_text(study.say("library.notes", count=10), exact=True)).to_be_visible(timeout=SLOW)

    go(page, study.address)
    expect(ask(page, "什么是梯度累积？")).to_contain_text("把几个小批量的梯度加起来")

    page.goto(f"{study.address}/library")
    expect(page.get_by_text(study.say("library.notes", count=10), exact=True)).to_be_visible(timeout=SLOW)
    note.unlink()
    expect(page.get_by_text(study.say("library.notes", count=9), exact=True)).to_be_visible(timeout=SLOW)


def test_a_comparison_of_setups_ends_with_a_chart_a_table_and_a_verdict(study: Study, page: Page) -> None:
    page.goto(f"{study.address}/evaluate")
    page.locator(".st-key-evaluate-count button").click(timeout=SLOW)
    page.locator(".st-key-evaluate-start button").click(timeout=SLOW)
    main = page.get_by_test_id("stMain")
    expect(main.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".st-key-wide-table-outcomes")).to_contain_text(study.say("evaluate.column_chunks"))
    expect(main).to_contain_text(study.say("evaluate.reading"))
    expect(page.get_by_test_id("stException")).to_have_count(0)
