"""A draft waits where the learner's rule says so, and is sent once."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from assistant.answers.ask import reconsider
from assistant.answers.drafts import AskFirst, Drafts, Rule, ask_first_of
from assistant.bootstrap import Assistant
from tests.answers.speaking import Says, drafted


@pytest.mark.parametrize(("rule", "waits"), [("always", True), ("never", False)])
def test_always_and_never_mean_what_they_say(app: Assistant, rule: Rule, waits: bool) -> None:
    assert AskFirst(rule).applies_to(drafted(app, Says())) is waits
    assert AskFirst(rule).applies_to(drafted(app, Says(), prices=None)) is waits


def test_above_an_amount_looks_at_the_highest_cost(app: Assistant) -> None:
    draft = drafted(app, Says())
    assert draft.preview.cost is not None
    high = draft.preview.cost.high

    assert not AskFirst("above", high).applies_to(draft)
    assert AskFirst("above", high - Decimal("0.0000001")).applies_to(draft)


def test_an_unknown_price_may_be_above_anything(app: Assistant) -> None:
    assert AskFirst("above", Decimal(1_000)).applies_to(drafted(app, Says(), prices=None))


@pytest.mark.parametrize("rule", ["always", "above", "never"])
def test_what_does_not_fit_always_waits(app: Assistant, rule: Rule) -> None:
    assert AskFirst(rule, Decimal(1_000)).applies_to(drafted(app, Says(), window=600))


@pytest.mark.parametrize("rule", ["always", "above", "never"])
def test_what_reaches_no_model_never_waits(app: Assistant, rule: Rule) -> None:
    first = AskFirst(rule, Decimal(0))

    assert not first.applies_to(drafted(app, Says(), "披萨要烤多久才熟"))
    assert not first.applies_to(app.prepare("什么是过拟合？"))


def test_a_rule_survives_being_kept(app: Assistant) -> None:
    app.preferences.choose("ask_first", AskFirst("above", Decimal("0.005")).as_json())

    assert app.ask_first == AskFirst("above", Decimal("0.005"))


@pytest.mark.parametrize(
    "kept", [None, "never", [], {}, {"rule": "sometimes"}, {"rule": "above", "amount": "much"}, {"rule": 7}]
)
def test_a_rule_that_is_none_gives_the_careful_one(kept: object) -> None:
    assert ask_first_of(kept) == AskFirst("always")


@pytest.mark.case(101)
def test_a_draft_is_taken_once_by_two_that_press_send(app: Assistant) -> None:
    draft = drafted(app, Says())
    for number in range(50):
        drafts, taken, gate = Drafts(), [], threading.Barrier(2)
        drafts.hold("c", number, draft)

        def take(drafts: Drafts = drafts, taken: list[object] = taken, gate: threading.Barrier = gate) -> None:
            gate.wait()
            taken.append(drafts.take("c"))

        threads = [threading.Thread(target=take) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(taken, key=bool) == [None, (number, draft)]


def test_a_changed_draft_takes_the_place_of_the_one_before(app: Assistant) -> None:
    drafts, draft = Drafts(), drafted(app, Says())
    less = reconsider(draft, dropped={0})
    drafts.hold("c", 1, draft)
    drafts.hold("c", 1, less)
    drafts.hold("other", 2, draft)

    assert drafts.of("c") == (1, less)
    assert drafts.take("c") == (1, less)
    assert drafts.of("c") is None
    assert drafts.of("other") == (2, draft)
