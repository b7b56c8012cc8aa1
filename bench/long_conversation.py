"""Times the server's part of a rerun of the chat page over a conversation of 200 turns: `python bench/long_conversation.py`."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.tables import markdown_table, write_result  # noqa: E402

TURNS = 200
KINDS = 20  # different answers; they repeat
RUNS = 5


def main() -> None:
    """Write the conversation, open the page over it, and print how long its reruns take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--notes", type=Path, default=ROOT / "notes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        os.environ["ASSISTANT_DATA_DIR"] = folder
        os.environ["ASSISTANT_NOTES_DIR"] = str(given.notes.resolve())
        write_result("long_conversation", "bench/long_conversation.py", report(given.turns))


def report(turns: int) -> str:
    """Measure and return the figures as Markdown."""
    from streamlit.testing.v1 import AppTest

    from assistant.ui.session import assistant

    app = assistant()
    app.start_sync().wait()
    _ = app.engine
    conversation, size = write(turns)
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    screen.query_params["c"] = conversation
    screen.switch_page("assistant/ui/pages/chat.py")
    folded = [timed(screen) for _ in range(RUNS + 1)][1:]
    drawn = len(screen.chat_message) // 2
    while older := [button for button in screen.button if button.key == "older-turns"]:
        older[0].click().run()
    unfolded = [timed(screen) for _ in range(RUNS)]
    rows: list[dict[str, object]] = [
        {
            "turns on screen": name,
            "drawn": drawn,
            "rerun, median ms": round(1_000 * statistics.median(times)),
            "slowest of 5, ms": round(1_000 * max(times)),
            "CPU, median ms": round(1_000 * statistics.median(cpu)),
        }
        for name, drawn, times, cpu in (
            ("older ones folded", drawn, *zip(*folded, strict=True)),
            ("all unfolded", len(screen.chat_message) // 2, *zip(*unfolded, strict=True)),
        )
    ]
    return f"{turns} turns, {size / 1e6:.1f} MB of records; the page runs as a script in one process, without a browser.\n\n{markdown_table(rows)}"


def write(turns: int) -> tuple[str, int]:
    """Ask questions about the notes' own headings, answered offline; return id and bytes of records."""
    from assistant.answers.ask import Answer, Draft, send
    from assistant.answers.topics import question_about
    from assistant.answers.turn import record_of
    from assistant.ui.session import assistant

    app = assistant()
    chunks = app.store.chunks(app.store.chunk_ids())
    asked = [question for one in chunks if (question := question_about(one.title, one.piece.heading, "zh"))]

    def answered(draft: Draft) -> Answer:
        pieces = send(draft)
        while True:
            try:
                next(pieces)
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    drafts = [app.prepare(question) for question in asked[:KINDS]]
    answers = [answered(draft) for draft in drafts]
    conversation: str | None = None
    for number in range(turns):
        draft, answer = drafts[number % KINDS], answers[number % KINDS]
        conversation, turn_id = app.conversations.ask(conversation, draft.question)
        app.conversations.save(turn_id, answer.text, "complete", record_of(draft, answer, None))
    rows = app.database.connection.execute("SELECT sum(length(record)) FROM turns").fetchone()
    return conversation or "", int(rows[0])


def timed(screen: AppTest) -> tuple[float, float]:
    """Run the page once more and return its seconds, by the clock and of the processor."""
    started, busy = time.perf_counter(), time.process_time()
    screen.run()
    return time.perf_counter() - started, time.process_time() - busy


if __name__ == "__main__":
    main()
