"""A million clustered vectors: memory, time and recall of the app's segments in each precision, beside FAISS's IVF. No text, no SQLite."""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import faiss
import library
import numpy as np
import psutil
from numpy.typing import NDArray
from tables import markdown_table, write_result

from assistant.knowledge.segments import Precision, Segment

LIMIT, QUESTIONS = 10, 100
Found = list[list[int]]


def rows(count: int, dimension: int) -> Iterator[NDArray[np.float32]]:
    return library.clustered(count, dimension, 2, count // 50)


def asked(count: int, dimension: int) -> NDArray[np.float32]:
    return library.vectors(QUESTIONS, dimension, 9, count)


def segments(count: int, dimension: int, precision: Precision) -> list[Segment]:
    made: list[Segment] = []
    first = 0
    for batch in rows(count, dimension):
        ids, taken = range(first, first + len(batch)), 0
        while taken < len(batch):
            if not made or made[-1].full:
                made.append(Segment(dimension, precision))
            taken += made[-1].add(ids[taken:], batch[taken:])
        first += len(batch)
    return made


def search_segments(made: list[Segment], vector: NDArray[np.float32]) -> list[int]:
    found = [pair for segment in made for pair in segment.search(vector, LIMIT, None)]
    return [id_ for id_, _ in sorted(found, key=lambda pair: -pair[1])[:LIMIT]]


def inverted(count: int, dimension: int) -> Any:
    """Return FAISS's IVF with 2 048 lists and one byte a number, trained on an eighth of the vectors."""
    index = faiss.index_factory(dimension, "IVF2048,SQ8", faiss.METRIC_INNER_PRODUCT)
    sample = np.concatenate([batch for number, batch in enumerate(rows(count, dimension)) if number % 8 == 0])
    index.cp.niter = 8
    index.train(sample)
    for batch in rows(count, dimension):
        index.add(batch)
    return index


def measured(name: str, build_cpu: float, size: float, search: Callable[[NDArray[np.float32]], list[int]],
             questions: NDArray[np.float32], truth: Found | None) -> tuple[dict[str, object], Found]:  # fmt: skip
    faiss.omp_set_num_threads(1)
    cpu, wall, found = [], [], []
    for vector in questions:
        started, clock = time.process_time(), time.perf_counter()
        found.append(search(vector))
        cpu.append(1000 * (time.process_time() - started))
        wall.append(1000 * (time.perf_counter() - clock))
    right = truth or found
    recall = statistics.mean(len(set(a) & set(b)) / LIMIT for a, b in zip(right, found, strict=True))
    row = {
        "index": name, "build CPU s (with making the vectors)": f"{build_cpu:.0f}", "RSS MB": f"{size:.0f}",
        "CPU ms, median": f"{statistics.median(cpu):.1f}", "wall ms, median": f"{statistics.median(wall):.1f}",
        f"recall@{LIMIT}": f"{recall:.4f}",
    }  # fmt: skip
    print(row, flush=True)
    return row, found


def resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=512)
    given = parser.parse_args()
    questions, table, truth = asked(given.chunks, given.dimension), [], None
    precisions: tuple[Precision, ...] = ("full", "half", "byte")
    for precision in precisions:
        before, started = resident(), time.process_time()
        made = segments(given.chunks, given.dimension, precision)
        cpu = time.process_time() - started
        row, found = measured(
            f"ours, {precision}",
            cpu,
            resident() - before,
            lambda v, made=made: search_segments(made, v),
            questions,
            truth,
        )
        truth = truth or found
        table.append(row)
        del made
    before, started = resident(), time.process_time()
    index = inverted(given.chunks, given.dimension)
    cpu, size = time.process_time() - started, resident() - before
    for probes in (8, 32, 128):
        index.nprobe = probes
        row, _ = measured(
            f"FAISS IVF2048,SQ8, {probes} lists looked at", cpu, size,
            lambda v: index.search(v.reshape(1, -1), LIMIT)[1][0].tolist(), questions, truth,
        )  # fmt: skip
        table.append(row)
    command = f"bench/million.py --chunks {given.chunks} --dimension {given.dimension}"
    write_result("million", command, markdown_table(table))


if __name__ == "__main__":
    main()
