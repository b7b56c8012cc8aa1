"""What a question may look at: chosen folders, notes and tags, names after @, pinned notes, general knowledge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answers.ask import prepare, reconsider, send
from assistant.answers.mentions import mentions
from assistant.answers.prompt import Exchange
from assistant.answers.scope import EVERYTHING, Reach, Scope, chosen, reach, scope_of, unclear
from assistant.answers.turn import record_of
from assistant.bootstrap import Assistant
from assistant.knowledge.stored import Stored
from assistant.providers.base import Delta
from tests.answers.speaking import QUESTION, Says, connected
from tests.conftest import write

STRANGE = "红烧肉要炖多久"


@pytest.fixture
def stored(open_app: Callable[..., Assistant], notes: Path) -> list[Stored]:
    write(
        notes,
        {
            "检索/RAG 检索增强.md": "---\ntags: [rag]\n---\n# RAG 检索增强\n\n先检索再生成。\n",
            "检索/RAG 评测.md": "# RAG 评测\n\n看召回率。 #评测\n",
        },
    )
    app = open_app()
    app.sync().run()
    return app.store.notes()


def named(question: str, stored: list[Stored]) -> list[tuple[str, list[str]]]:
    return [(one.name, [target.value for target in one.targets]) for one in mentions(question, stored)]


@pytest.mark.parametrize(
    ("question", "name", "values"),
    [
        ("@attention 缩放为什么", "attention", ["attention.md"]),
        ("@过拟合怎么办", "过拟合", ["机器学习/过拟合.md"]),
        ("@机器学习/ 里讲了什么", "机器学习/", ["机器学习"]),
        ("@att what is scaling", "att", ["attention.md"]),
        ("看 @RAG 检索增强 这篇", "RAG 检索增强", ["检索/RAG 检索增强.md"]),
        ('@"检索/RAG 评测.md" 怎么看', "检索/RAG 评测.md", ["检索/RAG 评测.md"]),
        ("@#评测 是什么", "#评测", ["评测"]),
        ("@property 是什么", "property", []),
    ],
)
def test_a_name_after_the_sign_is_found(question: str, name: str, values: list[str], stored: list[Stored]) -> None:
    assert named(question, stored) == [(name, values)]


@pytest.mark.parametrize("question", ["写信给 me@attention.md", "没有名字 @ 空的", "x@@y"])
def test_what_is_no_mention_is_left_alone(question: str, stored: list[Stored]) -> None:
    assert [values for _, values in named(question, stored) if values] == []


def test_a_beginning_of_several_names_is_asked_about_and_the_choice_is_clear(stored: list[Stored]) -> None:
    mention = unclear("@RA 怎么做", stored)
    assert mention is not None
    assert {target.value for target in mention.targets} >= {"检索/RAG 检索增强.md", "检索/RAG 评测.md"}

    for target in mention.targets:
        question = chosen("@RA 怎么做", mention, target)
        assert unclear(question, stored) is None
        assert [one.targets for one in mentions(question, stored)] == [(target,)]


def test_what_a_question_names_takes_the_place_of_what_was_chosen(stored: list[Stored]) -> None:
    plain, reached = reach(Scope(paths=("机器学习",), pinned=("寄存.txt",)), "@attention 缩放为什么", stored)

    assert plain == "Attention 缩放为什么"
    assert reached.asked == "@attention 缩放为什么"
    assert reached.within == {"attention.md", "寄存.txt"}
    assert reached.chips == ("Attention",)


def test_a_folder_that_is_named_is_no_word_of_the_question(stored: list[Stored]) -> None:
    assert reach(EVERYTHING, "@检索/ 召回率是什么", stored)[0] == "召回率是什么"


def test_of_folders_and_tags_a_note_needs_one_of_each(stored: list[Stored]) -> None:
    assert Scope(paths=("检索",)).within(stored) == {"检索/RAG 检索增强.md", "检索/RAG 评测.md"}
    assert Scope(paths=("检索",), tags=("RAG",)).within(stored) == {"检索/RAG 检索增强.md"}
    assert Scope(tags=("评测",), pinned=("attention.md",)).within(stored) == {"检索/RAG 评测.md", "attention.md"}
    assert EVERYTHING.within(stored) is None


def test_a_scope_stays_with_its_conversation(app: Assistant) -> None:
    id_, _ = app.conversations.ask(None, QUESTION)
    scope = Scope(("机器学习",), ("rag",), ("attention.md",), general=True)
    app.scopes.keep(id_, scope)

    assert app.scopes.of(id_) == scope
    assert app.scopes.of("another") == EVERYTHING
    app.conversations.delete(id_)
    assert app.scopes.of(id_) == EVERYTHING


@pytest.mark.parametrize("kept", [None, [], "x", {"paths": None, "general": "yes"}])
def test_what_is_no_scope_is_everything(kept: object) -> None:
    assert scope_of(kept) == EVERYTHING


def test_only_the_notes_within_are_searched(app: Assistant) -> None:
    draft = app.prepare(QUESTION, reach=Reach(within=frozenset({"attention.md"})))

    assert not draft.relevant
    assert {match.chunk.note for match in draft.found} <= {"attention.md"}


def test_the_best_passages_of_a_pinned_note_are_always_among_the_candidates(app: Assistant) -> None:
    question = "How does softmax keep a gradient?"
    alone = prepare(question, search=app.search, connection=connected(Says()), limit=1)
    pinned = prepare(
        question, search=app.search, connection=connected(Says()), limit=2, reach=Reach(pinned=("寄存.txt",))
    )

    assert "寄存.txt" not in {match.chunk.note for match in alone.found}
    assert {match.chunk.note for match in pinned.found} >= {"寄存.txt", "attention.md"}


def test_general_knowledge_is_asked_for_only_where_it_is_allowed(app: Assistant) -> None:
    model = Says([Delta("大约一小时。[1]")])
    strict = prepare(STRANGE, search=app.search, connection=connected(model))
    free = prepare(STRANGE, search=app.search, connection=connected(model), reach=Reach(general=True))

    assert (strict.basis, strict.asks_a_model) == ("nothing", False)
    assert (free.basis, free.asks_a_model) == ("general", True)
    pieces = send(free)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            answer = end.value
            break
    assert (answer.text, answer.citations, answer.invented) == ("大约一小时。", (), 1)
    record = record_of(free, answer, None)
    assert (record["basis"], record["matches"]) == ("general", [])
    assert len(record["nearest"]) == len(free.found)
    sent = "".join(message.content for message in model.asked[0].messages)
    assert not any(match.chunk.text in sent for match in free.found)


def test_general_knowledge_is_answered_in_the_chosen_language_too(app: Assistant) -> None:
    held = {}
    for answer_in in (None, "zh"):
        draft = prepare(
            "How long does a stew simmer?",
            search=app.search,
            connection=connected(Says()),
            reach=Reach(general=True),
            answer_in=answer_in,
        )
        assert draft.basis == "general"
        again = reconsider(draft, history=())
        assert again.request.messages[0] == draft.request.messages[0]
        held[answer_in] = draft.request.messages[0].content

    assert "Answer in the language of the question" in held[None]
    assert "都用中文回答" in held["zh"]
    assert all("{tongue}" not in one for one in held.values())


def test_what_the_notes_answer_is_answered_from_them_whatever_is_allowed(app: Assistant) -> None:
    draft = prepare(QUESTION, search=app.search, connection=connected(Says()), reach=Reach(general=True))

    assert draft.basis == "notes"


def test_offline_there_is_no_general_knowledge(app: Assistant) -> None:
    assert app.prepare(STRANGE, reach=Reach(general=True)).basis == "nothing"


def test_the_oldest_turns_are_left_out_until_the_rest_fits_and_it_is_said(app: Assistant) -> None:
    history = [Exchange(f"问题 {number}？", "很长的回答。" * 60) for number in range(10)]
    wide = prepare(QUESTION, search=app.search, connection=connected(Says(), window=100_000), history=history)
    narrow = prepare(QUESTION, search=app.search, connection=connected(Says(), window=2_800), history=history)
    none = prepare(QUESTION, search=app.search, connection=connected(Says(), window=600), history=history)

    assert (len(wide.history), wide.left_out) == (6, 4)
    assert 0 < len(narrow.history) < 6
    assert narrow.history == tuple(history[-len(narrow.history) :])
    assert narrow.preview.fits
    assert narrow.left_out == 10 - len(narrow.history)
    assert record_of(narrow, None, None)["left_out"] == narrow.left_out
    assert none.history == ()
    assert not none.preview.fits


def test_kinds_and_days_are_kept_with_a_conversation_and_what_is_no_day_is_none(app: Assistant) -> None:
    conversation, _ = app.conversations.ask(None, "q")
    scope = Scope(kinds=("text",), since="2025-01-31", until="2026-01-31")
    app.scopes.keep(conversation, scope)

    assert app.scopes.of(conversation) == scope
    assert scope_of({"since": "yesterday", "until": 7, "kinds": None}) == Scope()


def test_a_scope_keeps_to_kinds_and_to_days_both_included(app: Assistant) -> None:
    notes = [
        replace(note, modified_at=day)
        for note, day in zip(app.store.notes(), ("2025-01-01", "2025-06-01", ""), strict=True)
    ]
    names = [note.place.path for note in notes]

    assert Scope(kinds=("text",)).within(notes) == {note.place.path for note in notes if note.kind == "text"}
    assert Scope(since="2025-01-01", until="2025-01-01").within(notes) == {names[0]}
    assert Scope(since="2025-01-02").within(notes) == {names[1]}
    assert Scope(until="2025-06-01").within(notes) == set(names[:2])
    assert Scope(since="2026-01-01", pinned=(names[2],)).within(notes) == {names[2]}


def test_a_scope_follows_its_notes_when_a_second_folder_names_them_anew_and_when_it_goes(
    open_app: Callable[..., Assistant], notes: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    write(second, {"other.md": "# Other\n\nSomething else.\n", "attention.md": "# Attention again\n\nElsewhere.\n"})
    asked = Scope(paths=("机器学习", "attention.md"), pinned=("寄存.txt",))

    def learnt(*folders: Path) -> list[Stored]:
        app = open_app(*folders)
        app.sync().run()
        return app.store.notes()

    alone, both = learnt(notes), learnt(notes, second)
    among = Scope(paths=("notes/机器学习", "attention.md"), pinned=("notes/寄存.txt",))

    assert asked.now(alone) == asked
    assert asked.now(both) == among  # two notes are called attention.md now: neither is guessed
    assert among.now(learnt(notes)) == asked
    assert reach(asked, "过拟合", both)[1].within == {"notes/机器学习/过拟合.md", "notes/寄存.txt"}
    assert Scope(paths=("gone",)).now(both) == Scope(paths=("gone",))
