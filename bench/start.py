"""Start to first HTTP answer, first paint, sync of 300 notes, re-sync, search, memory: one run, one table."""

from __future__ import annotations

import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
from tables import markdown_table, write_result

from assistant.bootstrap import Assistant, open_assistant
from assistant.settings import Settings

ROOT = Path(__file__).parents[1]
NOTES = 300
QUESTIONS = [
    "什么是过拟合？",
    "KV cache 占多少显存",
    "How does self-attention scale?",
    "RAG 怎么切块",
    "LoRA 和全量微调的区别",
]


def notes(folder: Path) -> None:
    """Write 300 notes cut from the sample notes, each different."""
    chance = random.Random(1)
    texts = [file.read_text("utf-8") for file in sorted((ROOT / "notes").rglob("*.md"))]
    for number in range(NOTES):
        sections = chance.choice(texts).split("\n## ")
        chance.shuffle(sections)
        file = folder / f"{number % 20}" / f"note-{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# 笔记 {number}\n\n" + "\n## ".join(sections[:6]), "utf-8")


def timed(action: object) -> tuple[float, float]:
    """Return wall and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()  # type: ignore[operator]
    return time.perf_counter() - wall, time.process_time() - cpu


def knowledge(folder: Path) -> list[dict[str, object]]:
    app = open_assistant(Settings(notes=(folder / "notes",), data=folder / "data"))
    rows = [row(f"first sync of {NOTES} notes", timed(lambda: app.sync().run()))]
    rows.append(row("sync, nothing changed", timed(lambda: app.sync().run())))
    changed = folder / "notes" / "0" / "note-0.md"
    changed.write_text(changed.read_text("utf-8") + "\n\n## 新的一节\n\n刚刚写下的一句话。\n", "utf-8")
    rows.append(row("sync, one note changed", timed(lambda: app.sync().run())))
    app.search.find("warm up")
    rows += searches(app)
    rows.append({"what": "peak memory of this process", "wall s": "", "CPU s": "", "note": f"{peak_mb():.0f} MB"})
    chunks = len(app.store.chunk_ids())
    rows[0]["note"] = f"{chunks} chunks"
    return rows


def searches(app: Assistant) -> list[dict[str, object]]:
    seconds = sorted(timed(lambda question=question: app.search.find(question))[0] for question in QUESTIONS * 40)
    p50, p95 = (1000 * seconds[int(len(seconds) * share)] for share in (0.5, 0.95))
    return [
        {
            "what": f"search, {len(seconds)} times",
            "wall s": "",
            "CPU s": "",
            "note": f"p50 {p50:.1f} ms, p95 {p95:.1f} ms",
        }
    ]


def row(what: str, seconds: tuple[float, float], note: str = "") -> dict[str, object]:
    return {"what": what, "wall s": f"{seconds[0]:.2f}", "CPU s": f"{seconds[1]:.2f}", "note": note}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def page(folder: Path) -> list[dict[str, object]]:
    """Start the app on an empty data folder; wait for the first HTTP answer, then for the composer in Chromium."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "streamlit_app.py",
        f"--server.port={port}",
        "--server.headless=true",
    ]
    environment = {**os.environ, "ASSISTANT_DATA_DIR": str(folder / "app"), "ASSISTANT_NOTES_DIR": str(ROOT / "notes")}
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            answered = first_answer(port, started)
            rows = [{"what": "start to first HTTP answer", "wall s": f"{answered:.2f}", "CPU s": "", "note": ""}]
            rows += paint(port)
            time.sleep(15)  # the warm-up reads the notes and imports LlamaIndex
            memory = psutil.Process(process.pid).memory_info().rss / 2**20
            rows.append(
                {"what": "app, notes read, LlamaIndex loaded", "wall s": "", "CPU s": "", "note": f"{memory:.0f} MB"}
            )
        finally:
            process.terminate()
    return rows


def first_answer(port: int, started: float) -> float:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.02)


def paint(port: int) -> list[dict[str, object]]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return [{"what": "first paint", "wall s": "", "CPU s": "", "note": "no Chromium on this machine"}]
    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        for what in ("first paint, cold browser cache", "first paint, warm browser cache"):
            tab = context.new_page()
            started = time.perf_counter()
            tab.goto(f"http://127.0.0.1:{port}", wait_until="commit")
            tab.wait_for_selector("[data-testid=stChatInput]", timeout=60_000)
            rows.append(
                {
                    "what": f"{what} (composer visible)",
                    "wall s": f"{time.perf_counter() - started:.2f}",
                    "CPU s": "",
                    "note": "",
                }
            )
            tab.close()
        browser.close()
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notes(folder / "notes")
        write_result("start", "bench/start.py", markdown_table([*page(folder), *knowledge(folder)]))


if __name__ == "__main__":
    main()
