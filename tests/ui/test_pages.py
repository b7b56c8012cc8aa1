"""The pages as scripts: what they draw, and what a click does. A real browser looks at them in tests/browser."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.answers.drafts import AskFirst
from assistant.answers.turn import Turn, Turns
from assistant.connections import Choice
from assistant.ui.i18n import say
from tests.conftest import write
from tests.documents import pdf
from tests.providers.fake_provider import FakeProvider, billed, events, said
from tests.ui.screens import QUESTION, ROOT, Open, asked, button, shared, words


def test_an_empty_chat_offers_questions_that_the_notes_answer(open_page: Open) -> None:
    screen = open_page()
    assert not screen.exception
    assert screen.header[0].value == "问问你的笔记"
    suggestions = [one for one in screen.button if one.key and one.key.startswith("suggestion-")]
    assert 1 <= len(suggestions) <= 3

    label = suggestions[0].label
    suggestions[0].click().run()
    assert not screen.exception
    assert [message.name for message in screen.chat_message] == ["user", "assistant"]
    (saved,) = shared().conversations.all()
    assert saved.title == label
    assert shared().conversations.turns(saved.id)[0].record["relevant"]


def test_a_question_is_answered_with_markers_and_kept_in_the_address(open_page: Open) -> None:
    screen = asked(open_page())

    question, answer = screen.chat_message
    assert question.markdown[0].value == QUESTION
    assert "模型记住了训练集" in answer.markdown[0].value
    (saved,) = shared().conversations.all()
    (turn,) = shared().conversations.turns(saved.id)
    assert f"(#cite-{turn.id}-1)" in answer.markdown[0].value
    assert list(screen.query_params["c"]) == [saved.id] or screen.query_params["c"] == saved.id
    assert turn.state == "complete"


def test_a_reload_comes_back_to_the_conversation(open_page: Open) -> None:
    asked(open_page())
    (saved,) = shared().conversations.all()
    screen = open_page(c=saved.id)

    assert screen.chat_message[0].markdown[0].value == QUESTION
    assert len(shared().conversations.turns(saved.id)) == 1


def test_a_conversation_that_is_gone_gives_way_to_a_new_one(open_page: Open) -> None:
    screen = open_page(c="gone")

    assert not screen.exception
    assert screen.toast[0].value == say("zh", "chat.missing")
    assert len(screen.chat_message) == 0
    asked(screen)
    assert len(shared().conversations.all()) == 1


def test_a_source_opens_the_evidence_with_the_passage_in_it(open_page: Open) -> None:
    screen = asked(open_page())
    (source,) = [one for one in screen.button if one.key and one.key.endswith("-1") and one.label.startswith("[1]")]
    source.click().run()

    assert not screen.exception
    assert any("模型记住了训练集" in part.value for part in screen.markdown[-6:])
    assert "过拟合.md" in words(screen)
    button(screen, "✕")
    assert all(one.label != "✕" for one in screen.button)


def test_evidence_of_a_note_that_changed_or_went_shows_the_words_of_then(open_page: Open, notes: Path) -> None:
    asked(open_page())
    (saved,) = shared().conversations.all()
    (notes / "机器学习" / "过拟合.md").write_text("# 过拟合与正则化\n\n全都改了。\n", "utf-8")
    screen = open_page(c=saved.id)
    next(one for one in screen.button if one.label.startswith("[1]")).click().run()
    assert say("zh", "passage.changed") in words(screen)
    assert "模型记住了训练集" in words(screen)

    (notes / "机器学习" / "过拟合.md").unlink()
    screen = open_page(c=saved.id)
    next(one for one in screen.button if one.label.startswith("[1]")).click().run()
    assert not screen.exception
    assert say("zh", "passage.gone") in words(screen)


def test_how_an_answer_came_about_is_on_show(open_page: Open) -> None:
    screen = asked(open_page())
    (saved,) = shared().conversations.all()
    (turn,) = shared().conversations.turns(saved.id)
    record = turn.record
    assert not screen.dataframe  # drawn when it is unfolded
    screen.session_state[f"how-{turn.id}"] = True
    screen.run()

    table = screen.dataframe[0].value
    assert list(table["note"]) == [match["note"] for match in record["matches"]]
    assert list(table["score"]) == [match["score"] for match in record["matches"]]
    assert [code.value for code in screen.code] == [message["content"] for message in record["messages"]]


def test_what_nothing_answers_is_said(open_page: Open) -> None:
    screen = asked(open_page(), "红烧肉要炖多久")

    assert "笔记里没有找到" in screen.chat_message[1].markdown[0].value


@pytest.mark.parametrize(
    ("state", "record", "said"),
    [
        ("stopped", {"receipt": None}, "chat.interrupted"),
        ("failed", {"error": {"kind": "model", "zh": "某家没有答上来。", "en": "x"}}, None),
    ],
)
def test_a_turn_that_did_not_end_well_says_so(
    open_page: Open, state: str, record: dict[str, object], said: str | None
) -> None:
    open_page()
    id_, turn_id = shared().conversations.ask(None, QUESTION)
    shared().conversations.save(turn_id, "半句", state, record)  # type: ignore[arg-type]
    screen = open_page(c=id_)

    assert "半句" in screen.chat_message[1].markdown[0].value
    assert (say("zh", said) if said else "某家没有答上来。") in words(screen)


def test_a_process_that_died_leaves_no_answer_running(open_page: Open) -> None:
    open_page()
    id_, _ = shared().conversations.ask(None, QUESTION)
    st.cache_resource.clear()
    screen = open_page(c=id_)

    assert shared().conversations.turns(id_)[0].state == "stopped"
    assert say("zh", "chat.interrupted") in words(screen)


def test_conversations_can_be_begun_opened_renamed_and_deleted(open_page: Open) -> None:
    screen = asked(open_page())
    button(screen, "新对话")
    assert len(screen.chat_message) == 0
    asked(screen, "What is attention?")
    assert {chat.title for chat in shared().conversations.all()} == {QUESTION, "What is attention?"}

    button(screen, QUESTION)
    assert screen.chat_message[0].markdown[0].value == QUESTION
    button(screen, "改名")
    title = next(field for field in screen.text_input if field.label == "标题")
    title.set_value("我的 *标题*").run()
    assert r"我的 \*标题\*" in [one.label for one in screen.button]
    button(screen, "删除对话")
    assert [chat.title for chat in shared().conversations.all()] == ["What is attention?"]
    assert len(screen.chat_message) == 0
    button(screen, say("zh", "chats.undo"))
    assert screen.chat_message[0].markdown[0].value == QUESTION
    assert shared().conversations.trashed() == []


def test_the_other_language_is_taken_at_once_and_kept(open_page: Open) -> None:
    screen = open_page()
    (choice,) = screen.get("button_group")
    choice.set_value("en").run()  # type: ignore[union-attr]

    assert screen.header[0].value == say("en", "chat.welcome")
    assert shared().preferences.all()["language"] == "en"
    st.cache_resource.clear()
    assert open_page("library").header[0].value == say("en", "app.library")


def test_without_any_note_the_chat_asks_for_some(open_page: Open, notes: Path) -> None:
    for file in [file for file in notes.rglob("*") if file.is_file()]:
        file.unlink()
    screen = open_page()

    assert not screen.exception
    assert screen.chat_input[0].placeholder == say("zh", "chat.placeholder_empty")
    asked(screen)
    assert "笔记里没有找到" in screen.chat_message[1].markdown[0].value


def test_the_library_lists_every_note_with_its_state(open_page: Open, notes: Path) -> None:
    write(notes, {"empty.md": b""})
    pdf(notes / "scan.pdf", ["A page with enough words on it to be read by people.", None])
    screen = open_page("library")

    assert not screen.exception
    table = screen.dataframe[0].value.set_index("note")
    assert set(table.index) == {"attention.md", "empty.md", "scan.pdf", "寄存.txt", "机器学习/过拟合.md"}
    assert table.loc["attention.md", "state"] == "🟢 就绪"
    assert table.loc["scan.pdf", "state"] == "🟡 2 页中有 1 页需要 OCR"
    assert table.loc["empty.md", "state"] == "🔴 empty.md 是空的。"
    assert str(table.loc["scan.pdf", "pages"]) == "2"


def test_the_library_can_be_filtered_by_name(open_page: Open) -> None:
    screen = open_page("library")
    screen.text_input(key="note-filter").set_value("ATTEN").run()
    assert list(screen.dataframe[0].value["note"]) == ["attention.md"]

    screen.text_input(key="note-filter").set_value("[x](y)").run()
    assert len(screen.dataframe) == 0
    assert not screen.exception


def test_a_note_of_the_library_shows_its_text_and_chunks(open_page: Open) -> None:
    screen = open_page("library")
    screen.session_state["library_note"] = "attention.md"
    screen.run()
    assert screen.subheader[0].value == "Attention"
    assert "square root of the key dimension" in words(screen)
    assert screen.tabs[0].label == "2 个片段"

    button(screen, "返回列表")
    assert len(screen.dataframe) == 1


def test_a_note_that_is_gone_is_a_sentence(open_page: Open) -> None:
    screen = open_page("library")
    screen.session_state["library_note"] = "gone.md"
    screen.run()

    assert not screen.exception
    assert "gone" in screen.error[0].value


def test_an_upload_can_be_deleted_from_the_library(open_page: Open, tmp_path: Path) -> None:
    open_page("library")
    shared().uploads.add("鲸.md", "# 鲸\n\n蓝鲸是最大的动物。".encode())
    screen = open_page("library")
    assert "Markdown · 上传" in list(screen.dataframe[0].value["kind"])
    screen.session_state["library_note"] = "鲸.md"
    screen.run()
    screen.button(key="delete-upload").click().run()

    assert not screen.exception
    assert "鲸.md" not in list(screen.dataframe[0].value["note"])
    assert shared().uploads.all() == []
    assert list((tmp_path / "data" / "uploads").iterdir()) == []


def test_a_sync_from_the_library_reads_what_is_new(open_page: Open, notes: Path) -> None:
    screen = open_page("library")
    write(notes, {"new.md": "# New\n\nText."})
    button(screen, "立即同步")
    latest = shared().jobs.latest
    assert latest is not None
    latest.wait(30)
    screen.run()

    assert "new.md" in list(screen.dataframe[0].value["note"])


def test_settings_take_other_folders_and_refuse_missing_ones(open_page: Open, tmp_path: Path) -> None:
    write(tmp_path / "others", {"鲸.md": "# 鲸\n\n蓝鲸。"})
    screen = open_page("settings")
    screen.text_area[0].set_value(str(tmp_path / "missing"))
    button(screen, "保存并同步")
    assert "missing" in screen.error[0].value
    assert shared().preferences.all() == {}

    screen.text_area[0].set_value(f"{tmp_path / 'others'}\n")
    button(screen, "保存并同步")
    assert shared().settings.notes == (tmp_path / "others",)
    latest = shared().jobs.latest
    assert latest is not None
    latest.wait(30)
    assert [note.place.path for note in shared().store.notes()] == ["鲸.md"]

    screen.text_area[0].set_value(" \n")
    button(screen, "保存并同步")
    assert screen.error[0].value == say("zh", "settings.folder_none")


def test_folders_that_are_given_from_outside_cannot_be_changed(
    open_page: Open, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_NOTES_DIR", str(notes))
    screen = open_page("settings")

    assert screen.text_area[0].disabled
    assert say("zh", "settings.folders_fixed") in words(screen)


def test_settings_show_the_data_and_check_it(open_page: Open, tmp_path: Path) -> None:
    screen = open_page("settings")
    assert str(tmp_path / "data") in screen.table[0].value.to_csv().replace("\\", "")
    button(screen, "检查资料库")
    assert screen.success[0].value == say("zh", "settings.check_ok")

    with shared().database.transaction() as connection:
        connection.execute("DELETE FROM vectors")
    button(screen, "检查资料库")
    assert say("zh", "settings.check_bad") in screen.warning[0].value


def test_a_data_folder_that_cannot_be_used_is_a_sentence_and_no_traceback(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "file"))
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()

    assert not screen.exception
    assert "ASSISTANT_DATA_DIR" in screen.error[0].value.replace("\\", "")


def test_an_answer_that_ends_between_two_looks_of_the_page_is_on_it(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Turns.of

    def late(turns: Turns, conversation: str) -> Turn | None:
        running = look(turns, conversation)
        if running:
            running.wait(30)
        return look(turns, conversation)

    with FakeProvider(events(0.5, said("一块蓝色。"), said(finish="stop"), billed(90, 5))) as provider:
        open_page()
        shared().preferences.choose("ask_first", AskFirst("never").as_json())
        shared().preferences.choose("chat", Choice("custom", "tiny", f"{provider.url}/v1").as_json())
        monkeypatch.setattr(Turns, "of", late)

        assert "一块蓝色" in words(asked(open_page()))
