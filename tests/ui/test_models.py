"""Models on the pages as scripts: the preview and what it refuses, who answers, the rule, the embedding model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.answers.ask import Draft
from assistant.connections import Choice
from assistant.ui.i18n import say
from assistant.ui.session import sync_is_free
from tests.conftest import write
from tests.providers.fake_provider import FakeProvider, answer, billed, events, said
from tests.ui.screens import QUESTION, ROOT, Open, asked, button, shared, words

PAID = Choice("dashscope", "qwen-plus")
KEY = "sk-typed-0123456789-secret"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider(answer()) as running:
        yield running


def choose(choice: Choice) -> None:
    shared().preferences.choose("chat", choice.as_json())


def waiting() -> Draft:
    (saved, *_) = shared().conversations.all()
    held = shared().drafts.of(saved.id)
    assert held
    return held[1]


def ticks(screen: AppTest) -> list[bool]:
    return [box.value for box in screen.checkbox if str(box.key).startswith("chunk-")]


def own_server(provider: FakeProvider) -> Choice:
    return Choice("custom", "tiny", f"{provider.url}/v1")


def test_a_paid_question_waits_with_its_price(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = asked(open_page())

    draft = waiting()
    assert ticks(screen) == [True] * len(draft.found)
    headline = next(part.value for part in screen.markdown if say("zh", "draft.send")[:2] in part.value)
    assert "¥" in headline
    assert "qwen-plus" in headline
    assert [code.value for code in screen.code] == [message.content for message in draft.request.messages]
    assert not screen.button(key=next(one.key for one in screen.button if one.label == "发送")).disabled  # type: ignore[arg-type]


def test_dropping_a_passage_writes_the_draft_anew_and_taking_it_back_restores_it(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = asked(open_page())
    before = waiting()

    screen.checkbox[0].uncheck().run()
    fewer = waiting()
    assert fewer.dropped == {0}
    assert fewer.preview.prompt_tokens < before.preview.prompt_tokens
    assert ticks(screen)[0] is False
    assert [code.value for code in screen.code] == [message.content for message in fewer.request.messages]

    screen.checkbox[0].check().run()
    assert waiting().request.messages == before.request.messages


def test_another_window_shows_the_draft_as_it_is_and_changes_nothing(open_page: Open) -> None:
    open_page()
    choose(PAID)
    first = asked(open_page())
    (saved,) = shared().conversations.all()
    second = open_page(c=saved.id)
    first.checkbox[0].uncheck().run()
    second.run()

    assert ticks(second)[0] is False
    assert waiting().dropped == {0}


def test_another_model_redraws_the_waiting_draft(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = asked(open_page())
    messages = waiting().request.messages
    choose(replace(PAID, model="qwen-max"))
    screen.run()

    assert waiting().preview.model == "qwen-max"
    assert waiting().request.messages == messages


def test_what_another_window_has_made_dearer_is_not_sent_unseen(open_page: Open, provider: FakeProvider) -> None:
    open_page()
    choose(own_server(provider))
    screen = asked(open_page())
    choose(PAID)
    button(screen, "发送")

    assert say("zh", "draft.changed") in words(screen)
    assert waiting().preview.provider == "dashscope"
    assert not [request for request in provider.requests if request.path.endswith("/chat/completions")]


def test_a_cancelled_question_is_kept_as_not_sent_and_asked_again_in_its_place(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = button(asked(open_page()), "取消")
    (saved,) = shared().conversations.all()

    assert shared().drafts.of(saved.id) is None
    assert screen.chat_message[0].markdown[0].value == QUESTION
    assert say("zh", "draft.not_sent") in words(screen)
    button(screen, say("zh", "chat.again"))
    assert waiting().question == QUESTION
    assert len(shared().conversations.turns(saved.id)) == 1


def test_a_new_question_gives_up_the_draft_before_it(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = asked(asked(open_page()), "What is attention?")
    (saved,) = shared().conversations.all()

    assert [turn.record for turn in shared().conversations.turns(saved.id)] == [
        {"draft": "cancelled"},
        {"draft": "waiting"},
    ]
    assert waiting().question == "What is attention?"
    assert say("zh", "draft.not_sent") in words(screen)


def test_a_question_that_needs_no_yes_gives_up_the_draft_before_it_too(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = asked(open_page())
    choose(Choice())
    asked(screen, "What is attention?")
    (saved,) = shared().conversations.all()

    first, second = shared().conversations.turns(saved.id)
    assert first.record == {"draft": "cancelled"}
    assert "Self-attention" in second.answer
    assert shared().drafts.of(saved.id) is None
    assert not [box for box in screen.button if str(box.key).startswith("send-")]


def test_a_reload_keeps_the_draft_and_a_new_start_keeps_the_question(open_page: Open) -> None:
    open_page()
    choose(PAID)
    asked(open_page()).checkbox[0].uncheck().run()
    (saved,) = shared().conversations.all()
    assert ticks(open_page(c=saved.id))[0] is False

    st.cache_resource.clear()
    screen = open_page(c=saved.id)
    assert say("zh", "draft.not_sent") in words(screen)
    button(screen, say("zh", "chat.again"))
    assert waiting().dropped == frozenset()


def test_what_does_not_fit_is_refused_until_num_ctx_is_raised_right_there(open_page: Open, notes: Path) -> None:
    long = "过拟合是模型记住了训练集。" * 22
    write(notes, {f"长{number}.md": f"# 过拟合 {number}\n\n{number} {long}\n" for number in range(8)})
    open_page()
    choose(Choice("ollama", "qwen3:8b", num_ctx=2_048))
    screen = asked(open_page())
    assert not waiting().preview.fits
    assert next(one for one in screen.button if one.label == "发送").disabled
    assert "num_ctx" in screen.error[0].value

    screen.button(key="raise-num-ctx").click().run()
    assert not screen.exception
    assert waiting().preview.fits
    assert shared().chat_choice.num_ctx == waiting().preview.context_window
    assert not next(one for one in screen.button if one.label == "发送").disabled


def test_the_conversation_so_far_can_be_left_out_and_taken_along_again(open_page: Open) -> None:
    screen = asked(open_page())
    choose(PAID)
    asked(screen.run(), "过拟合怎么办？")
    assert len(waiting().history) == 1
    with_history = waiting().preview.prompt_tokens
    (shorter,) = [box for box in screen.selectbox if str(box.key).startswith("history-")]
    shorter.set_value(0).run()
    assert not screen.exception
    assert waiting().history == ()
    assert waiting().preview.prompt_tokens < with_history

    next(box for box in screen.selectbox if str(box.key).startswith("history-")).set_value(1).run()
    assert waiting().preview.prompt_tokens == with_history


def test_what_is_sent_is_answered_with_a_receipt_and_the_messages_of_the_preview(
    open_page: Open, provider: FakeProvider
) -> None:
    provider.replies = [events(said("记住了训练集 [1]。"), said(finish="stop"), billed(321, 7))]
    open_page()
    choose(own_server(provider))
    screen = asked(open_page())
    shown = [code.value for code in screen.code]
    button(screen, "发送")

    assert "记住了训练集" in screen.chat_message[1].markdown[0].value
    assert "321" in words(screen)
    (sent,) = [request.body for request in provider.requests if request.path.endswith("/chat/completions")]
    assert [message["content"] for message in sent["messages"]] == shown


def test_a_model_that_cannot_be_reached_by_its_choice_is_a_sentence_and_the_question_stays(open_page: Open) -> None:
    open_page()
    choose(Choice("custom", "tiny", "ftp://127.0.0.1/v1"))
    screen = asked(open_page())

    assert screen.chat_message[0].markdown[0].value == QUESTION
    assert "ASSISTANT_BASE_URL" in "".join(str(part.value) for part in screen.error).replace("\\", "")
    (saved,) = shared().conversations.all()
    assert shared().conversations.turns(saved.id)[0].state == "failed"
    choose(PAID)
    screen.run()
    button(screen, say("zh", "chat.again"))
    assert waiting().question == QUESTION


def test_the_pages_say_who_answers(open_page: Open) -> None:
    offline = say("zh", "chat.about_offline")
    assert offline in words(open_page())
    choose(PAID)

    for page in ("chat", "settings"):
        text = words(open_page(page))
        assert offline not in text
        assert "dashscope / qwen\\-plus" in text or "dashscope / qwen-plus" in text


def test_the_composer_says_what_the_next_question_costs(open_page: Open) -> None:
    assert "下一问" not in words(open_page())
    choose(PAID)

    line = next(part.value for part in open_page().caption if "下一问" in part.value)
    assert "qwen" in line
    assert "¥" in line


def test_the_rule_decides_what_is_shown_before(open_page: Open, provider: FakeProvider) -> None:
    provider.replies = [answer("好 [1]。")]
    screen = open_page("settings")
    screen.radio(key="rule").set_value("never").run()
    assert shared().ask_first.rule == "never"
    choose(own_server(provider))
    assert say("zh", "chat.about_never") in words(open_page())
    asked(open_page())
    (saved,) = shared().conversations.all()
    assert shared().conversations.turns(saved.id)[0].answer == "好 [1]。"

    screen = open_page("settings")
    screen.radio(key="rule").set_value("above").run()
    screen.number_input(key="rule-amount").set_value(0.5).run()
    assert not screen.exception
    assert shared().ask_first.as_json() == {"rule": "above", "amount": "0.5"}


@pytest.mark.case(106, 109)
def test_a_key_that_is_typed_is_kept_nowhere_but_in_its_box(
    open_page: Open, tmp_path: Path, provider: FakeProvider
) -> None:
    open_page()
    choose(own_server(provider))
    screen = open_page()
    (field,) = [field for field in screen.text_input if field.label == "ASSISTANT_API_KEY"]
    field.input(KEY)
    button(screen, say("zh", "model.key_session"))

    assert shared().connections.masked_key("ASSISTANT_API_KEY")
    assert KEY not in str(shared().preferences.all())
    assert KEY not in str(screen.query_params)
    assert KEY not in str(screen.main) + str(screen.sidebar)
    assert [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()] == []


def test_what_another_window_chose_is_not_taken_back(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = open_page()
    choose(replace(PAID, model="qwen-max"))
    screen.run()

    assert shared().chat_choice.model == "qwen-max"
    assert [box.value for box in screen.selectbox if box.label == say("zh", "model.model")] == ["qwen-max"]


@pytest.mark.case(75, 80)
def test_another_embedding_model_shows_its_price_and_wants_a_yes(open_page: Open) -> None:
    screen = open_page("settings")
    before = shared().embedder.key
    next(box for box in screen.selectbox if str(box.key).startswith("embedding-")).set_value("siliconflow").run()

    assert not screen.exception
    (line,) = [part.value for part in screen.markdown if "重建向量" in part.value]
    assert "token" in line
    assert any(one.label == say("zh", "model.embedding_yes") for one in screen.button)
    assert shared().embedder.key == before
    assert shared().preferences.all() == {}


@pytest.mark.case(80)
def test_a_paid_sync_never_starts_by_itself(open_page: Open, notes: Path) -> None:
    open_page()
    choice = Choice("dashscope", "text-embedding-v4")
    shared().preferences.choose("embedding", choice.as_json())
    st.cache_resource.clear()
    write(notes, {"neu.md": "# Neu\n\nText."})
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    screen.switch_page("assistant/ui/pages/library.py").run()
    assert not sync_is_free(shared())
    assert not screen.exception
    assert shared().jobs.latest is None

    screen.button(key="sync-price").click().run()
    assert not screen.exception
    (line,) = [part.value for part in screen.markdown if "token" in part.value]
    assert "¥" in line
    assert screen.button(key="sync-yes").label == say("zh", "library.sync_yes")
    assert shared().jobs.latest is None


def prices(screen: AppTest) -> pd.DataFrame:
    (table,) = [one.value for one in screen.dataframe if "currency" in one.value]
    return table


def test_settings_show_every_model_with_its_price_its_age_and_its_source(open_page: Open) -> None:
    screen = open_page("settings")
    table = prices(screen)
    plus = table[(table["model"] == "qwen-plus") & (table["region"] == "cn")]
    flash = table[table["model"] == "deepseek-flash"]

    assert list(plus["input"]) == ["0.8", "2.4", "4.8"]
    assert list(plus["size"]) == ["128\u202f000", "256\u202f000", "不限"]
    assert set(plus["currency"]) == {"CNY"}
    assert all(age.startswith("⚠️") for age in plus["age"])
    assert list(flash["hours"]) == ["其余时段", "一 二 三 四 五 01:00–04:00, 06:00–10:00 UTC"]
    unknown = table[(table["model"] == "qwen3.8-max") & (table["region"] == "cn")]
    assert list(unknown["input"]) == [say("zh", "cost.unknown")]

    screen.text_input(key="price-filter").set_value("BGE").run()
    assert set(prices(screen)["provider"]) == {"硅基流动 SiliconFlow"}
    screen.text_input(key="price-filter").set_value("[no](http://such.example)").run()
    assert "http://such.example" not in words(screen).replace("\\", "@")


def test_a_catalogue_file_that_is_wrong_is_named_in_the_settings_and_harms_nothing(
    open_page: Open, tmp_path: Path
) -> None:
    write(tmp_path / "data", {"catalog.toml": "[[sheet]]\nprovider = 'x'\n"})
    screen = open_page("settings")

    assert not screen.exception
    assert "sheet x" in screen.error[0].value
    assert "catalog" in screen.error[0].value
    assert "qwen-plus" in set(prices(screen)["model"])


def test_a_live_list_adds_models_of_unknown_price_and_tells_which_are_not_offered(
    open_page: Open, provider: FakeProvider
) -> None:
    open_page()
    choose(PAID)
    screen = open_page()
    screen.session_state["page:models:dashscope:"] = (
        "qwen-flash",
        "qwen-plus",
        "qwen9-<b>new</b>",
        "text-embedding-v4",
    )
    screen.run()
    (models,) = [box for box in screen.selectbox if str(box.key).endswith("-dashscope-model")]

    assert {"qwen-plus", "qwen-flash", "qwen3-max · 该地址未提供"} <= set(models.options)
    assert any("new" in option and option.endswith("价格未知") for option in models.options)
    assert not any("embedding" in option for option in models.options)
    assert not screen.exception


def test_an_old_price_says_its_age_before_sending(open_page: Open) -> None:
    open_page()
    choose(PAID)
    screen = asked(open_page())
    entry = waiting().connection.entry
    assert entry.as_of
    days = (datetime.now(UTC).date() - entry.as_of).days

    assert say("zh", "prices.old", days=days) in words(screen)


def test_the_language_of_the_answers_is_chosen_on_the_settings_page_and_reaches_the_draft(open_page: Open) -> None:
    open_page()
    choose(PAID)
    settings = open_page("settings")
    (choice,) = [one for one in settings.radio if one.key == "answer-language"]
    assert choice.options == [say("zh", "model.answer_as_asked"), "中文", "English"]
    choice.set_value("en").run()
    assert not settings.exception
    asked(open_page())
    assert (waiting().language, waiting().language_chosen) == ("en", True)
    assert waiting().request.messages[0].content.startswith("You are a study tutor")

    (choice,) = [one for one in settings.radio if one.key == "answer-language"]
    choice.set_value("").run()
    assert shared().answer_language is None
