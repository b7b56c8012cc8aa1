"""Items of the backlog: the words and place of each, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from assistant.answers.ask import Answer
from assistant.answers.booking import answered
from assistant.study.backlog import Backlog, Item, card_of, explanation, question_of
from assistant.ui import panels
from assistant.ui.card_form import draw_writing, write_button
from assistant.ui.money_text import cost_range
from assistant.ui.render import plain
from assistant.ui.session import assistant, recall, remember, say
from assistant.ui.study_view import (
    ask_in_chat,
    draw_cited,
    follow_markers,
    passage_link,
    source_chips,
    warn_of_budgets,
)

PURPOSE = "backlog"


def kind_name(kind: str) -> str:
    """Name a kind of open point."""
    return say(f"study.kind_{kind}")


def draw_items(items: Iterable[Item]) -> None:
    """Draw the items of a page; the markers in what explains them lead to their passages."""
    explained = {item.id: _draw_item(item) for item in items}
    follow_markers({id_: answer.citations for id_, answer in explained.items() if answer})


def _draw_item(item: Item) -> Answer | None:
    """Draw an item with its actions, and below it what explained it, as long as the session; return that."""
    with st.container(border=True, key=f"item-{item.id}"):
        st.markdown(f"**{kind_name(item.point.kind)}** · {plain(item.point.text)}")
        passage_link(item.note, item.point.lines, key=f"place-{item.id}", heading=item.point.heading)
        with st.container(horizontal=True):
            if st.button(say("study.ask"), key=f"ask-{item.id}", icon="💬"):
                ask_in_chat(question_of(item))
            wanted = st.button(say("study.explain"), key=f"explain-{item.id}", icon="💡")
            write_button(item.id)
            _settle(item)
        with panels.errors():
            _explain(item, wanted=wanted)
        said = recall(f"explained {item.id}")
        answer = said if isinstance(said, Answer) else None
        draw_writing(card_of(item, answer), item.id)
    return answer


def _settle(item: Item) -> None:
    done = item.state == "done"
    label = say("study.reopen" if done else "study.done")
    if st.button(label, key=f"settle-{item.id}", icon="↩️" if done else "✅"):
        Backlog(assistant().store).mark(item.id, "open" if done else "done")
        st.rerun()


def _explain(item: Item, *, wanted: bool) -> None:
    """Search, show what an explanation would cost, send it once that is agreed to, and show it with its places."""
    draft = recall(f"explain {item.id}")
    if wanted:
        draft = explanation(item, assistant().prepare(question_of(item)))
        remember(f"explain {item.id}", draft)
        remember(f"explained {item.id}", None if draft else say("study.not_in_notes"))
    agreed = draft is not None and (wanted and not assistant().must_wait(draft))
    if draft is not None and not agreed:
        warn_of_budgets(draft.preview.cost)
        price = cost_range(draft.preview.cost, local=draft.connection.entry.local)
        agreed = st.button(say("study.explain_for", price=plain(price)), key=f"send-{item.id}", type="primary")
    if draft is not None and agreed:
        with st.spinner(say("study.writing")):
            remember(f"explained {item.id}", answered(draft, assistant().ledger, PURPOSE))
        remember(f"explain {item.id}", None)
        st.rerun()
    said = recall(f"explained {item.id}")
    if isinstance(said, Answer):
        draw_cited(said.text, said.citations, item.id)
        source_chips(said.citations, key=f"source-{item.id}")
    elif said:
        st.info(plain(said))
