"""Backups in the settings: made, restored, everything deleted; and the page that stands in for all while the database is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.database import FILE_NAME
from assistant.ui.i18n import say
from tests.ui.screens import ROOT, Open, shared, words


def ask(question: str) -> str:
    conversation, turn = shared().conversations.ask(None, question)
    shared().conversations.save(turn, "answer", "complete", {})
    return conversation


def titles() -> list[str]:
    return sorted(chat.title for chat in shared().conversations.all())


def click(screen: AppTest, key: str) -> AppTest:
    screen.button(key=key).click().run()
    assert not screen.exception
    return screen


@pytest.mark.case(94)
def test_a_backup_made_by_hand_is_listed_and_restored_after_a_yes(open_page: Open) -> None:
    screen = open_page("settings")
    ask("before")
    click(screen, "backup-now")
    (made, *_) = shared().database.backups.all()
    assert made.reason == "hand"
    chosen = screen.selectbox(key="backup-chosen")
    assert say("zh", "backup.reason_hand") in chosen.options[0]
    ask("after")
    click(screen, "restore")
    assert titles() == ["after", "before"]
    assert say("zh", "backup.restore_yes") in [one.label for one in screen.button]
    click(screen, "restore-yes")

    assert titles() == ["before"]
    assert "已恢复" in words(screen)
    assert shared().database.backups.all()[0].reason == "restore"
    assert not [one for one in screen.button if one.key == "restore-yes"]


@pytest.mark.case(94)
def test_delete_all_wants_its_word_and_says_what_goes(open_page: Open, notes: Path) -> None:
    before = {file: file.read_bytes() for file in notes.rglob("*") if file.is_file()}
    screen = open_page("settings")
    ask("gone")
    screen.run()
    assert say("zh", "backup.delete_about", chats=1, cards=0, calls=0, notes=3, uploads=0) in words(screen)
    assert screen.button(key="delete-all").disabled
    screen.text_input(key="delete-word").set_value("删除").run()
    assert screen.button(key="delete-all").disabled
    screen.text_input(key="delete-word").set_value("全部删除").run()
    click(screen, "delete-all")

    assert titles() == []
    assert shared().database.backups.all()[0].reason == "delete"
    assert {file: file.read_bytes() for file in notes.rglob("*") if file.is_file()} == before


def test_while_somebody_writes_nothing_is_restored_and_it_is_said(open_page: Open) -> None:
    screen = open_page("settings")
    shared().live.follow(False)
    click(screen, "backup-now")
    ask("after")
    click(screen, "restore")
    with shared().database.writer("sync", seconds=30):
        click(screen, "restore-yes")

    assert "sync (pid" in words(screen)
    assert titles() == ["after"]


def test_emptying_the_trash_backs_up_first(open_page: Open) -> None:
    from datetime import UTC, datetime

    screen = open_page("chat")
    shared().conversations.trash(ask("thrown away"), datetime.now(UTC))
    screen.run()
    for key in ("trash", "empty-trash", "empty-yes"):
        click(screen, key)

    assert shared().conversations.counts() == (0, 0)
    assert "trash" in [one.reason for one in shared().database.backups.all()]


@pytest.mark.case(86)
@pytest.mark.parametrize("key", ["restore", "begin-anew"])
def test_a_damaged_database_is_met_with_its_backups_on_every_page(open_page: Open, key: str) -> None:
    screen = open_page("chat")
    shared().live.follow(False)
    ask("kept")
    shared().database.backups.make("hand")
    folder = shared().database.folder
    shared().database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shared().database.close()
    st.cache_resource.clear()
    (folder / FILE_NAME).write_bytes(b"no database " * 1000)
    for end in ("-wal", "-shm"):
        (folder / (FILE_NAME + end)).unlink(missing_ok=True)

    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert not screen.exception
    assert say("zh", "backup.rescue") in words(screen)
    assert "restore" in screen.error[0].value
    click(screen, key)
    click(screen, f"{key}-yes")

    assert not screen.error
    assert titles() == (["kept"] if key == "restore" else [])
    assert list((folder / "backups").glob("damaged-*"))
