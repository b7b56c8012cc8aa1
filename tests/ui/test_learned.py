"""What bills have taught is said where it matters: at the draft, and at an answer whose prompt was cut."""

from __future__ import annotations

from dataclasses import replace

from assistant.answers.turn import record_of
from assistant.connections import Choice
from assistant.money.cost import Receipt
from assistant.ui.i18n import say
from tests.ui.screens import QUESTION, Open, asked, shared, words

PAID = Choice("dashscope", "qwen-plus")


def test_an_estimate_says_how_well_it_has_fitted_the_bills_so_far(open_page: Open) -> None:
    open_page()
    shared().choose_chat(PAID)
    for billed in (110, 110, 121):
        receipt = Receipt("dashscope", "qwen-plus", 100, billed, 9, None, None, 1.0, None, counted_tokens=100)
        shared().ledger.enter("answer", receipt, "complete")

    assert say("zh", "draft.corrected", calls=3, percent="6.1%") in words(asked(open_page()))


def test_an_answer_whose_prompt_was_cut_says_so(open_page: Open) -> None:
    open_page()
    app = shared()
    draft = app.prepare(QUESTION)
    id_, turn_id = app.conversations.ask(None, QUESTION)
    turn = app.answer(id_, turn_id, draft)
    turn.wait(20)
    assert turn.answer is not None
    cut = Receipt("ollama", "qwen3:8b", 8_000, 4_096, 9, None, None, 1.0, None)
    app.conversations.save(turn_id, "so", "complete", record_of(draft, replace(turn.answer, receipt=cut), None))

    assert say("zh", "chat.cut", read="4\u202f096", sent="8\u202f000") in words(open_page(c=id_))
