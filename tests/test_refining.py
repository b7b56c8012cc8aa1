"""Steps that a model takes before an answer: priced first, booked under a purpose of their own, and never in the way of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from assistant.answers.ask import prepare
from assistant.answers.draft import Draft
from assistant.answers.drafts import AskFirst
from assistant.answers.prompt import Exchange
from assistant.answers.refinement import Method
from assistant.answers.turn import record_of
from assistant.bootstrap import Assistant, open_assistant
from assistant.connections import Choice
from assistant.errors import ProviderDown
from assistant.money.cost import Paid
from assistant.providers.base import Delta, Usage
from assistant.providers.catalog import OWN
from assistant.refining import (
    choose_method,
    choose_reranker,
    chosen_steps,
    must_wait,
    refined,
    rerankers,
    steps,
    take,
)
from assistant.settings import Keys, Settings
from tests.answers.speaking import Says, connected
from tests.providers.fake_provider import FakeProvider, Recorded, Reply, plain

HISTORY = [Exchange("什么是过拟合？", "模型记住了训练集 [1]")]
FOLLOW_UP = "那怎么办？"
BILLED = Delta(usage=Usage(1_000, 100))


def draft_of(app: Assistant, model: Says, question: str = FOLLOW_UP) -> Draft:
    return prepare(question, search=app.search, connection=connected(model), history=HISTORY)


def done(app: Assistant, method: Method, model: Says, question: str = FOLLOW_UP) -> Draft:
    draft = draft_of(app, model, question)
    (step,) = steps(app, draft, HISTORY, method=method)
    return take(app, draft, HISTORY, step)


def test_a_step_is_counted_and_priced_before_anything_is_sent(app: Assistant) -> None:
    model = Says([Delta("对付过拟合有哪些办法？")])
    (step,) = steps(app, draft_of(app, model), HISTORY, method="rewrite")

    assert model.asked == []
    assert app.ledger.entries() == []
    assert step.tokens > 20
    assert step.cost is not None
    assert 0 < step.cost.low <= step.cost.typical <= step.cost.high


def test_a_follow_up_is_searched_as_the_question_that_the_model_made_of_it(app: Assistant) -> None:
    model = Says([Delta("1. 对付过拟合有哪些办法？\n多余的一行"), BILLED])
    draft = done(app, "rewrite", model)

    assert draft.question == FOLLOW_UP
    assert draft.asked.refined[0].queries == ("对付过拟合有哪些办法？",)
    assert draft.matches[0].chunk.note == "机器学习/过拟合.md"
    (entry,) = app.ledger.entries()
    assert (entry.purpose, entry.state, entry.paid) == ("rewrite", "complete", Paid("CNY", Decimal("0.0028")))
    assert "模型记住了训练集" in model.asked[0].messages[1].content
    assert steps(app, draft, HISTORY, method="rewrite") == []


def test_only_completing_a_question_shows_the_model_what_was_said_before(app: Assistant) -> None:
    model = Says([Delta("过拟合 正则化\noverfitting")])
    done(app, "several", model)

    assert "记住了训练集" not in "".join(message.content for message in model.asked[0].messages)


def test_several_wordings_find_what_the_question_alone_does_not(app: Assistant) -> None:
    question = "softmax 的输入为什么要缩小？"
    model = Says([Delta("- Why are attention scores divided by the square root of the key dimension?\n- 过拟合")])
    draft = done(app, "several", model, question)

    assert {match.chunk.note for match in draft.found} >= {"attention.md", "机器学习/过拟合.md"}
    assert [match.score for match in draft.found] == sorted((match.score for match in draft.found), reverse=True)


def test_an_invented_answer_finds_passages_but_makes_no_foreign_question_answerable(app: Assistant) -> None:
    model = Says([Delta("红烧肉：过拟合是模型记住了训练集，增加数据、加正则项、提前停止训练。")])
    draft = done(app, "hyde", model, "红烧肉要炖多久")

    assert draft.found[0].chunk.note == "机器学习/过拟合.md"
    assert not draft.relevant


@pytest.mark.parametrize(
    "pieces",
    [[ProviderDown(provider="test", reason="500")], [Delta("   \n ")], [Delta(thinking="hm")], []],
    ids=["refused", "blank", "only thought", "nothing"],
)
def test_a_failure_leaves_the_plain_search_and_is_said(app: Assistant, pieces: list[Delta | Exception]) -> None:
    model = Says(pieces)
    before = draft_of(app, model)
    draft = done(app, "rewrite", model)

    assert [match.chunk.id for match in draft.found] == [match.chunk.id for match in before.found]
    assert draft.request.messages[-1].content.count(FOLLOW_UP) == 1
    (said,) = record_of(draft, None, None)["refined"]
    assert said["failure"]["zh"]
    assert said["failure"]["en"]
    (entry,) = app.ledger.entries()
    assert (entry.purpose, entry.state) == ("rewrite", "failed")
    assert steps(app, draft, HISTORY, method="rewrite") == []


def test_small_talk_first_questions_and_the_model_that_only_quotes_are_left_as_they_are(app: Assistant) -> None:
    model = Says([Delta("x")])
    quoting = prepare(FOLLOW_UP, search=app.search, connection=app.connection, history=HISTORY)

    assert steps(app, draft_of(app, model, "谢谢"), HISTORY, method="several") == []
    assert steps(app, draft_of(app, model, "什么是过拟合？"), HISTORY, method="rewrite") == []
    assert steps(app, quoting, HISTORY, method="rewrite") == []


@pytest.mark.parametrize(
    ("rule", "waits"),
    [(AskFirst("always"), True), (AskFirst("above", Decimal("0.5")), False), (AskFirst("above", Decimal(0)), True), (AskFirst("never"), False)],
)  # fmt: skip
def test_the_learners_rule_says_whether_a_step_waits(app: Assistant, rule: AskFirst, waits: bool) -> None:
    app.preferences.choose("ask_first", rule.as_json())
    choose_method(app, "rewrite")
    model = Says([Delta("对付过拟合有哪些办法？")])
    draft = draft_of(app, model)
    (step,) = chosen_steps(app, draft, HISTORY)

    assert must_wait(app, step) == waits
    assert bool(refined(app, draft, HISTORY).asked.refined) == (not waits)
    assert len(model.asked) == (0 if waits else 1)


class Ranks(FakeProvider):
    """Scores each passage by how often it holds a word."""

    def __init__(self, word: str, instead: Reply | None = None) -> None:
        super().__init__(plain({}))
        self.word, self.instead = word, instead

    def take(self, request: Recorded) -> Reply:
        super().take(request)
        if self.instead:
            return self.instead
        scored = [
            {"index": place, "relevance_score": min(1.0, text.count(self.word) / 2)}
            for place, text in enumerate(request.body["documents"])
        ]
        ordered = sorted(scored, key=lambda one: -one["relevance_score"])
        return plain({"results": ordered, "usage": {"total_tokens": 5_000}})


CATALOG = """
[[provider]]
name = "mine"
labels = {{ zh = "我的", en = "Mine" }}
kind = "openai"
presets = [{{ label = "mine", base_url = "{url}/v1" }}]
[provider.hosts]
"127.0.0.1" = "world"

[[sheet]]
provider = "mine"
region = "world"
currency = "CNY"
as_of = 2026-11-20
source = "a test"
[[sheet.rerank]]
name = "ranks"
path = "/v1/rerank"
price = 0.8
"""


def with_reranker(tmp_path: Path, notes: Path, server: FakeProvider) -> Assistant:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / OWN).write_text(CATALOG.format(url=server.url), "utf-8")
    app = open_assistant(
        Settings(notes=(notes,), data=tmp_path / "own", keys=Keys({"ASSISTANT_API_KEY": "sk-0123456789"}))
    )
    app.sync().run()
    return app


def test_a_reranking_model_puts_the_passages_in_order_at_its_price(tmp_path: Path, notes: Path) -> None:
    with Ranks("提前停止") as server:
        app = with_reranker(tmp_path, notes, server)
        (offered, *_) = [choice for choice, _ in rerankers(app) if choice.provider == "mine"]
        choose_reranker(app, offered)
        draft = app.prepare("过拟合 attention 办法")
        (step,) = chosen_steps(app, draft, [])
        assert server.requests == []
        assert step.cost is not None
        after = take(app, draft, [], step)
        (request,) = server.requests
        (entry,) = app.ledger.entries()
        app.database.close()

    assert "提前停止" in after.found[0].chunk.text
    assert after.found[0].scores.rerank == after.found[0].score == 0.5
    assert after.found[0].scores.keyword is not None
    assert request.body["query"] == "过拟合 attention 办法"
    assert (entry.purpose, entry.state, entry.prompt_tokens) == ("rerank", "complete", 5_000)
    assert entry.paid == Paid("CNY", Decimal("0.004"))
    assert record_of(after, None, None)["matches"][0]["scores"]["rerank"] == 0.5
    assert after.request.messages[-1].content.index("提前停止") > 0


def test_a_reranking_model_that_fails_leaves_the_order_and_costs_nothing_when_turned_away(
    tmp_path: Path, notes: Path
) -> None:
    with Ranks("x", plain({"error": {"message": "no", "code": "invalid_api_key"}}, 401)) as server:
        app = with_reranker(tmp_path, notes, server)
        draft = app.prepare("过拟合 attention 办法")
        (step,) = steps(app, draft, [], choice=Choice("mine", "ranks"))
        after = take(app, draft, [], step)
        (entry,) = app.ledger.entries()
        app.database.close()

    assert [match.chunk.id for match in after.found] == [match.chunk.id for match in draft.found]
    assert after.asked.refined[0].failure is not None
    assert (entry.purpose, entry.state, entry.error) == ("rerank", "failed", "key_refused")
    assert entry.paid == Paid("CNY", Decimal(0))
