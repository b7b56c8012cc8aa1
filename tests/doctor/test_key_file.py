"""Files with keys are for their owner alone, apart from the notes and from git; an example's key is told from a real one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from assistant.doctor.key_file import key_files
from assistant.settings import Keys

KEY = "sk-0123456789abcdef"


def kept(folder: Path, mode: int = 0o600, name: str = ".env") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"OPENAI_API_KEY={KEY}\n")
    file.chmod(mode)
    return file


@pytest.mark.case(111)
def test_a_file_of_ones_own_is_fine(tmp_path: Path) -> None:
    kept(tmp_path)
    finding = key_files(Keys({"OPENAI_API_KEY": KEY}), [tmp_path / "notes"], tmp_path)

    assert finding.state == "ok"
    assert KEY not in str(finding)


@pytest.mark.case(111)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("name", [".env", ".streamlit/secrets.toml"])
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_told_with_the_command_that_closes_it(
    tmp_path: Path, mode: int, name: str
) -> None:
    finding = key_files(Keys(), [], kept(tmp_path, mode, name).parents[name.count("/")])

    assert finding.state == "failed"
    assert "chmod 600" in finding.hint["zh"]
    assert name in finding.message["en"]


@pytest.mark.case(111)
def test_a_file_inside_a_notes_folder_is_told(tmp_path: Path) -> None:
    kept(tmp_path)
    finding = key_files(Keys(), [tmp_path], tmp_path)

    assert finding.state == "failed"
    assert "notes folder" in finding.message["en"]


@pytest.mark.case(111)
@pytest.mark.parametrize("below", [".", "app"])
def test_a_file_that_git_keeps_is_told_and_one_that_it_does_not_is_not(tmp_path: Path, below: str) -> None:
    folder = tmp_path / below
    kept(folder)
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    (tmp_path / "other.txt").write_text("x")
    subprocess.run([*git, "add", "other.txt"], check=True)
    before = key_files(Keys(), [], folder)
    subprocess.run([*git, "add", "-f", str(folder / ".env")], check=True)

    assert before.state == "ok"
    assert "git rm --cached" in key_files(Keys(), [], folder).hint["en"]


@pytest.mark.case(110)
@pytest.mark.parametrize(
    "value",
    ["sk-xxx", "sk-xxxxxxxxxxxxxxxx", "sk-your-key-here", "YOUR_API_KEY", "<your key>", "sk-...", "你的密钥", "change-me", "sk-****", "xxxx"],
)  # fmt: skip
def test_what_an_example_has_in_place_of_a_key_is_told(tmp_path: Path, value: str) -> None:
    finding = key_files(Keys({"DASHSCOPE_API_KEY": value}), [], tmp_path)

    assert Keys({"A": value}).placeholders() == {"A"}
    assert finding.state == "failed"
    assert "DASHSCOPE_API_KEY" in finding.message["zh"]
    assert "占位符" in finding.message["zh"]


@pytest.mark.case(110)
@pytest.mark.parametrize(
    "value", [KEY, "sk-ant-api03-Zx81", "token", "hf_abcdefgh12", "thing-7f3a", "sk-test-0123456789abcdef"]
)
def test_a_real_key_is_none(value: str) -> None:
    assert Keys({"A": value}).placeholders() == frozenset()
