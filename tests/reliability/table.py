"""The table of the 125 numbered cases: reads which tests bear a number, hears how they went, writes docs/reliability.md. Knows no case."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "reliability.md"
NUMBERS = range(1, 126)

HEAD = """# Hostile input, faults and load: 125 cases and the tests that bear them

Written by the tests themselves, not by hand: `{command}`
A number is borne by the tests that carry its mark (`@pytest.mark.case(n)`). `passed`: at least one of them ran and none failed, in
the run that wrote this table; `skipped`: none ran there. What no test can bear has its reason here.

| # | case | outcome | tests, reasons |
|--:|------|---------|----------------|
"""
COMMAND = "ASSISTANT_RELIABILITY_TABLE=write python -m pytest -m case"


@dataclass(slots=True)
class Cases:
    """What the numbers are about, why some have no test, and which are not there yet."""

    about: dict[int, str]
    reason: dict[int, str]
    waiting: frozenset[int]


@dataclass(slots=True)
class Heard:
    """How the tests that bear a number went in this run: the outcomes of each, one for every set of its parameters."""

    outcomes: dict[str, set[str]] = field(default_factory=dict)

    def add(self, test: str, outcome: str) -> None:
        """Note one more outcome of a test."""
        self.outcomes.setdefault(test, set()).add(outcome)

    def verdict(self, tests: tuple[str, ...]) -> str:
        """Sum up the tests of a number."""
        seen = set[str]().union(*(self.outcomes.get(test, set()) for test in tests))
        return next((outcome for outcome in ("failed", "passed") if outcome in seen), "skipped")


@cache
def cases() -> Cases:
    """Read the data file beside this one."""
    table = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
    about, reason = ({int(number): text for number, text in table[name].items()} for name in ("about", "reason"))
    return Cases(about, reason, frozenset(table["waiting"]))


@cache
def marked() -> Mapping[int, tuple[str, ...]]:
    """Return the tests that bear each number, found in the source: no test has to run for it."""
    bearing: dict[int, set[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for test, number in marks_of(ast.parse(file.read_text(encoding="utf-8"))):
            bearing.setdefault(number, set()).add(f"{file.relative_to(ROOT).as_posix()}::{test}")
    return {number: tuple(sorted(tests)) for number, tests in sorted(bearing.items())}


def marks_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each test function of a file with each number in its decorators, those of single parameters too."""
    for function in tree.body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in (node for decorator in function.decorator_list for node in ast.walk(decorator)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.case":
                    yield from ((function.name, ast.literal_eval(number)) for number in node.args)


def function_of(node_id: str) -> str:
    """Take the parameters off a test's name, and the group that it has where tests run side by side."""
    return node_id.split("[", 1)[0].split("@", 1)[0]


def written(outcomes: Mapping[int, str]) -> str:
    """Write the whole table: the same marks and outcomes give the same text."""
    rows = []
    for number in NUMBERS:
        tests, reason = marked().get(number, ()), cases().reason.get(number, "")
        outcome = outcomes[number] if tests else ("reason given" if reason else "not yet")
        borne = [f"`{test.removeprefix('tests/')}`" for test in tests]
        cells = (
            cases().about[number].replace("|", "\\|"),
            outcome,
            "<br>".join([*borne, *([reason] if reason else [])]),
        )
        rows.append(f"| {number} | {' | '.join(cells)} |\n")
    return HEAD.format(command=COMMAND) + "".join(rows)


def read_table(text: str) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Return outcome and tests of each number as the written table has them."""
    rows: dict[int, tuple[str, tuple[str, ...]]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.replace("\\|", "/").strip("|").split(" | ")]
        if cells[0].isdecimal():
            named = [part.strip("`") for part in cells[3].split("<br>") if part.startswith("`") and "::" in part]
            rows[int(cells[0])] = (cells[2], tuple(f"tests/{test}" for test in named))
    return rows


def hear(heard: Heard, report: Any, bearing: frozenset[str]) -> None:
    """Take note of a report of pytest, if its test bears a number; a test that is run again counts by its last run."""
    test = function_of(report.nodeid)
    if test in bearing and report.outcome != "rerun" and (report.when == "call" or report.outcome != "passed"):
        heard.add(test, report.outcome)


def write_table(heard: Heard, file: Path = TABLE) -> str:
    """Write the table and say so; where a test that bears a number was not run, leave it as it is and name one of these."""
    everything = {test for tests in marked().values() for test in tests}
    if missing := sorted(everything - heard.outcomes.keys()):
        return (
            f"{file.name} stays as it is: {len(missing)} tests that bear a number did not run, among them {missing[0]}"
        )
    file.write_text(written({n: heard.verdict(tests) for n, tests in marked().items()}), encoding="utf-8", newline="\n")
    return f"{file.name} is written"
