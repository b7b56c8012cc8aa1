"""How each kind of note is drawn and how its places are called."""

from __future__ import annotations

import pytest

from assistant.errors import Language
from assistant.knowledge.kinds import DOCUMENTS
from assistant.ui import note_text
from assistant.ui.i18n import say
from assistant.ui.note_text import as_drawn, kind_name, place_in


@pytest.fixture(params=["zh", "en"])
def spoken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Language:
    chosen: Language = request.param
    monkeypatch.setattr(note_text, "language", lambda: chosen)
    monkeypatch.setattr(note_text, "say", lambda name, **values: say(chosen, name, **values))
    return chosen


@pytest.mark.usefixtures("spoken")
def test_every_kind_has_a_name_and_another_packages_is_called_by_its_suffix() -> None:
    assert all(kind_name(kind) for kind in {*DOCUMENTS.values(), "markdown", "text", "pdf"})
    assert kind_name(".org") == "ORG"


def test_a_slide_is_no_page_and_written_text_has_no_lines(spoken: Language) -> None:
    said = [
        place_in("slides", 3, (1, 2)),
        place_in("pdf", 3, (1, 2)),
        place_in("code", None, (4, 9)),
        place_in("markdown", None, (4, 4)),
        place_in("table", None, (4, 9)),
    ]

    assert (
        said
        == {
            "zh": ["第 3 张幻灯片", "第 3 页", "第 4–9 行", "第 4 行", ""],
            "en": ["slide 3", "page 3", "lines 4–9", "line 4", ""],
        }[spoken]
    )


def test_code_is_drawn_between_fences_that_it_cannot_end() -> None:
    assert as_drawn("a = '```'\n<img src=x>", "code", "x.py") == "````python\na = '```'\n<img src=x>\n````"
    assert as_drawn("# heading", "html", "x.html") == "# heading"
    assert as_drawn("  \n", "code", "x.py") == "  \n"
