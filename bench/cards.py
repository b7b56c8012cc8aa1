"""Times the server's part of reviewing with ten thousand cards and fifty thousand reviews: `python bench/cards.py`."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.tables import markdown_table, write_result  # noqa: E402

CARDS = 10_000
REVIEWS = 50_000
DAYS = 180  # over which they were made
RUNS = 20


def main() -> None:
    """Fill a deck, time each step as the page takes it, and the page as a script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=CARDS)
    parser.add_argument("--reviews", type=int, default=REVIEWS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="study-assistant-", ignore_cleanup_errors=True) as folder:
        os.environ["ASSISTANT_DATA_DIR"] = folder
        os.environ["ASSISTANT_NOTES_DIR"] = str(ROOT / "notes")
        write_result("cards", "bench/cards.py", report(given.cards, given.reviews))


def report(count: int, reviewed: int) -> str:
    """Measure and return the figures as Markdown."""
    from streamlit.testing.v1 import AppTest

    from assistant.ui.session import assistant

    app = assistant()
    app.start_sync().wait()
    _ = app.engine
    fill(count)
    enter(reviewed)
    app.refresh_cards()
    now = datetime.now(UTC)
    reviews = app.reviews

    def grade_and_next() -> None:
        card = reviews.next(now)
        assert card is not None
        reviews.grade(card, 3, now)
        assert reviews.next(now) is not None

    rows = [
        timed("count what is due", lambda: reviews.due(now)),
        timed("find the next card", lambda: reviews.next(now)),
        timed("grade one and find the next", grade_and_next),
        timed("search the deck for a word", lambda: app.cards.find("4321")),
        timed("look whether notes changed (none did)", app.refresh_cards),
    ]
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for page in ("review", "cards", "progress"):
        screen.switch_page(f"assistant/ui/pages/{page}.py")
        screen.run()
        rows.append(timed(f"the page {page}, run as a script", screen.run))
        assert not screen.exception
    due = reviews.due(now)
    head = f"{count} cards and {reviewed} reviews of the last {DAYS} days, {due.review + due.learning} of them due and {due.new} new ones today; no browser."
    return f"{head}\n\n{markdown_table(rows)}"


def fill(count: int) -> None:
    """Write the deck: every tenth card is new, the others are due around today; their passages are those of the notes."""
    from assistant.study.card import NewCard
    from assistant.study.flashcards import from_notes
    from assistant.study.schedule import Memory
    from assistant.ui.session import assistant

    app = assistant()
    mined = from_notes(app.store)
    now = datetime.now(UTC)
    made = [
        NewCard(f"{number}. {mined[number % len(mined)].front}", mined[number % len(mined)].back, "definition", mined[number % len(mined)].source)
        for number in range(count)
    ]  # fmt: skip
    app.cards.accept(app.cards.propose(made).ids)
    with app.database.transaction() as connection:
        for card in app.cards.all():
            if card.id % 10:
                memory = Memory(
                    now + timedelta(days=card.id % 60 - 20), "review", None, 20.0, 5.0, now - timedelta(days=20)
                )
                app.cards.reschedule(connection, card, memory, suspended=False, leech=False)


def enter(count: int) -> None:
    """Write reviews into the log as they stand there after a sitting a day."""
    from assistant.study.card import memory_json, written
    from assistant.study.schedule import Memory
    from assistant.ui.session import assistant

    app = assistant()
    cards, rng = [card.id for card in app.cards.all()], random.Random(1)
    began = datetime.now(UTC) - timedelta(days=DAYS + 1)
    rows = []
    for number in range(count):
        day, place = divmod(number * DAYS, count)
        at = began + timedelta(days=day, seconds=9 * place // DAYS)
        before = Memory(
            at, rng.choice(("review", "review", "review", "learning")), None, 20.0, 5.0, at - timedelta(days=rng.uniform(0, 40))
        )  # fmt: skip
        kept = json.dumps(memory_json(before) | {"suspended": False, "leech": False})
        rows.append((rng.choice(cards), -number, written(at), rng.choice((1, 2, 3, 3, 3, 4)), 5.0, kept))
    with app.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO reviews (card_id, seen, at, rating, seconds, before) VALUES (?, ?, ?, ?, ?, ?)", rows
        )


def timed(name: str, step: Callable[[], object]) -> dict[str, object]:
    """Run a step several times and return its median and its slowest."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        step()
        times.append(1_000 * (time.perf_counter() - started))
    return {"step": name, "median ms": f"{statistics.median(times):.1f}", "slowest ms": f"{max(times):.1f}"}


if __name__ == "__main__":
    main()
