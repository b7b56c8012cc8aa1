"""Every error says in both languages what happened and what to do next."""

from __future__ import annotations

import re

import pytest

from assistant import errors
from assistant.errors import AssistantError, DamagedNote
from assistant.money import tokens


def all_errors() -> list[type[AssistantError]]:
    found, open_ = [], [AssistantError]
    while open_:
        kind = open_.pop()
        found.append(kind)
        open_ += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_both_languages_are_complete_and_use_the_same_details(kind: type[AssistantError]) -> None:
    for texts in (kind.texts, kind.hints):
        fields = {language: set(re.findall(r"{(\w+)}", text)) for language, text in texts.items()}
        assert fields.keys() == {"zh", "en"}
        assert fields["zh"] == fields["en"]
    assert re.search("[一-鿿]", kind.texts["zh"] + kind.hints["zh"])


def test_kinds_tell_errors_apart() -> None:
    kinds = [kind.kind for kind in all_errors()]

    assert len(kinds) == len(set(kinds))
    assert {"needs_confirmation", tokens.VocabularyError.kind} <= set(kinds)


def test_the_tree_in_the_module_docstring_is_the_tree() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))

    assert drawn == {kind.__name__ for kind in all_errors() if kind.__module__.startswith(errors.__name__ + ".")} - {
        "AssistantError"
    }


def test_details_are_filled_in_and_braces_in_them_stay() -> None:
    error = DamagedNote(path="{reason}.pdf", reason="cut {off}")

    assert error.message("en") == "{reason}.pdf is damaged or incomplete (cut {off})."
