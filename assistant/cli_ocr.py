"""Reading by OCR from a terminal: does it, and says what was read, what waits for it and how to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from assistant.bootstrap import Assistant
from assistant.errors import Language
from assistant.knowledge.ocr_pages import pages_wanted
from assistant.knowledge.readers.ocr import INSTALL, is_installed
from assistant.knowledge.recognition import Recognition
from assistant.knowledge.sync import Progress, Sync, SyncReport
from assistant.money.cost import Forecast, Paid

_WORDS: dict[str, dict[Language, str]] = {
    "share": {"zh": "{of} 页中有 {count} 页需要 OCR", "en": "{count} of {of} pages need OCR"},
    "picture": {"zh": "图片，需要 OCR", "en": "a picture, needs OCR"},
    "read": {"zh": "OCR 识别的页数", "en": "pages read by OCR"},
    "how": {"zh": "用 sync --ocr 识别这些页。", "en": "sync --ocr reads these pages."},
    "install": {"zh": "没有安装 OCR 组件，安装：", "en": "OCR is not installed; install it with:"},
}
_LISTED = 20


def recognise(
    assistant: Assistant,
    work: Sync,
    saying: Callable[[Progress], None],
    agree: Callable[[Forecast | None], None] | None,
) -> SyncReport:
    """Recognise all that needs it, which is free, then sync; ``agree`` is asked before what that adds is embedded for money, None where it is free."""
    report = Recognition(assistant.store, assistant.uploads, None).run(saying)
    if agree is not None:
        estimate = work.estimate()
        if estimate.embedded_chunks and not isinstance(estimate.cost, Paid):
            agree(estimate.cost)
    done = report.followed_by(work.run(saying))
    said = {path for path, _ in done.failed}
    done.failed += [one for one in report.failed if one[0] not in said]
    return done


def report_json(report: SyncReport) -> dict[str, Any]:
    """Return what a sync report says of OCR."""
    return {
        "needs_ocr": [
            {"path": note.place.path, "kind": note.kind, "pages": sorted(wanted), "of": max(note.pages, len(wanted))}
            for note in report.needs_ocr
            for wanted in [pages_wanted(note)]
        ],
        "ocr": {"installed": is_installed(), "install": INSTALL, "pages_read": report.ocr_pages},
    }


def show(report: dict[str, Any], language: Language) -> None:
    """Print what was read by OCR, what waits for it, and how to go on."""
    if report["ocr"]["pages_read"]:
        print(f"{_WORDS['read'][language]}: {report['ocr']['pages_read']}")
    waiting = report["needs_ocr"]
    for note in waiting[:_LISTED]:
        share = _WORDS["share"][language].format(count=len(note["pages"]), of=note["of"])
        said = _WORDS["picture"][language] if note["kind"] == "image" else f"{share} ({_ranges(note['pages'])})"
        print(f"{_printable(note['path'])}: {said}")
    if len(waiting) > _LISTED:
        print(f"… +{len(waiting) - _LISTED}")
    if waiting:
        installed = report["ocr"]["installed"]
        print(_WORDS["how"][language] if installed else f"{_WORDS['install'][language]} {report['ocr']['install']}")


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _ranges(pages: Sequence[int]) -> str:
    """Write 1, 2, 3, 7 as 1–3, 7."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
