"""What is installed is new enough to be without the holes that are known of its kind; what is dangerous is not there at all."""

from __future__ import annotations

import importlib.util
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
# The first versions without the holes that cases/125 is about: path leaks on Windows, endless uploads, recursion, pickles.
LOWEST = {"streamlit": "1.54", "starlette": "1.1.0", "llama-index-core": "0.12.45"}
LOWEST_IF_THERE = {"pypdf": "6.16.1", "pdfminer.six": "20251230", "langchain-core": "1.2.5"}


@pytest.mark.case(125)
@pytest.mark.parametrize("name", LOWEST)
def test_a_package_with_known_holes_is_newer_than_they_are(name: str) -> None:
    assert Version(metadata.version(name)) >= Version(LOWEST[name])


@pytest.mark.case(125)
@pytest.mark.parametrize("name", LOWEST)
def test_no_older_one_may_be_installed_with_the_app(name: str) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    (found,) = [one for one in map(Requirement, wanted) if one.name == name]
    lower = [Version(part.version) for part in found.specifier if part.operator == ">="]

    assert lower and max(lower) >= Version(LOWEST[name])


@pytest.mark.case(125)
@pytest.mark.parametrize("name", LOWEST_IF_THERE)
def test_a_package_that_others_may_bring_is_new_enough_or_absent(name: str) -> None:
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return
    assert Version(found) >= Version(LOWEST_IF_THERE[name])


@pytest.mark.case(125)
def test_the_app_reads_no_pdf_with_a_library_that_unpickles() -> None:
    wanted = (ROOT / "pyproject.toml").read_text("utf-8") + (ROOT / "constraints.txt").read_text("utf-8")

    assert "pdfminer" not in wanted
    assert importlib.util.find_spec("pypdfium2") is not None
