"""Where a choice comes from, and which source wins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import KEY_NAMES, Keys, Settings, keep_key, read_settings


def write(folder: Path, dotenv: str = "", secrets: str = "") -> None:
    (folder / ".streamlit").mkdir()
    (folder / ".env").write_text(dotenv, encoding="utf-8")
    (folder / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")


def test_the_defaults_run_offline(tmp_path: Path) -> None:
    assert read_settings(environment={}, folder=tmp_path) == Settings()
    assert Settings().provider == Settings().embedding_provider == "offline"


@pytest.mark.case(110)
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
@pytest.mark.case(110)
def test_an_env_file_is_read_however_it_was_written(tmp_path: Path, dotenv: str) -> None:
    write(tmp_path, dotenv)

    assert read_settings(environment={}, folder=tmp_path).data == Path("here")


@pytest.mark.case(110)
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


@pytest.mark.case(108, 110)
def test_keys_are_found_in_every_source_and_shown_in_none(tmp_path: Path) -> None:
    write(tmp_path, "OPENAI_API_KEY=sk-from-env-file", 'DEEPSEEK_API_KEY = "sk-from-secrets"')
    settings = read_settings(environment={"DASHSCOPE_API_KEY": " sk-from-process "}, folder=tmp_path)

    assert settings.keys.names() == {"OPENAI_API_KEY", "DEEPSEEK_API_KEY", "DASHSCOPE_API_KEY"}
    assert settings.keys.reveal("DASHSCOPE_API_KEY") == "sk-from-process"
    assert "sk-" not in repr(settings) + str(settings) + f"{settings}" + repr(settings.keys)
    assert settings.fixed.isdisjoint(KEY_NAMES)


@pytest.mark.case(110)
def test_the_process_wins_over_the_file_for_a_key_too(tmp_path: Path) -> None:
    write(tmp_path, "OPENAI_API_KEY=old")

    assert read_settings(environment={"OPENAI_API_KEY": "new"}, folder=tmp_path).keys.reveal("OPENAI_API_KEY") == "new"
    assert read_settings(environment={"OPENAI_API_KEY": " "}, folder=tmp_path).keys.reveal("OPENAI_API_KEY") == "old"


def test_other_variables_of_the_machine_are_not_read(tmp_path: Path) -> None:
    settings = read_settings(environment={"OPENAI_BASE_URL": "https://x", "AWS_SECRET": "y"}, folder=tmp_path)

    assert settings == Settings()


def test_models_and_addresses_are_chosen_separately_for_answers_and_vectors(tmp_path: Path) -> None:
    settings = read_settings(
        environment={
            "ASSISTANT_PROVIDER": "DashScope",
            "ASSISTANT_MODEL": "qwen-plus",
            "ASSISTANT_BASE_URL": "https://one/v1",
            "ASSISTANT_EMBEDDING_PROVIDER": "ollama",
            "ASSISTANT_EMBEDDING_MODEL": "bge-m3",
            "ASSISTANT_EMBEDDING_BASE_URL": "http://two",
            "OLLAMA_HOST": "http://three:11434",
        },
        folder=tmp_path,
    )

    assert (settings.provider, settings.model, settings.base_url) == ("dashscope", "qwen-plus", "https://one/v1")
    assert (settings.embedding_provider, settings.embedding_model) == ("ollama", "bge-m3")
    assert (settings.embedding_base_url, settings.ollama_host) == ("http://two", "http://three:11434")


def test_a_kept_key_joins_the_other_lines_and_replaces_its_former_one(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nASSISTANT_LANGUAGE=zh\nOPENAI_API_KEY='old'\nOTHER=\"a b\"\n", encoding="utf-8")
    file.chmod(0o644)
    assert keep_key("OPENAI_API_KEY", " sk-new$1#x'y ", tmp_path) == file
    keep_key("DASHSCOPE_API_KEY", "sk-second", tmp_path)

    lines = file.read_text("utf-8").splitlines()
    assert lines[:2] == ["# mine", "ASSISTANT_LANGUAGE=zh"]
    assert 'OTHER="a b"' in lines
    settings = read_settings(environment={}, folder=tmp_path)
    assert settings.keys == Keys({"OPENAI_API_KEY": "sk-new$1#x'y", "DASHSCOPE_API_KEY": "sk-second"})
    assert settings.language == "zh"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("existing", [None, 0o644], ids=["new", "readable by all"])
@pytest.mark.case(109)
def test_the_file_with_keys_is_its_owners_alone(tmp_path: Path, existing: int | None) -> None:
    file = tmp_path / ".env"
    if existing is not None:
        file.write_text("A=1\n")
        file.chmod(existing)
    keep_key("OPENAI_API_KEY", "sk", tmp_path)

    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:19530", "https://milvus.example:443", "tcp://10.0.0.1:19530", "folder/milvus.db", ""]
)
def test_milvus_is_a_server_or_a_file(tmp_path: Path, address: str) -> None:
    given = {"ASSISTANT_VECTOR_STORE": "Milvus", "ASSISTANT_MILVUS_URI": address}
    settings = read_settings(environment=given, folder=tmp_path)

    assert (settings.vector_store, settings.milvus_uri) == ("milvus", address)


@pytest.mark.parametrize("address", ["http://root:Milvus-secret@host:19530", "ftp://host", "folder/milvus", "http://"])
def test_an_address_of_milvus_that_cannot_be_used_is_refused_without_its_password(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment={"ASSISTANT_MILVUS_URI": address}, folder=tmp_path)

    assert "secret" not in caught.value.message("en")


def test_the_token_of_milvus_is_kept_like_a_key(tmp_path: Path) -> None:
    settings = read_settings(environment={"ASSISTANT_MILVUS_TOKEN": "root:hidden"}, folder=tmp_path)

    assert settings.keys.reveal("ASSISTANT_MILVUS_TOKEN") == "root:hidden"
    assert "hidden" not in repr(settings)
