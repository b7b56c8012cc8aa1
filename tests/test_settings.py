"""Where a choice comes from, and which source wins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings, read_settings


def write(folder: Path, dotenv: str = "", secrets: str = "") -> None:
    (folder / ".streamlit").mkdir()
    (folder / ".env").write_text(dotenv, encoding="utf-8")
    (folder / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")


def test_the_defaults_run_offline(tmp_path: Path) -> None:
    assert read_settings(environment={}, folder=tmp_path) == Settings()
    assert Settings().provider == Settings().embedding_provider == "offline"


def test_the_stronger_source_wins(tmp_path: Path) -> None:
    write(tmp_path, "ASSISTANT_LANGUAGE=zh\nASSISTANT_DATA_DIR=from-env-file", 'ASSISTANT_DATA_DIR = "from-secrets"')

    settings = read_settings(
        {"ASSISTANT_NOTES_DIR": "given"}, environment={"ASSISTANT_LANGUAGE": "en"}, folder=tmp_path
    )

    assert settings.language == "en"
    assert settings.data == Path("from-env-file")
    assert settings.notes == (Path("given"),)


def test_several_folders_are_separated_as_paths_are_on_this_system(tmp_path: Path) -> None:
    settings = read_settings(environment={"ASSISTANT_NOTES_DIR": f"a{os.pathsep}b c"}, folder=tmp_path)

    assert settings.notes == (Path("a"), Path("b c"))


@pytest.mark.parametrize(
    "dotenv",
    [
        "ASSISTANT_DATA_DIR=here",
        'export ASSISTANT_DATA_DIR="here"',
        "\ufeffASSISTANT_DATA_DIR=here",
        "ASSISTANT_DATA_DIR='here'\r\nOTHER=1\r\n",
        "ASSISTANT_DATA_DIR=first\nASSISTANT_DATA_DIR=here",
    ],
    ids=["plain", "export", "byte order mark", "windows lines", "twice"],
)
def test_an_env_file_is_read_however_it_was_written(tmp_path: Path, dotenv: str) -> None:
    write(tmp_path, dotenv)

    assert read_settings(environment={}, folder=tmp_path).data == Path("here")


def test_an_empty_value_chooses_nothing(tmp_path: Path) -> None:
    assert read_settings(environment={"ASSISTANT_PROVIDER": ""}, folder=tmp_path).provider == "offline"


def test_a_value_that_cannot_be_used_names_those_that_can(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(environment={"ASSISTANT_PROVIDER": "gpt"}, folder=tmp_path)

    assert "'gpt'" in refused.value.message("zh")
    assert "dashscope" in refused.value.hint("zh")


def test_a_broken_secrets_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, secrets="not toml")

    with pytest.raises(SettingsError) as refused:
        read_settings(environment={}, folder=tmp_path)
    assert "secrets.toml" in refused.value.message("en")


def test_what_was_chosen_in_the_app_yields_to_what_comes_from_outside(tmp_path: Path) -> None:
    chosen = {"notes": ["mine"], "language": "en"}

    free = read_settings(environment={}, folder=tmp_path).preferring(chosen)
    fixed = read_settings(environment={"ASSISTANT_NOTES_DIR": "theirs"}, folder=tmp_path).preferring(chosen)

    assert (free.notes, free.language) == ((Path("mine"),), "en")
    assert (fixed.notes, fixed.language) == ((Path("theirs"),), "en")
