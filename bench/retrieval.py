"""Retrieval quality of the app on every BEIR set below a folder, beside LlamaIndex's BM25Retriever as it comes."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

from tables import markdown_table, write_result

from assistant.evaluate.beir import Collection, read_collection
from assistant.evaluate.metrics import judge


def ours(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "assistant", "evaluate", str(folder), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def llama_index_bm25(collection: Collection) -> tuple[float, float]:
    """Return nDCG@10 and CPU seconds; title and text are one node, as a user of the defaults would have it."""
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    started = time.process_time()
    nodes = [TextNode(id_=d.id, text=f"{d.title}\n{d.text}".strip()) for d in collection.documents]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        retriever = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=10)
    run = {query.id: [hit.node.node_id for hit in retriever.retrieve(query.text)] for query in collection.judged}
    return judge(run, collection.qrels).ndcg_at_10, time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds one folder in BEIR layout per set")
    folder = parser.parse_args().folder
    rows = []
    for path in sorted(path for path in folder.iterdir() if (path / "qrels").is_dir()):
        figures = ours(path)
        theirs, _ = llama_index_bm25(read_collection(path))
        rows.append(
            {
                "set": path.name,
                "queries": figures["queries"],
                "nDCG@10": f"{figures['ndcg_at_10']:.3f}",
                "LlamaIndex BM25Retriever": f"{theirs:.3f}",
                "recall@5": f"{figures['recall_at_5']:.3f}",
                "MRR@10": f"{figures['mrr_at_10']:.3f}",
                "chunks/s": figures["chunks_per_second"],
                "query ms p50": figures["query_ms"]["p50"],
                "query ms p95": figures["query_ms"]["p95"],
                "peak RSS MB": figures["peak_rss_mb"],
            }
        )
        print(rows[-1], flush=True)
    write_result("retrieval", "bench/retrieval.py FOLDER", markdown_table(rows))


if __name__ == "__main__":
    main()
