"""A question goes to its embedding model once, only where vectors wait for it, and is answered without it too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.answers import ask
from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.errors import KeyMissing, Unreachable
from assistant.knowledge import asked
from assistant.settings import Settings
from tests.providers.fake_provider import plain
from tests.providers.vector_server import VectorServer

QUESTION = "square root of the key dimension"
Start = Callable[[VectorServer], Assistant]


@pytest.fixture
def start(notes: Path, tmp_path: Path) -> Iterator[Start]:
    """Open an assistant whose embedding model is a server of ours."""
    opened: list[Assistant] = []

    def start(server: VectorServer) -> Assistant:
        where = {"embedding_provider": "custom", "embedding_model": "tiny", "embedding_base_url": f"{server.url}/v1"}
        opened.append(open_assistant(Settings(notes=(notes,), data=tmp_path / "data", **where)))
        return opened[-1]

    yield start
    for app in opened:
        app.database.close()


def questions(app: Assistant) -> list[tuple[str, str | None]]:
    return [(call.state, call.error) for call in app.ledger.entries() if call.purpose == "question"]


def test_a_question_is_sent_once_however_often_it_is_searched_for(start: Start) -> None:
    with VectorServer() as server:
        app = start(server)
        app.sync().run()
        draft = app.prepare(QUESTION)
        again = app.prepare(QUESTION)
        changed = ask.reconsider(draft, dropped=[0])

    assert server.bought.count(QUESTION) == 1
    assert questions(app) == [("complete", None)]
    sent = draft.findings.sent
    assert sent is not None
    assert (sent.provider, sent.model, sent.local) == ("custom", "tiny", True)
    assert sent.tokens == app.ledger.entries()[-1].prompt_tokens
    assert changed.findings.sent == sent
    assert (again.findings.with_vectors, again.findings.sent) == (True, None)
    assert [match.scores.vector for match in again.found] == [match.scores.vector for match in draft.found]


def test_only_so_many_questions_are_remembered(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "REMEMBERED", 2)
    with VectorServer() as server:
        app = start(server)
        app.sync().run()
        for question in ("one", "two", "one", "three", "one", "two"):
            app.search.find(question)

    assert [text for text in server.bought if text in ("one", "two", "three")] == ["one", "two", "three", "two"]


def test_nothing_is_asked_before_there_are_vectors_to_compare_with(start: Start) -> None:
    with VectorServer() as server:
        app = start(server)
        findings = app.search.find(QUESTION)
        app.search.find("  ")

    assert server.requests == []
    assert (findings.with_vectors, findings.sent, findings.without_vectors) == (False, None, None)


def test_the_learner_can_keep_questions_from_the_model(start: Start) -> None:
    with VectorServer() as server:
        app = start(server)
        app.sync().run()
        before = len(server.requests)
        app.preferences.choose("search_with_vectors", False)
        findings = app.search.find(QUESTION)
        assert len(server.requests) == before
        app.preferences.choose("search_with_vectors", True)
        assert app.search.find(QUESTION).with_vectors

    assert (findings.relevant, findings.with_vectors, findings.without_vectors) == (True, False, None)
    assert findings.matches[0].chunk.note == "attention.md"
    assert all(match.scores.vector is None for match in findings.matches)


def test_the_offline_vectors_are_used_whatever_was_chosen(app: Assistant) -> None:
    app.preferences.choose("search_with_vectors", False)
    findings = app.search.find(QUESTION)

    assert (findings.with_vectors, findings.sent) == (True, None)
    assert app.ledger.entries() == []


def test_a_missing_key_leaves_keywords_and_is_said(start: Start) -> None:
    with VectorServer() as server:
        app = start(server)
        app.sync().run()
        server.instead[len(server.requests) + 1] = plain({"error": {"message": "bad key"}}, 401)
        draft = app.prepare(QUESTION)
        mended = app.search.find(QUESTION)

    assert draft.relevant
    assert isinstance(draft.findings.without_vectors, KeyMissing)
    assert (draft.findings.with_vectors, draft.findings.sent) == (False, None)
    assert questions(app) == [("failed", "key_missing"), ("complete", None)]
    assert mended.with_vectors  # a failure is not remembered
    said = draft.findings.asked.as_json()["without_vectors"]
    assert (said["kind"], set(said["hint"])) == ("key_missing", {"zh", "en"})


@pytest.mark.case(76)
def test_without_a_network_a_question_is_answered_by_keywords(start: Start) -> None:
    with VectorServer() as server:
        app = start(server)
        app.sync().run()
    findings = app.search.find(QUESTION)

    assert findings.matches[0].chunk.note == "attention.md"
    assert isinstance(findings.without_vectors, Unreachable)


@pytest.mark.case(75)
def test_after_a_switch_no_question_meets_vectors_of_another_model(app: Assistant) -> None:
    app.search.find(QUESTION)
    with VectorServer(size=4) as server:
        app.reembedding(Choice("custom", "tiny", f"{server.url}/v1")).run()
        findings = app.search.find(QUESTION)

    assert findings.with_vectors
    assert findings.sent is not None
    assert questions(app) == [("complete", None)]
