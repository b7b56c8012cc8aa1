"""A library of 100 000 chunks and more: reopening, searching, editing, memory by part, and vectors in fewer bytes.

Each part runs in a process of its own, so that its memory is its own. CPU seconds are process time, all threads.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import library
import psutil
from tables import markdown_table, write_result

LIMIT = 50  # candidates of each leg, as the app asks for


@dataclass
class Clock:
    """CPU and wall milliseconds of what was done, by name."""

    cpu: dict[str, list[float]] = field(default_factory=dict)
    wall: dict[str, list[float]] = field(default_factory=dict)

    def time(self, name: str, act: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        done = act()
        self.cpu.setdefault(name, []).append(1000 * (time.process_time() - cpu))
        self.wall.setdefault(name, []).append(1000 * (time.perf_counter() - wall))
        return done

    def figures(self) -> dict[str, dict[str, float]]:
        def quantile(times: list[float], share: float) -> float:
            return sorted(times)[min(len(times) - 1, int(share * len(times)))]

        return {
            name: {
                "cpu": statistics.median(cpu),
                "cpu95": quantile(cpu, 0.95),
                "wall": statistics.median(self.wall[name]),
            }
            for name, cpu in self.cpu.items()
        }


def rss() -> int:
    return int(psutil.Process().memory_info().rss)


def opened(data: Path, precision: str = "full") -> tuple[Any, Any]:
    from assistant.database import Database
    from assistant.knowledge.store import Store
    from assistant.knowledge.vectors import VectorIndex

    store = Store(Database(data))
    return store, VectorIndex(store, library.EMBEDDER, precision)  # type: ignore[arg-type]


def search_over(store: Any, index: Any, asked: dict[str, Any]) -> Any:
    """Return the app's own search with an embedder that knows the questions' vectors, so that only searching is timed."""
    from assistant.knowledge.search import Search
    from assistant.money.ledger import Ledger
    from assistant.money.metering import MeteredEmbedder
    from assistant.providers.entries import EmbeddingEntry

    class Known:
        key, dimension = library.EMBEDDER, len(next(iter(asked.values())))

        def embed(self, texts: list[str]) -> Any:
            import numpy as np

            return np.stack([asked[text] for text in texts])

    entry = EmbeddingEntry("offline", "clustered", price=Decimal(0), currency="CNY")
    return Search(store, index, MeteredEmbedder(Known(), entry, Ledger(store.database)))


def reopen(data: Path, texts: Path, precision: str) -> dict[str, Any]:
    import assistant.knowledge.search  # noqa: F401

    memory = {"Python and our modules": rss()}
    import faiss  # noqa: F401

    memory["NumPy and FAISS"] = rss()
    cpu, wall = time.process_time(), time.perf_counter()
    store, index = opened(data, precision)
    index.refresh()
    taken = time.process_time() - cpu, time.perf_counter() - wall
    memory["vectors"] = rss()
    asked = dict(zip(library.questions(texts, 50), library.vectors(50, index.dimension, 9, len(index)), strict=True))
    find = search_over(store, index, asked)
    for question in asked:
        find.find(question)
    memory["after 50 searches (SQLite's cache, word lists, Chinese dictionary)"] = rss()
    parts, before = {}, 0
    for name, bytes_ in memory.items():
        parts[name] = (bytes_ - before) / 2**20
        before = bytes_
    peak = psutil.Process().memory_info()
    import resource

    parts["vectors by their own count"] = index.size / 2**20
    parts["all at the end"] = peak.rss / 2**20
    parts["highest"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": taken[0], "wall": taken[1], "chunks": len(index), "memory": parts}


def search(data: Path, texts: Path, precision: str) -> dict[str, Any]:
    import faiss

    from assistant.knowledge.changes import Changes

    store, index = opened(data, precision)
    index.refresh()
    flat = faiss.IndexFlatIP(index.dimension)
    for _, rows in Changes(store.database, library.EMBEDDER).vectors():
        flat.add(rows)
    plain = sqlite3.connect(data / "plain.db")
    asked = dict(zip(library.questions(texts, 200), library.vectors(200, index.dimension, 9, len(index)), strict=True))
    find, clock = search_over(store, index, asked), Clock()
    find.find("warm up" if "warm up" in asked else next(iter(asked)))
    for question, vector in asked.items():
        faiss.omp_set_num_threads(psutil.cpu_count())
        clock.time("FAISS flat as it comes", lambda v=vector: flat.search(v.reshape(1, -1), LIMIT))
        faiss.omp_set_num_threads(1)
        clock.time("FAISS flat, one thread", lambda v=vector: flat.search(v.reshape(1, -1), LIMIT))
        clock.time("FTS5, one query", lambda q=question: library.plain_search(plain, q, LIMIT))
        clock.time("our vectors", lambda v=vector: index.search(v, LIMIT))
        clock.time("our whole search", lambda q=question: find.find(q))
    return clock.figures()


def edit(data: Path, texts: Path, precision: str) -> dict[str, Any]:
    store, index = opened(data, precision)
    index.refresh()
    pool = [text for found in library.sentences(texts).values() for text in found]
    chance, clock, rounds = random.Random(11), Clock(), 100
    rows = library.vectors(rounds * library.CHUNKS_PER_NOTE, index.dimension, 77, len(index))
    for number in range(rounds):
        made, pieces = library.note(10_000_000 + number, pool, chance)
        few = rows[number * library.CHUNKS_PER_NOTE :][: library.CHUNKS_PER_NOTE]

        def insert(made: Any = made, pieces: Any = pieces, few: Any = few) -> None:
            library.put(store, made, pieces, few)
            index.refresh()

        clock.time("a note of 20 chunks inserted", insert)
        assert index.search(few[3], 1)[0][1] > 0.99
    ids = chance.sample([stored.id for stored in store.notes()], rounds)
    for id_ in ids:
        clock.time("a note of 20 chunks deleted", lambda id_=id_: (store.remove([id_]), index.refresh()))
    assert len(index) == len(store.chunk_ids())
    return clock.figures()


def recall(data: Path, texts: Path, precision: str) -> dict[str, Any]:
    _, exact = opened(data)
    _, index = opened(data, precision)
    exact.refresh()
    index.refresh()
    clock, shares = Clock(), {10: [], LIMIT: []}
    for vector in library.vectors(200, exact.dimension, 9, len(exact)):
        truth = [id_ for id_, _ in exact.search(vector, LIMIT)]
        found = [id_ for id_, _ in clock.time("search", lambda v=vector: index.search(v, LIMIT))]
        for depth, kept in shares.items():
            kept.append(len(set(truth[:depth]) & set(found[:depth])) / depth)
    at = {f"recall@{depth}": statistics.mean(kept) for depth, kept in shares.items()}
    return at | clock.figures()["search"] | {"mb": index.size / 2**20}


def milvus(data: Path, texts: Path, precision: str) -> dict[str, Any]:
    """Fill Milvus Lite from the store, open it again, search and edit; compare with what the exact index finds."""
    from assistant.knowledge.milvus import MilvusIndex

    store, exact = opened(data)
    exact.refresh()
    before = rss()
    clock, kept, file = Clock(), [], data / "milvus.db"
    index = MilvusIndex(store, library.EMBEDDER, str(file))
    clock.time("all vectors sent", index.refresh)
    clock.time("compared on opening again", lambda: MilvusIndex(store, library.EMBEDDER, str(file)).refresh())
    for vector in library.vectors(50, exact.dimension, 9, len(exact)):
        found = clock.time("search", lambda v=vector: index.search(v, LIMIT))
        kept.append(len({id_ for id_, _ in found} & {id_ for id_, _ in exact.search(vector, LIMIT)}) / LIMIT)
    pool = [text for found in library.sentences(texts).values() for text in found]
    for number in range(10):
        made, pieces = library.note(20_000_000 + number, pool, random.Random(number))
        library.put(store, made, pieces, library.vectors(len(pieces), exact.dimension, 78 + number, len(exact)))
        clock.time("a note of 20 chunks taken over", index.refresh)
    size = sum(part.stat().st_size for part in file.rglob("*") if part.is_file())
    return clock.figures() | {
        "": {"recall": statistics.mean(kept), "rss": (rss() - before) / 2**20, "disk": size / 2**20}
    }


PARTS = {"reopen": reopen, "search": search, "edit": edit, "recall": recall, "milvus": milvus}


def run(part: str, data: Path, texts: Path, precision: str = "full") -> dict[str, Any]:
    command = [sys.executable, __file__, str(texts), "--part", part, "--data", str(data), "--precision", precision]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def report(data: Path, texts: Path) -> str:
    reopened, searched = [run("reopen", data, texts) for _ in range(3)], run("search", data, texts)
    opened_ = reopened[-1]
    raw = searched["FAISS flat, one thread"]["cpu"] + searched["FTS5, one query"]["cpu"]
    raw_wall = searched["FAISS flat, one thread"]["wall"] + searched["FTS5, one query"]["wall"]
    ours = searched["our whole search"]
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "data"
        shutil.copytree(data, copy)
        edited = run("edit", copy, texts)
    times = [
        {"what": name, "CPU ms, median": f"{f['cpu']:.1f}", "CPU ms, p95": f"{f['cpu95']:.1f}", "wall ms, median": f"{f['wall']:.1f}"}
        for name, f in (searched | edited).items()
    ]  # fmt: skip
    precisions = {name: run("recall", data, texts, name) for name in ("full", "half", "byte")}
    sizes = [
        {"vectors": name, "MB": f"{f['mb']:.0f}", "recall@10": f"{f['recall@10']:.4f}", f"recall@{LIMIT}": f"{f[f'recall@{LIMIT}']:.4f}",
         "CPU ms, median": f"{f['cpu']:.1f}"}
        for name, f in precisions.items()
    ]  # fmt: skip
    memory = [{"part": name, "MB": f"{mb:.0f}"} for name, mb in opened_["memory"].items()]
    return "\n\n".join(
        [
            f"{opened_['chunks']} chunks, reopened (index built from the database) three times, CPU s (wall s): "
            + ", ".join(f"{f['cpu']:.2f} ({f['wall']:.2f})" for f in reopened)
            + "; the first may have read from the disk.",
            f"Whole search ÷ (raw FAISS flat, one thread + raw FTS5 query): {ours['cpu'] / raw:.2f} in CPU,"
            f" {ours['wall'] / raw_wall:.2f} in wall time (medians of 200 real questions, asked in turn).",
            markdown_table(times),
            markdown_table(memory),
            markdown_table(sizes),
        ]
    )


def milvus_table(data: Path, texts: Path) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "data"
        shutil.copytree(data, copy)
        figures = run("milvus", copy, texts)
    sums = figures.pop("")
    rows = [
        {"Milvus Lite": name, "CPU ms, median": f"{f['cpu']:.1f}", "wall ms, median": f"{f['wall']:.1f}"}
        for name, f in figures.items()
    ]
    said = f"Milvus Lite, its own AUTOINDEX: recall@{LIMIT} {sums['recall']:.4f} against exact, {sums['rss']:.0f} MB in memory, {sums['disk']:.0f} MB on disk."
    return f"{said}\n\n{markdown_table(rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path, help="holds one folder in BEIR layout per set")
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=1024)
    parser.add_argument("--data", type=Path, help="keeps the library between runs")
    parser.add_argument("--milvus", action="store_true", help="measure Milvus Lite instead; wants the extra milvus")
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--precision", default="full")
    given = parser.parse_args()
    if given.part:
        print(json.dumps(PARTS[given.part](given.data, given.texts, given.precision)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        data = given.data or Path(scratch)
        if not (data / "plain.db").exists():
            library.build(data, given.texts, given.chunks, given.dimension)
        name, made = ("size_milvus", milvus_table) if given.milvus else ("size", report)
        flag = " --milvus" if given.milvus else ""
        command = f"bench/size.py FOLDER --chunks {given.chunks} --dimension {given.dimension}{flag}"
        write_result(name, command, made(data, given.texts))


if __name__ == "__main__":
    main()
