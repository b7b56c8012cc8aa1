"""What we add to a model's own time: ours beside LlamaIndex as its first page shows it, same notes, same server, one run.

Every request passes a small proxy that notes when it came in and when the first word of the answer went out. What is left
of a question's time without these intervals is the client's own: reading the notes' index, writing the prompt, the SDK.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from proxy import Row, proxied, seen_by
from tables import markdown_table, write_result

ROOT = Path(__file__).parents[1]
KEY = "sk-local"
ROUNDS = 3
ANSWER = 32  # tokens; only the first one matters here
QUESTIONS = [
    "BPE 分词是怎么训练出来的？",
    "RAG 怎么切块？",
    "重排序和向量检索的区别",
    "HNSW 索引怎么查找最近邻",
    "LoRA 为什么省显存",
    "KV cache 占多少显存？",
    "怎么写好提示词？",
    "FSRS 和 SM-2 的区别",
    "What is quantization in llama.cpp?",
    "How does retrieval-augmented generation work?",
    "What does multi-head attention do?",
    "What is spaced repetition?",
]


def tokens_of(messages: object, chat: str) -> int:
    """Have the server count what was sent, because only one side asks for a bill."""
    with closing(HTTPConnection(urlsplit(chat).netloc, timeout=60)) as line:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
        line.request("POST", "/v1/chat/completions/input_tokens", json.dumps({"messages": messages}), headers)
        return int(json.load(line.getresponse())["input_tokens"])


def peak_mb() -> float:
    """Return the peak of this process alone: what getrusage says would include the parent's at the fork."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return float(psutil.Process().memory_info().rss) / 2**20


def ours(chat: str, folder: Path) -> Callable[[str], Iterator[str]]:
    """Our search, preview and stream; the offline embedder, and every prompt counted by the server beforehand."""
    from assistant.answers.ask import prepare, send
    from assistant.answers.connection import connect
    from assistant.bootstrap import open_assistant
    from assistant.providers.catalog import catalog
    from assistant.providers.keys import Secret
    from assistant.providers.openai_like import OpenAILikeModel
    from assistant.providers.server_count import CountingServer
    from assistant.settings import Settings

    app = open_assistant(Settings(notes=(ROOT / "notes",), data=folder))
    app.sync().run()
    base, key = f"{chat}/v1", Secret(KEY)
    entry = catalog().chat("custom", "tiny-say", base)
    model = OpenAILikeModel(entry, catalog().provider("custom"), base, key)
    connection = connect(model, entry, max_tokens=ANSWER, server=CountingServer(base, "tiny-say", key))

    def ask(question: str) -> Iterator[str]:
        draft = prepare(question, search=app.search, connection=connection)
        assert draft.asks_a_model, question
        yield ""  # the preview is ready: here the learner would look at it
        yield from (delta.text for delta in send(draft))

    return ask


def five_lines(chat: str, folder: Path) -> Callable[[str], Iterator[str]]:
    """LlamaIndex with its defaults: only the model's address is given, and the vectors are the ones that we use."""
    from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.llms.openai_like import OpenAILike

    from assistant.providers.offline_embedder import OfflineEmbedder

    embedder = OfflineEmbedder()

    class Offline(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            row: list[float] = embedder.embed([text])[0].tolist()
            return row

        _get_query_embedding = _get_text_embedding

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    llm = OpenAILike(
        "tiny-say", api_base=f"{chat}/v1", api_key=KEY, is_chat_model=True, context_window=8192, max_tokens=ANSWER
    )
    documents = SimpleDirectoryReader(str(ROOT / "notes"), recursive=True).load_data()
    index = VectorStoreIndex.from_documents(documents, embed_model=Offline())
    engine = index.as_query_engine(llm=llm, streaming=True)

    def ask(question: str) -> Iterator[str]:
        response: Any = engine.query(question)
        yield from response.response_gen

    return ask


SIDES = {"ours": ours, "LlamaIndex five-liner": five_lines}


def measure(side: str, chat: str) -> Row:
    """Ask every question a few times in this process and return the figures of one side."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ask = SIDES[side](chat, Path(folder))
        for _ in ask(QUESTIONS[0]):
            pass
        ready = time.perf_counter() - started
        rows = [_asked(ask, question, chat) for _ in range(ROUNDS) for question in QUESTIONS]
    return {
        "side": side,
        "ready after s": f"{ready:.1f}",
        "question to first word, without the server's ms p50": _middle(rows, "whole", 0.5),
        "p95": _middle(rows, "whole", 0.95),
        "of it from send ms p50": _middle(rows, "send", 0.5) if side == "ours" else "—",
        "tokens sent per question": f"{sum(row['tokens'] for row in rows) / len(rows):.0f}",
        "peak RSS MB": f"{peak_mb():.0f}",
    }


def _asked(ask: Callable[[str], Iterator[str]], question: str, chat: str) -> Row:
    seen_by(chat)
    started = shown = time.monotonic()
    first = 0.0
    for text in ask(question):
        if text and not first:
            first = time.monotonic()
        elif not text and not first and shown == started:
            shown = time.monotonic()
    seen: list[Row] = []
    while not any(row["path"].endswith("/chat/completions") for row in seen):
        time.sleep(0.02)  # the proxy notes a request when it has ended
        seen += seen_by(chat)
    servers = sum(row["first"] - row["arrived"] for row in seen)
    answer = next(row for row in seen if row["path"].endswith("/chat/completions"))
    return {
        "whole": first - started - servers,
        "send": first - shown - (answer["first"] - answer["arrived"]),
        "tokens": tokens_of(answer["messages"], chat),
    }


def _middle(rows: list[Row], name: str, share: float) -> str:
    values = sorted(row[name] for row in rows)
    return f"{1000 * values[int(share * len(values))]:.1f}"


def compare() -> list[Row]:
    """Run each side in a process of its own, one after the other, against the same server."""
    sys.path.insert(0, str(ROOT))  # the servers of the tests
    from tests.servers.llama_cpp import Serving, llama_server
    from tests.servers.tiny_models import tiny_model

    rows = []
    with (
        llama_server(tiny_model("say"), Serving("tiny-say", KEY)) as say,
        proxied(say.address) as chat,
    ):
        for side in SIDES:
            command = [sys.executable, __file__, "--side", side, chat]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            rows.append(json.loads(done.stdout.splitlines()[-1]))
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("address", nargs="?", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(measure(given.side, given.address)))
    else:
        write_result("first_token", "bench/first_token.py", markdown_table(compare()))


if __name__ == "__main__":
    main()
