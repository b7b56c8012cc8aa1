"""The parts are chosen once, by the settings, and fit together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answers.drafts import AskFirst
from assistant.bootstrap import Assistant, demo_settings, open_assistant
from assistant.connections import Choice
from assistant.errors import DataFolderError, SettingsError
from assistant.money.budget import Budget
from assistant.settings import ProviderName, Settings, read_settings
from tests.answers.speaking import Says, drafted
from tests.conftest import write


def test_without_any_setting_everything_is_local(app: Assistant) -> None:
    assert (app.connection.model.provider, app.embedder.key.split("/")[0]) == ("offline", "offline")
    turn = ask(app, "什么是过拟合？")

    assert turn.startswith("没有连接模型")
    assert "模型记住了训练集" in turn


def ask(app: Assistant, question: str) -> str:
    conversation, turn_id = app.conversations.ask(None, question)
    turn = app.answer(conversation, turn_id, app.prepare(question))
    turn.wait(20)
    assert turn.state == "complete"
    return turn.text


@pytest.mark.parametrize("provider", ["openai", "ollama", "dashscope", "custom"])
def test_opening_asks_no_provider_anything(tmp_path: Path, provider: str) -> None:
    settings = Settings(
        data=tmp_path / "data",
        provider=provider,  # type: ignore[arg-type]
        model="m",
        embedding_provider=provider,  # type: ignore[arg-type]
        embedding_model="e",
        embedding_base_url="http://127.0.0.1:9",
        fixed=frozenset({"ASSISTANT_PROVIDER"}),
    )
    app = open_assistant(settings)

    assert (app.connection.model.provider, app.connection.model.name) == (provider, "m")
    assert app.embedder.key == f"{provider}/e"
    app.database.close()


def test_a_model_that_is_missing_does_not_keep_the_app_from_opening(tmp_path: Path) -> None:
    app = open_assistant(Settings(data=tmp_path / "data", provider="openai", fixed=frozenset({"ASSISTANT_PROVIDER"})))

    with pytest.raises(SettingsError, match="ASSISTANT_MODEL"):
        app.prepare("什么是过拟合？")
    app.database.close()


def test_a_chosen_model_takes_effect_with_the_next_question(app: Assistant, open_app: Callable[..., Assistant]) -> None:
    assert app.connection.quotes
    app.preferences.choose("chat", Choice("custom", "tiny", "http://127.0.0.1:9/v1").as_json())

    assert (app.connection.model.provider, app.connection.model.name) == ("custom", "tiny")
    assert open_app().connection.model.name == "tiny"
    app.preferences.choose("chat", None)
    assert app.connection.quotes


def test_the_later_word_counts_be_it_the_learners_or_the_environments(tmp_path: Path) -> None:
    picked = Choice("custom", "tiny", "http://127.0.0.1:9/v1")

    def opened(provider: ProviderName = "offline", model: str = "") -> Choice:
        app = open_assistant(Settings(data=tmp_path / "data", provider=provider, model=model))
        try:
            if app.preferences.all().get("chat") is None:
                app.choose_chat(picked)
            return app.chat_choice
        finally:
            app.database.close()

    assert opened("ollama", "qwen3:8b") == picked  # picked while the environment said ollama
    assert opened("ollama", "qwen3:8b") == picked
    assert opened("ollama", "qwen3:4b").model == "qwen3:4b"  # the environment has changed its word since
    assert opened("openai", "gpt-6-luna").provider == "openai"
    assert opened("ollama", "qwen3:8b") == picked


def test_a_budget_that_would_break_has_the_draft_wait_whatever_the_rule(app: Assistant) -> None:
    app.preferences.choose("ask_first", AskFirst("never").as_json())
    draft = drafted(app, Says())
    assert draft.preview.cost is not None
    assert not app.must_wait(draft)

    low = Budget("day", draft.preview.cost.currency, draft.preview.cost.high / 2)
    app.preferences.choose("budgets", [low.as_json()])
    assert app.must_wait(draft)
    assert not app.must_wait(app.prepare("什么是过拟合？"))  # offline costs nothing


def test_a_chosen_embedding_model_is_opened_again(app: Assistant, open_app: Callable[..., Assistant]) -> None:
    app.preferences.choose("embedding", Choice("custom", "e", "http://127.0.0.1:9/v1").as_json())

    assert open_app().embedder.key == "custom/e"


def test_a_kept_key_is_used_now_and_at_the_next_start(
    app: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DASHSCOPE_API_KEY", raising=False)
    app.keep_key("DASHSCOPE_API_KEY", "sk-0123456789abcdef")

    assert app.connections.masked_key("DASHSCOPE_API_KEY") == "sk-…cdef"
    assert read_settings(environment={}).keys.reveal("DASHSCOPE_API_KEY") == "sk-0123456789abcdef"


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


def test_the_folder_of_a_demo_goes_with_its_process() -> None:
    code = "from assistant.bootstrap import demo_settings; print(demo_settings({'a.md': '# A'}).notes[0])"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    ).stdout

    assert made.strip().endswith("notes")
    assert not Path(made.strip()).parent.exists()
