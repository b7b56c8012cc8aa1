"""5 000 made-up notes, 40 MB: first sync, a look at nothing new, one change, a folder moved; beside LlamaIndex and LangChain."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from generated_notes import write_notes
from tables import markdown_table, write_result

HERE = Path(__file__).parent
SIDES = ("ours", "LlamaIndex", "LangChain")
LOOKS = {
    "first": "first sync",
    "again": "nothing changed",
    "change": "one section added to one note",
    "move": "a folder of 50 notes renamed",
}
TEXT = "\n## 新的一节 A new section\n\n刚刚写下的一句话。A sentence that was written just now.\n"


def change(notes: Path, look: str) -> None:
    """Do to the folder what the next look is to find."""
    if look == "change":
        with (notes / "000" / "note-00049.md").open("a", encoding="utf-8") as file:
            file.write(TEXT)
    if look == "move":
        (notes / "000").rename(notes / "moved")


def measured(side: str, look: str, notes: Path, state: Path) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "sync_peers.py"), side, look, str(notes), str(state)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(look, side, figures, file=sys.stderr)
    return figures


def row(look: str, side: str, figures: dict[str, Any]) -> dict[str, object]:
    return {
        "": LOOKS[look],
        "side": side,
        "CPU s": f"{figures['cpu']:.2f}",
        "wall s": f"{figures['wall']:.1f}",
        "peak RSS MB": f"{figures['rss']:.0f}",
        "chunks": figures["chunks"],
        "texts embedded": figures["texts"],
        "tokens embedded": figures["tokens"] if look in ("change", "move") else "",
    }


def ratios(figures: dict[tuple[str, str], dict[str, Any]]) -> str:
    """Say how we stand beside the better of the others."""
    lines = []
    for look, aim in (("first", "aim 0.5"), ("again", "aim 0.1")):
        for name, unit in (("cpu", "CPU"), ("rss", "peak RSS")):
            best = min(figures[look, side][name] for side in SIDES[1:])
            lines.append(
                f"- {LOOKS[look]}, {unit}: {figures[look, 'ours'][name] / best:.2f} of the better one ({aim}"
                f"{', CPU only' if look == 'again' and name == 'rss' else ''})"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=5_000)
    parser.add_argument("--megabytes", type=float, default=40.0)
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="bench-sync-"))
    try:
        size = write_notes(place / "notes", given.notes, given.megabytes)
        figures = {}
        for look in LOOKS:
            change(place / "notes", look)
            for side in SIDES if look != "move" else SIDES[:1]:  # the others know a file by its path only
                figures[look, side] = measured(side, look, place / "notes", place / side)
        rows = [row(look, side, each) for (look, side), each in figures.items()]
    finally:
        shutil.rmtree(place)
    about = (
        f"{given.notes} notes, {size / 1e6:.1f} MB of Markdown, Chinese and English, made up (bench/generated_notes.py). Every row is a"
        " process of its own; loading and keeping its state is counted, importing packages is not. All three: chunks of 400 tokens"
        " of o200k without overlap, our offline embedder. LlamaIndex: IngestionPipeline, SentenceSplitter, SimpleDocumentStore and"
        " SimpleVectorStore as JSON, upserts and deletes, its cache off. LangChain: index() with cleanup=full,"
        " MarkdownTextSplitter, SQLRecordManager over SQLite, InMemoryVectorStore dumped as JSON. Only ours keeps a keyword index and the"
        " exact lines of each chunk, and has whole notes on disk about every second; the others write everything at the end."
    )
    write_result("sync", "bench/sync.py", f"{about}\n\n{markdown_table(rows)}\n\n{ratios(figures)}")


if __name__ == "__main__":
    main()
