"""What a changed draft costs the page: the server time of ``reconsider`` over a prompt of 6 000 tokens, and what vocabularies differ by.

Each figure is one passage dropped or taken back, or the model changed, in a process that has its vocabularies loaded.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tables import markdown_table, write_result

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from assistant.answers.ask import Draft, prepare, reconsider  # noqa: E402
from assistant.answers.connection import Connection, connect  # noqa: E402
from assistant.answers.prompt import Exchange  # noqa: E402
from assistant.bootstrap import Assistant, open_assistant  # noqa: E402
from assistant.money.tokens import count_text  # noqa: E402
from assistant.money.vocabularies import VOCABULARIES  # noqa: E402
from assistant.providers.catalog import ChatEntry, catalog  # noqa: E402
from assistant.providers.keys import Secret  # noqa: E402
from assistant.providers.offline import OfflineModel  # noqa: E402
from assistant.providers.openai_like import OpenAILikeModel  # noqa: E402
from assistant.providers.server_count import CountingServer  # noqa: E402
from assistant.settings import Settings  # noqa: E402
from tests.servers.llama_cpp import KEY, Serving, llama_server  # noqa: E402
from tests.servers.tiny_models import tiny_model  # noqa: E402

TOKENS = 6_000
ROUNDS = 40
QUESTION = "KV cache 占多少显存？"
MODELS = {
    "o200k": ("openai", "gpt-4o-mini"),
    "qwen": ("dashscope", "qwen-plus"),
    "qwen3.5": ("dashscope", "qwen3.6-plus"),
    "deepseek": ("deepseek", "deepseek-flash"),
}

Row = dict[str, object]


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        app = open_assistant(Settings(notes=(ROOT / "notes",), data=Path(data)))
        app.sync().run()
        with connections() as ways:
            rows = [measured(app, name, way, others(ways, name)) for name, way in ways.items()]
        app.database.close()
    body = f"{markdown_table(rows)}\n\n{EXPLAINED}\n\n{markdown_table(list(differences()))}\n\n{COMPARED}"
    write_result("preview", "bench/preview.py", body)


EXPLAINED = (
    f"{ROUNDS} changes each, in milliseconds: each passage in turn dropped and taken back; and the model changed "
    "to this row's, with another history each time, so that nothing of it had been counted before. The counting server is llama.cpp's, on loopback, in a process of its own."
)
COMPARED = (
    "How many tokens the other vocabularies need for the sample notes, per token of the row's: the whole, and in "
    "brackets the piece of 6 000 characters for which it is most."
)


@contextmanager
def connections() -> Iterator[dict[str, Connection]]:
    """One connection for each vocabulary, and one to a server that counts by itself; none is ever asked to answer."""
    ways = {name: connect(OfflineModel(), entry_of(*model), max_tokens=512) for name, model in MODELS.items()}
    with llama_server(tiny_model("chat"), Serving("tiny-chat", KEY, context=16_384)) as server:
        entry = catalog().chat("custom", "tiny-chat", server.base_url)
        model = OpenAILikeModel(entry, catalog().provider("custom"), server.base_url, Secret(KEY))
        counting = CountingServer(server.base_url, "tiny-chat", Secret(KEY), fields=model.thinking_fields)
        yield ways | {"counting server": connect(model, entry, max_tokens=512, server=counting)}


def entry_of(provider: str, model: str) -> ChatEntry:
    return catalog().chat(provider, model)


def others(ways: dict[str, Connection], name: str) -> Connection:
    return next(way for other, way in ways.items() if other != name)


def measured(app: Assistant, name: str, way: Connection, other: Connection) -> Row:
    """Time the two changes a learner makes to a waiting draft."""
    draft = long_draft(app, way)
    dropping, changing = Times(), Times()
    for number in range(ROUNDS):
        dropped = {number // 2 % len(draft.found)} if number % 2 == 0 else set()
        draft = dropping.of(partial(reconsider, draft, dropped=dropped))
    for number in range(ROUNDS):
        fewer = reconsider(draft, connection=other, history=[Exchange(f"{number}?", draft.history[0].answer[number:])])
        changing.of(partial(reconsider, fewer, connection=way))
    return {
        "vocabulary": name,
        "prompt tokens": draft.preview.prompt_tokens,
        "exact (parts)": f"{draft.preview.exact} ({draft.preview.parts_exact})",
        "passage dropped or back: ms p50 / p95": dropping.spread(dropping.wall),
        "of it own CPU": dropping.spread(dropping.cpu),
        "other model: ms p50 / p95": changing.spread(changing.wall),
        "of it own CPU ": changing.spread(changing.cpu),
    }


def long_draft(app: Assistant, way: Connection) -> Draft:
    """Prepare a question whose history brings the prompt to about 6 000 tokens."""
    text = "\n\n".join(file.read_text("utf-8") for file in sorted((ROOT / "notes").rglob("*.md")))
    draft = prepare(QUESTION, search=app.search, connection=way)
    while draft.preview.prompt_tokens < TOKENS:
        length = len(draft.history[0].answer) + 500 if draft.history else 2_000
        draft = reconsider(draft, history=[Exchange("讲讲这些笔记", text[:length])])
    return draft


class Times:
    """What some calls took, on the clock and on the processor."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def of(self, change: Callable[[], Draft]) -> Draft:
        """Make one change and note its time."""
        started, worked = time.perf_counter(), time.thread_time()
        draft = change()
        self.cpu.append(time.thread_time() - worked)
        self.wall.append(time.perf_counter() - started)
        return draft

    @staticmethod
    def spread(seconds: list[float]) -> str:
        ordered = sorted(seconds)
        return " / ".join(f"{ordered[int(len(ordered) * share)] * 1000:.1f}" for share in (0.5, 0.95))


def differences() -> Iterator[Row]:
    """Compare the vocabularies over the sample notes; the margins of estimates rest on this and on the facts they name."""
    texts = [file.read_text("utf-8") for file in sorted((ROOT / "notes").rglob("*.md"))]
    pieces = [text[start : start + 6_000] for text in texts for start in range(0, len(text), 6_000)]
    counts = {name: [count_text(piece, name) for piece in pieces if len(piece) > 1_500] for name in VOCABULARIES}
    for name, own in counts.items():
        row: Row = {"counted in": name}
        for other, theirs in counts.items():
            worst = max(b / a for a, b in zip(own, theirs, strict=True))
            row[other] = f"{sum(theirs) / sum(own):.2f} ({worst:.2f})"
        yield row


if __name__ == "__main__":
    main()
