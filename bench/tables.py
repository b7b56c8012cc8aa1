"""Writes measured rows as a Markdown table with the command that made them."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psutil

RESULTS = Path(__file__).parent / "results"


def markdown_table(rows: Sequence[dict[str, object]]) -> str:
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write_result(name: str, command: str, body: str) -> None:
    """Write bench/results/NAME.md; the machine is described, because figures mean nothing without it."""
    memory = psutil.virtual_memory().total / 2**30
    machine = f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GiB"
    versions = ", ".join(f"{package} {version(package)}" for package in ("streamlit", "llama-index-core", "faiss-cpu"))
    head = (
        f"# {name}\n\n`python {command}` · {date.today()} · Python {platform.python_version()} · {machine} · {versions}"
    )
    load = (
        f"Load average when it ended: {psutil.getloadavg()[0]:.1f}. The machine is shared: compare figures of one run."
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(f"{head}\n\n{load}\n\n{body}\n", encoding="utf-8")
    print((RESULTS / f"{name}.md").read_text(encoding="utf-8"))
