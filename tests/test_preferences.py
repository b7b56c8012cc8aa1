"""Choices made in the app are kept in the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.database import Database
from assistant.preferences import Preferences


@pytest.mark.parametrize("value", ["en", "中文\N{PILE OF POO}", ["a", "b"], {"a": {"b": 1}}, 0, False, "", []])
def test_a_choice_outlives_the_process(tmp_path: Path, value: Any) -> None:
    Preferences(Database(tmp_path)).choose("name", value)

    assert Preferences(Database(tmp_path)).all() == {"name": value}


def test_a_later_choice_replaces_the_former_and_none_takes_it_back(tmp_path: Path) -> None:
    preferences = Preferences(Database(tmp_path))
    preferences.choose("language", "zh")
    preferences.choose("language", "en")
    preferences.choose("notes", ["a"])
    assert preferences.all() == {"language": "en", "notes": ["a"]}

    preferences.choose("language", None)
    preferences.choose("never chosen", None)
    assert preferences.all() == {"notes": ["a"]}
