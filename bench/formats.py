"""A folder of 5 000 files in all formats, every twentieth broken: is the report of its sync true, and is each file found?"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from assistant.bootstrap import open_assistant  # noqa: E402
from assistant.settings import Settings  # noqa: E402
from bench.tables import markdown_table, write_result  # noqa: E402
from tests import formats  # noqa: E402
from tests.documents import pdf  # noqa: E402

BROKEN_EVERY = 20
ASKED_EVERY = 25
COLUMNS = ("format", "files", "broken", "read", "named as failed", "asked for", "found")


def _pdf(text: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return pdf(Path(folder) / "a.pdf", [text]).read_bytes()


MAKERS: dict[str, Callable[[str], bytes]] = {
    ".md": lambda text: f"# Note\n\n{text}\n".encode(),
    ".txt": lambda text: text.encode(),
    ".pdf": _pdf,
    ".docx": lambda text: formats.word_by_hand(formats.word_paragraph(text)),
    ".pptx": lambda text: formats.slides_by_hand(formats.shape("Title", "title") + formats.shape(text)),
    ".xlsx": lambda text: formats.workbook_by_openpyxl({"Sheet": [["Term", "Meaning"], ["row", text]]}),
    ".csv": lambda text: f"Term,Meaning\nrow,{text}\n".encode(),
    ".html": lambda text: f"<!doctype html><title>Page</title><h1>Page</h1><p>{text}</p>".encode(),
    ".epub": lambda text: formats.book(3, {"a.xhtml": f"<h1>One</h1><p>{text}</p>"}, contents={"a.xhtml": "One"}),
    ".ipynb": lambda text: formats.notebook_by_nbformat(("markdown", text, ""), ("code", "print(1)", "1\n")),
    ".py": lambda text: f'"""{text}"""\n\n\ndef one() -> int:\n    return 1\n'.encode(),
    ".srt": lambda text: f"1\n00:00:01,000 --> 00:00:04,000\n{text}\n".encode(),
    ".vtt": lambda text: f"WEBVTT\n\n00:01.000 --> 00:04.000\n{text}\n".encode(),
}
ARCHIVES = {".docx", ".pptx", ".xlsx", ".epub"}


def broken(suffix: str, content: bytes) -> bytes:
    """Spoil a file as disks and downloads do: cut off, or bytes that are no text."""
    if suffix in ARCHIVES:
        return content[: len(content) // 2]
    if suffix == ".pdf":
        return b"%PDF-1.7\n" + bytes(200)
    return bytes(range(256)) * 8


def word_of(number: int) -> str:
    """Return a word that stands in one file only."""
    return "zq" + "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "x"


def write(folder: Path, files: int) -> dict[str, tuple[str, bool, str]]:
    """Write the files; return by path the suffix, whether the file is broken, and its word."""
    made = {}
    for number in range(files):
        suffix = list(MAKERS)[number % len(MAKERS)]
        word, spoilt = word_of(number), number % BROKEN_EVERY == 7
        content = MAKERS[suffix](f"The passage about {word} says that {word} is what this file is about.")
        path = f"{number % 50:02d}/file{number:05d}{suffix}"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(broken(suffix, content) if spoilt else content)
        made[path] = (suffix, spoilt, word)
    return made


def report(files: int, folder: Path) -> str:
    """Write, sync, compare and return the table."""
    made = write(folder / "notes", files)
    app = open_assistant(Settings(notes=(folder / "notes",), data=folder / "data"))
    started, busy = time.perf_counter(), time.process_time()
    synced = app.sync().run()
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    failed, read = {path for path, _ in synced.failed}, set(synced.added)
    counts: dict[str, Counter[str]] = {suffix: Counter() for suffix in MAKERS}
    for number, (path, (suffix, spoilt, word)) in enumerate(made.items()):
        one = counts[suffix]
        one.update({"files": 1, "broken": spoilt, "read": path in read, "named as failed": path in failed})
        if not spoilt and number % ASKED_EVERY == 0:
            matches = app.search.find(word, 1, by_vectors=False).matches
            one.update({"asked for": 1, "found": bool(matches) and matches[0].chunk.note == path})
    wrong = [path for path, (_, spoilt, _) in made.items() if spoilt != (path in failed) or spoilt == (path in read)]
    again = app.sync().run()
    rss = psutil.Process().memory_info().rss / 2**20
    app.database.close()
    rows = [{name: suffix if name == "format" else counts[suffix][name] for name in COLUMNS} for suffix in MAKERS]
    said = (
        f"{files} files, {seconds:.0f} s wall and {cpu:.0f} s CPU in the app (readers in child processes not counted), {rss:.0f} MB at the end.\n"
        f"Files of which the report says anything else than what was made: {len(wrong)} {wrong[:5]}.\n"
        f"Synced again: {again.unchanged} unchanged, {len(again.added) + len(again.changed) + len(again.removed)} others."
    )
    return f"{said}\n\n{markdown_table(rows)}"


def main() -> None:
    """Measure in a folder that is deleted afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5_000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        write_result("formats", f"bench/formats.py --files {files}", report(files, Path(folder)))


if __name__ == "__main__":
    main()
