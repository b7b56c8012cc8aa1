"""The parts are chosen once, by the settings, and fit together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant, demo_settings, open_assistant
from assistant.errors import DataFolderError, SettingsError
from assistant.settings import Settings
from tests.conftest import write


def test_without_any_setting_everything_is_local(app: Assistant) -> None:
    assert (app.model.provider, app.embedder.key.split("/")[0]) == ("offline", "offline")
    turn = ask(app, "什么是过拟合？")

    assert turn.startswith("没有连接模型")
    assert "模型记住了训练集" in turn


def ask(app: Assistant, question: str) -> str:
    conversation, turn_id = app.conversations.ask(None, question)
    turn = app.answer(conversation, turn_id, app.prepare(question))
    turn.wait(20)
    assert turn.state == "complete"
    return turn.text


@pytest.mark.parametrize(
    "settings",
    [
        {"provider": "openai"},
        {"provider": "ollama"},
        {"embedding_provider": "dashscope"},
    ],
)
def test_a_provider_that_is_not_there_yet_is_refused_by_name(tmp_path: Path, settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        open_assistant(Settings(data=tmp_path / "data", **settings))  # type: ignore[arg-type]

    (value,) = settings.values()
    assert value in caught.value.message("en")
    assert "offline" in caught.value.hint("zh")


def test_a_data_folder_that_is_a_file_is_refused_by_path(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(DataFolderError, match="data"):
        open_assistant(Settings(data=tmp_path / "data"))


def test_folders_chosen_in_the_app_are_read_from_then_on(app: Assistant, tmp_path: Path) -> None:
    write(tmp_path / "others", {"鲸.md": "# 鲸\n\n蓝鲸是最大的动物。\n"})
    app.preferences.choose("notes", [str(tmp_path / "others")])
    assert app.settings.notes == (tmp_path / "others",)

    report = app.sync().run()
    assert report.added == ["鲸.md"]
    assert len(report.removed) == 3


def test_what_is_given_from_outside_cannot_be_chosen_away(tmp_path: Path, notes: Path) -> None:
    app = open_assistant(Settings(notes=(notes,), data=tmp_path / "data", fixed=frozenset({"ASSISTANT_NOTES_DIR"})))
    app.preferences.choose("notes", ["elsewhere"])

    assert app.settings.notes == (notes,)
    app.database.close()


def test_two_processes_share_one_truth(app: Assistant, open_app: Callable[..., Assistant], notes: Path) -> None:
    other = open_app()
    assert other.search.find("square root").relevant

    write(notes, {"鲸.md": "# 鲸\n\n蓝鲸是最大的动物。\n"})
    app.sync().run()
    assert other.search.find("最大的动物").matches[0].chunk.note == "鲸.md"


def test_demo_settings_make_a_folder_of_their_own() -> None:
    settings = demo_settings({"a/b.md": "# B\n\nText."})
    other = demo_settings({})

    assert (settings.notes[0] / "a" / "b.md").read_text("utf-8") == "# B\n\nText."
    assert settings.data != other.data
