"""The usage page as a script: sums, budgets, charts, the warning of a cut prompt, and names from anybody's server."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from assistant.errors import DataFolderError, Language, ModelError
from assistant.money.budget import Budget, budgets_of
from assistant.money.cost import Forecast, Paid, Receipt
from assistant.ui.i18n import catalogue, say
from tests.ui.screens import Open, button, shared, words


def enter(
    model: str = "qwen-plus",
    paid: Paid | None = None,
    *,
    provider: str = "dashscope",
    predicted: int = 1_000,
    prompt: int | None = 1_000,
    state: str = "complete",
    error: str | None = None,
    purpose: str = "answer",
    days_ago: int = 0,
) -> None:
    shown = Forecast(paid.currency, Decimal("0.001"), Decimal("0.002"), Decimal("0.5")) if paid else None
    receipt = Receipt(
        provider, model, predicted, prompt, 50, None, paid, 1.0, 0.5, counted_tokens=predicted, forecast=shown
    )
    shared().ledger.enter(purpose, receipt, state, error, at=datetime.now().astimezone() - timedelta(days=days_ago))


def cny(amount: str, *, about: bool = False) -> Paid:
    return Paid("CNY", Decimal(amount), about=about)


def cells(screen: AppTest) -> str:
    return "\n".join(table.value.to_string() for table in screen.table)


def charts(screen: AppTest) -> list[str]:
    """What each chart says to those who cannot see it, and how it is drawn."""
    return [chart.proto.alt + chart.proto.spec for chart in screen.get("vega_lite_chart")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_ledger_says_what_will_stand_here(open_page: Open, language: Language) -> None:
    open_page()
    shared().preferences.choose("language", language)
    screen = open_page("usage")

    assert not screen.exception
    assert screen.header[0].value == say(language, "app.usage")
    assert say(language, "usage.empty") in words(screen)
    assert say(language, "usage.budgets_about") in words(screen)
    assert charts(screen) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_day_and_month_are_summed_in_each_currency(open_page: Open, language: Language) -> None:
    open_page()
    shared().preferences.choose("language", language)
    enter(paid=cny("0.10"))
    enter(paid=cny("0.15", about=True), purpose="embedding")
    enter("gpt", Paid("USD", Decimal("0.4"), at_most=True), provider="openai")
    enter(paid=None, state="failed", error="provider_down")
    screen = open_page("usage")

    assert not screen.exception
    table = screen.table[0].value
    assert list(table[say(language, "usage.currency")]) == ["CNY", "USD"]
    assert "**≈¥0.25**" in table[say(language, "usage.period_day")][0]
    assert "**≤\\$0.40**" in table[say(language, "usage.period_month")][1]
    assert say(language, "usage.unpriced_month", count=1) in words(screen)
    assert say(language, "usage.about") in words(screen)
    assert say(language, "usage.at_most") in words(screen)
    assert say(language, "purpose.embedding") in cells(screen)
    assert say(language, "fault.provider_down") in cells(screen)
    assert len(charts(screen)) == 2


def test_each_currency_and_the_tokens_have_charts_of_their_own(open_page: Open) -> None:
    open_page()
    enter(paid=cny("0.10"), days_ago=2)
    enter(paid=cny("0.30"))
    enter("gpt", Paid("USD", Decimal("0.4")), provider="openai")
    screen = open_page("usage")
    assert len(charts(screen)) == 3
    assert all("gpt" not in chart for chart in charts(screen))

    screen.segmented_control(key="usage-measure").set_value("USD").run()
    assert all("qwen-plus" not in chart for chart in charts(screen))
    assert "$0.40" in charts(screen)[0]
    screen.segmented_control(key="usage-measure").set_value("").run()
    assert not screen.exception
    assert len(charts(screen)) == 3
    assert "2\u202f100" in "".join(charts(screen))


def test_the_range_decides_what_is_drawn_and_exported(open_page: Open) -> None:
    open_page()
    enter("old", cny("1"), days_ago=40)
    enter("new", cny("1"))
    screen = open_page("usage")
    assert "old" not in cells(screen)

    screen.segmented_control(key="usage-range").set_value("all").run()
    assert not screen.exception
    assert "dashscope/old" in cells(screen)
    assert say("zh", "usage.calls_title", count=2) in words(screen)


def test_a_range_without_calls_says_so(open_page: Open) -> None:
    open_page()
    enter(paid=cny("1"), days_ago=40)

    assert say("zh", "usage.none_in_range") in words(open_page("usage"))


def test_calls_that_cost_nothing_are_drawn_as_tokens(open_page: Open) -> None:
    open_page()
    enter("own", cny("0"), provider="ollama")
    screen = open_page("usage")

    assert say("zh", "usage.no_money") in words(screen)
    assert len(charts(screen)) == 2


def test_a_cut_prompt_raises_a_warning_with_what_to_do(open_page: Open) -> None:
    open_page()
    enter("own", cny("0"), provider="ollama", predicted=8_000, prompt=4_096)
    enter("own", cny("0"), provider="ollama")
    (warning,) = open_page("usage").warning

    assert say("zh", "usage.cut", count=1) in warning.value
    assert "8\u202f000" in warning.value
    assert "num_ctx" in warning.value


def test_forecasts_stand_beside_bills_with_what_was_learned(open_page: Open) -> None:
    open_page()
    for billed in (1_100, 1_100, 1_100):
        enter(paid=cny("0.01"), predicted=1_000, prompt=billed)
    screen = open_page("usage")
    row = screen.table[1].value.iloc[0]

    assert "3\u202f000 → 3\u202f300 (-9.1%)" in row[say("zh", "usage.column_tokens")]
    assert "3/3" in row[say("zh", "usage.column_money")]
    assert "×1.100" in row[say("zh", "usage.column_learned")]
    assert row[say("zh", "usage.column_length")] == "50"


def test_a_long_list_is_turned_page_by_page(open_page: Open) -> None:
    open_page()
    for number in range(25):
        enter(f"model-{number:02}", cny("1"))
    screen = open_page("usage")
    assert "model-24" in screen.table[-1].value.to_string()
    assert "model-04" not in screen.table[-1].value.to_string()

    screen.number_input(key="usage-page-2").set_value(2).run()
    assert not screen.exception
    assert "model-04" in screen.table[-1].value.to_string()


def test_a_budget_is_set_shown_replaced_and_removed(open_page: Open) -> None:
    open_page()
    enter(paid=cny("3"))
    screen = open_page("usage")
    for amount, left in (("5", "¥2.00"), ("2", "¥1.00")):
        screen.selectbox(key="budget-currency").set_value("CNY")
        screen.number_input(key="budget-amount").set_value(float(amount))
        button(screen, say("zh", "usage.budget_save"))
        kept = budgets_of(shared().preferences.all()["budgets"])
        assert kept == (Budget("day", "CNY", Decimal(amount)),)
        assert left in screen.get("progress")[0].proto.text
    assert "⚠️" in screen.get("progress")[0].proto.text

    button(screen, "✕")
    assert shared().preferences.all()["budgets"] == []


def test_a_budget_of_less_than_a_cent_stays_what_was_typed(open_page: Open) -> None:
    screen = open_page("usage")
    screen.number_input(key="budget-amount").set_value(0.001)
    button(screen, say("zh", "usage.budget_save"))

    assert [budget.amount for budget in budgets_of(shared().preferences.all()["budgets"])] == [Decimal("0.001")]
    assert "¥0.0010" in screen.get("progress")[0].proto.text


def test_a_budget_without_an_amount_is_not_kept(open_page: Open) -> None:
    screen = button(open_page("usage"), say("zh", "usage.budget_save"))

    assert say("zh", "usage.budget_missing") in words(screen)
    assert "budgets" not in shared().preferences.all()


def test_a_hostile_name_is_drawn_as_it_is_written(open_page: Open) -> None:
    open_page()
    enter("![x](http://evil.example/x.png) <b>\u202e**", Paid("[E](http://e)", Decimal(1)), purpose="$x$ `y`")
    screen = open_page("usage")

    assert not screen.exception
    drawn = "\n".join(str(cell) for table in screen.table for cell in table.value.to_numpy().flatten())
    assert "\\!\\[x\\](http\\:" in drawn
    assert not re.search(r"(?<!\\)[\[<`$]", drawn)
    assert "\u202e" not in drawn + "".join(charts(screen))


def test_every_way_a_call_can_fail_has_its_few_words_in_both_languages() -> None:
    kinds = {"error", DataFolderError.kind}
    open_: list[type[ModelError]] = [ModelError]
    while open_:
        kind = open_.pop()
        kinds.add(kind.kind)
        open_ += kind.__subclasses__()

    for language in ("zh", "en"):
        assert {name for name in catalogue(language) if name.startswith("fault.")} == {
            f"fault.{kind}" for kind in kinds
        }
