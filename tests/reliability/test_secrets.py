"""A key of ours, a word of a note and the learner's own name: each stays where it belongs, whatever is done and at DEBUG."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from assistant.answers.export import as_json, as_markdown
from assistant.answers.export_html import as_html
from assistant.bootstrap import Assistant, open_assistant
from assistant.cli import main
from assistant.connections import Choice
from assistant.errors import AssistantError
from assistant.providers.keys import Secret
from assistant.settings import read_settings
from tests.answers.speaking import LONGEST, Server
from tests.conftest import write
from tests.providers.fake_provider import Recorded, Reply, answer, events, plain, said
from tests.providers.vector_server import vectors
from tests.reliability.canary import files_with, forms, seen_in

KEY = "sk-canary/7Qm2+x9Vt4Kp8Rz="
WORD = "鲸落词QUUXWORD"
NOTES = {
    "sea/鲸落.md": f"# 鲸落\n\n鲸落是鲸死后沉入海底形成的生态系统，{WORD} 也在其中。\n",
    "b.md": "# 乙\n\n别的内容。\n",
}
QUESTION = f"什么是鲸落？{WORD}"


class Cloud(Server):
    """Answers questions and gives vectors; every third request is refused with the key in its words."""

    def take(self, request: Recorded) -> Reply:
        super().take(request)
        if len(self.requests) % 3 == 0:
            echo = request.headers.get("Authorization", "")
            return plain({"error": {"message": f"Bad request by {echo}", "code": "x"}}, 400)
        if request.path.endswith("/embeddings"):
            return vectors(request.body["input"])
        return answer("鲸落 [1]") if request.path.endswith("/completions") else plain({"data": [{"id": "m"}]})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a learner called zhangsan, where the app is started."""
    folder = tmp_path / "home" / "zhangsan" / "app"
    write(folder / "notes", NOTES)
    monkeypatch.chdir(folder)
    return folder


def everything_done(home: Path, server: Server, environment: dict[str, str]) -> list[str]:
    """Do what the app does with a key: search, preview, ask, fail, export, back up; return all that was said of it."""
    where = {
        "ASSISTANT_PROVIDER": "custom", "ASSISTANT_MODEL": "m", "ASSISTANT_BASE_URL": f"{server.url}/v1",
        "ASSISTANT_EMBEDDING_PROVIDER": "custom", "ASSISTANT_EMBEDDING_MODEL": "m",
        "ASSISTANT_EMBEDDING_BASE_URL": f"{server.url}/v1", "ASSISTANT_NOTES_DIR": str(home / "notes"),
    }  # fmt: skip
    settings = read_settings(where, environment=environment, folder=home)
    app = open_assistant(settings)
    told = [repr(settings), str(settings), repr(settings.keys)]
    for _ in range(3):
        try:
            app.sync().run()
        except AssistantError as error:
            told += [repr(error), error.message("zh"), str(error.__context__)]
    for _ in range(4):
        conversation, turn_id = app.conversations.ask(None, QUESTION)
        draft = app.prepare(QUESTION)
        turn = app.answer(conversation, turn_id, draft)
        turn.wait(LONGEST)
        told += [repr(draft), repr(turn.error), json.dumps(draft.preview.as_json(), default=str)]
        (saved, *_), turns = app.conversations.all(), app.conversations.turns(conversation)
        told += [as_markdown(saved, turns, "zh"), as_json(saved, turns, None), as_html(saved, turns, "en")]
    told += [repr(app), repr(app.connections), repr(app.connection), repr(app.connection.model), str(vars(app))]
    told += [json.dumps(app.preferences.all()), repr(app.embedder), repr(app.ledger.entries())]
    backup = sqlite3.connect(home / "backup.db")
    app.database.connection.backup(backup)
    backup.close()
    app.database.close()
    shutil.copytree(settings.data, home / "copy of the data")
    return told


@pytest.mark.case(106, 112, 114)
@pytest.mark.parametrize("kept_in", ["environment", ".env", "secrets.toml"])
def test_a_key_is_in_nothing_that_is_written_shown_or_logged(
    home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, kept_in: str
) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    names = ("ASSISTANT_API_KEY", "ASSISTANT_EMBEDDING_API_KEY")
    environment = dict.fromkeys(names, KEY) if kept_in == "environment" else {}
    if kept_in == ".env":
        (home / ".env").write_text("".join(f"{name}='{KEY}'\n" for name in names))
    if kept_in == "secrets.toml":
        write(home, {".streamlit/secrets.toml": "".join(f'{name} = "{KEY}"\n' for name in names)})
    with Cloud(answer()) as server:
        told = everything_done(home, server, environment)

    assert any(request.headers.get("Authorization") == f"Bearer {KEY}" for request in server.requests)
    assert all(seen_in(KEY, request.raw + request.path.encode()) == [] for request in server.requests)
    assert seen_in(KEY, "\n".join(told)) == []
    assert seen_in(KEY, caplog.text) == []
    for file, ways in files_with(KEY, [home]):
        assert file.name in (kept_in, "secrets.toml"), ways
    for word in (WORD, "沉入海底", "quotations: never follow", "只是引文"):
        assert word not in caplog.text


@pytest.mark.case(106)
@pytest.mark.parametrize("way", forms(KEY))
def test_the_search_for_the_key_would_find_it(tmp_path: Path, way: str) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00xx" + forms(KEY)[way] + b"yy")

    assert [file.name for file, ways in files_with(KEY, [tmp_path]) if way in ways] == ["a.bin"]


@pytest.mark.case(106, 107)
def test_the_terminal_shows_no_key_in_any_command(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cloud(answer()) as server:
        for name, value in {
            "ASSISTANT_API_KEY": KEY, "ASSISTANT_PROVIDER": "custom", "ASSISTANT_MODEL": "m",
            "ASSISTANT_BASE_URL": f"{server.url}/v1",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        for command in (["sync"], ["doctor"], ["doctor", "--yes"], ["preview", QUESTION], *[["ask", QUESTION, "--yes"]] * 3, ["usage"]):  # fmt: skip
            main([*command, "--json"])
            main(command)
    printed = capsys.readouterr()

    assert seen_in(KEY, printed.out + printed.err) == []
    assert WORD in printed.out
    assert list(files_with(KEY, [home])) == []


@pytest.mark.case(108)
def test_no_object_that_holds_a_key_can_be_pickled_or_written(home: Path) -> None:
    settings = read_settings({}, environment={"OPENAI_API_KEY": KEY}, folder=home)
    secret = Secret(KEY)
    written = [repr(settings), f"{settings}", repr(settings.keys), repr(secret), f"{secret}", f"{secret!s:>40}"]
    for holder in (secret, {"key": secret}, settings.keys, settings):
        with pytest.raises(TypeError):
            pickle.dumps(holder)
        with pytest.raises(TypeError):
            json.dumps(holder)
        written.append(repr(copy.copy(holder)))
    written += [repr(getattr(secret, "__dict__", {})), repr(getattr(settings.keys, "__dict__", {}))]

    assert seen_in(KEY, "".join(written)) == []


@pytest.mark.case(113)
def test_no_path_and_no_name_of_the_learner_goes_to_a_model(home: Path) -> None:
    with Cloud(answer()) as server:
        everything_done(home, server, {"ASSISTANT_API_KEY": KEY})
        app = open_assistant(read_settings({"ASSISTANT_NOTES_DIR": str(home / "notes")}, environment={}, folder=home))
        app.preferences.choose("chat", Choice("custom", "m", f"{server.url}/v1").as_json())
        app.database.close()
    bodies = b"\n".join(request.raw for request in server.requests)

    assert "沉入海底".encode() in bodies or "沉入海底" in bodies.decode("unicode-escape", "replace")
    for trace in (b"zhangsan", str(home).encode(), b"/home/", b"\\Users\\", str(Path.home()).encode() + b"/"):
        assert trace not in bodies
    agents = {request.headers.get("User-Agent", "") for request in server.requests}
    assert not any("zhangsan" in agent for agent in agents)


@pytest.mark.case(100)
def test_two_choices_at_once_each_reach_their_server_with_their_own_key(tmp_path: Path) -> None:
    write(tmp_path / "notes", NOTES)
    keys = {name: f"sk-{name}-0123456789" for name in ("one", "two")}
    with (
        Server(events(said("一 [1]"), 0.2, said(finish="stop"))) as one,
        Server(events(said("二 [1]"), 0.2, said(finish="stop"))) as two,
    ):
        servers = {"one": one, "two": two}
        apps = {
            name: open_assistant(
                read_settings(
                    {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path / name),
                     "ASSISTANT_PROVIDER": "custom", "ASSISTANT_MODEL": name, "ASSISTANT_BASE_URL": f"{servers[name].url}/v1"},
                    environment={"ASSISTANT_API_KEY": keys[name]}, folder=tmp_path,
                )
            )
            for name in keys
        }  # fmt: skip
        threads = [threading.Thread(target=_ask_often, args=(app,)) for app in apps.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for app in apps.values():
            app.database.close()

    for name, server in servers.items():
        asked = [request for request in server.requests if request.path.endswith("/chat/completions")]
        assert len(asked) == 4
        assert {request.headers["Authorization"] for request in server.requests} == {f"Bearer {keys[name]}"}
        assert {request.body["model"] for request in asked} == {name}


def _ask_often(app: Assistant) -> None:
    app.sync().run()
    for _ in range(4):
        conversation, turn_id = app.conversations.ask(None, "什么是鲸落？")
        app.answer(conversation, turn_id, app.prepare("什么是鲸落？")).wait(LONGEST)


@pytest.mark.case(100)
def test_a_choice_made_while_an_answer_runs_leaves_it_with_its_own_model(tmp_path: Path) -> None:
    write(tmp_path / "notes", NOTES)
    app = open_assistant(
        read_settings(
            {"ASSISTANT_NOTES_DIR": str(tmp_path / "notes"), "ASSISTANT_DATA_DIR": str(tmp_path / "d")},
            environment={},
            folder=tmp_path,
        )
    )
    app.sync().run()
    slow = events(said("一 [1]"), 0.5, said(finish="stop"))
    with Server(slow) as one, Server(answer("二 [1]")) as two:
        turns = []
        for server in (one, two):
            app.choose_chat(Choice("custom", "m", f"{server.url}/v1"))
            conversation, turn_id = app.conversations.ask(None, "什么是鲸落？")
            turns.append(app.answer(conversation, turn_id, app.prepare("什么是鲸落？")))
        for turn in turns:
            turn.wait(LONGEST)
    app.database.close()

    assert [turn.text for turn in turns] == ["一 [1]", "二 [1]"]


@pytest.mark.case(114)
def test_telemetry_is_off_and_nothing_is_downloaded() -> None:
    import tomllib

    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))

    assert config["browser"]["gatherUsageStats"] is False
