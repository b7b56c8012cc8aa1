"""The two READMEs against each other and against the tree, the commands and the settings they speak of."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from assistant.cli import main

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
NO_ROOM = {"build", "dist"}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, *languages: str) -> list[str]:
    return [body for language, body in FENCE.findall(text(name)) if language in languages]


def commands(name: str) -> list[str]:
    """The lines people copy; what follows a # is told in each README's own language."""
    lines = "".join(blocks(name, "bash", "powershell")).splitlines()
    return [line.split("  #")[0].rstrip() for line in lines]


def marked(name: str, mark: str) -> str:
    after = text(name).split(f"<!-- {mark} -->\n", 1)[1]
    found = FENCE.match(after)
    assert found, f"{name}: no code block right after <!-- {mark} -->"
    return found[2]


def mapped(name: str) -> list[str]:
    """The paths of the map, put together from its indents."""
    tree = next(block for block in blocks(name, "text") if block.startswith("streamlit_app.py"))
    paths: list[str] = []
    parents: list[str] = []
    for line in tree.splitlines():
        entry = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        parents[depth:] = [entry]
        paths.append("".join(parents))
    return paths


def rooms(folder: Path) -> set[str]:
    """The folders that hold something of ours, as the map writes them."""
    found = {
        path
        for path in folder.iterdir()
        if path.is_dir() and any(file.suffix not in ("", ".pyc") for file in path.rglob("*"))
    }
    return {
        f"{path.relative_to(ROOT).as_posix()}/"
        for path in found
        if path.name not in NO_ROOM and not path.name.startswith((".", "_")) and path.suffix != ".egg-info"
    }


def names_read_by_settings() -> set[str]:
    return set(re.findall(r"ASSISTANT_[A-Z_]+[A-Z]", text("assistant/settings.py")))


@pytest.mark.parametrize("name", READMES)
def test_the_map_names_only_what_exists(name: str) -> None:
    assert [path for path in mapped(name) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_the_map_names_every_top_level_folder_and_every_package(name: str) -> None:
    assert rooms(ROOT) | rooms(ROOT / "assistant") <= set(mapped(name))


@pytest.mark.parametrize("name", READMES)
def test_every_link_and_picture_leads_to_a_file(name: str) -> None:
    targets = re.findall(r"\]\((?!https://)([^)]+)\)", text(name))

    assert "docs/security.md" in targets
    assert [target for target in targets if not (ROOT / target).is_file()] == []


@pytest.mark.parametrize("name", READMES)
def test_every_path_in_the_prose_exists(name: str) -> None:
    prose = FENCE.sub("", text(name))
    ours = re.findall(r"`((?:assistant|notes|tests|docs|bench|\.ci)/[\w/.-]*)`", prose)

    assert ours
    assert [path for path in ours if not (ROOT / path).exists()] == []


def test_both_readmes_have_the_same_structure() -> None:
    def outline(name: str) -> list[str]:
        return re.findall(r"^(#+ |- |\||```\w*|<!-- \w+ -->|!\[)", text(name), re.MULTILINE)

    english, chinese = map(outline, READMES)

    assert english == chinese


def test_both_readmes_have_the_same_commands() -> None:
    english, chinese = map(commands, READMES)

    assert english == chinese


def test_both_readmes_map_the_same_paths() -> None:
    english, chinese = map(mapped, READMES)

    assert english == chinese


@pytest.mark.parametrize("mark", ["start", "test"])
def test_each_command_to_copy_is_one_line_that_sets_everything_up(mark: str) -> None:
    (line,) = marked("README.md", mark).splitlines()

    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e ")


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_terminal_is_named_and_known(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^    ([a-z]+)(?: |$)", capsys.readouterr().out, re.MULTILINE))

    named = set(re.findall(r"-m assistant ([a-z]+)", "\n".join(commands(name))))

    assert named == known


@pytest.mark.parametrize("name", READMES)
def test_every_variable_of_the_readme_is_read(name: str) -> None:
    named = set(re.findall(r"`(ASSISTANT_[A-Z_]+)`", text(name)))

    assert named
    assert named <= names_read_by_settings()


def test_the_example_of_the_environment_file_names_every_variable_that_is_read() -> None:
    named = set(re.findall(r"^# (ASSISTANT_[A-Z_]+)=", text(".env.example"), re.MULTILINE))

    assert named == names_read_by_settings()


def test_the_constraints_are_plain_pins_of_every_requirement() -> None:
    lines = [line for line in text("constraints.txt").splitlines() if not line.startswith("#")]
    pins = dict(line.split("==") for line in lines)
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = [wanted for extra in project["optional-dependencies"].values() for wanted in extra]
    wanted = {re.split(r"[<>=!~\[; ]", line)[0] for line in [*project["dependencies"], *extras]}

    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    assert wanted - {project["name"]} <= pins.keys()
