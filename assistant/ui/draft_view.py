"""The draft before it is sent: what it contains, what it costs, whether it fits; nothing leaves before the button."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from assistant.answers.draft import Draft, fitted, reconsider, sees
from assistant.answers.prompt import HISTORY_TURNS, Exchange
from assistant.connections import SMALLEST_NUM_CTX
from assistant.errors import PicturesRefused
from assistant.money.budget import exceeded
from assistant.money.cost import A_WHILE
from assistant.providers.hours import prices_between
from assistant.ui.compare_view import draw_comparison
from assistant.ui.index_bill import draw_search
from assistant.ui.money_text import cost_range, grouped, part_count, price_age, standing_words, token_count
from assistant.ui.panels import show_error
from assistant.ui.refine_view import draw_steps
from assistant.ui.render import plain
from assistant.ui.session import add_notice, assistant, catalog, recall, remember, say, set_widget, widget_value
from assistant.ui.turn_view import draw_question

_STEP = 1_024  # num_ctx is raised in whole steps of this


def draw_draft(conversation: str, turn_id: int, draft: Draft) -> None:
    """Draw the waiting draft; sending it or giving it up draws the page anew."""
    draft = _with_the_chosen_model(conversation, turn_id, draft)
    asked = draft.asked
    draw_question(asked.reach.asked or asked.question, pictures=asked.pictures, chips=asked.reach.chips)
    with st.container(border=True, key="draft"):
        _headline(draft)
        draw_search(draft.findings.asked.as_json())
        draw_steps(conversation, turn_id, draft)
        _passages(conversation, turn_id, draft)
        _history(conversation, turn_id, draft)
        _pictures(draft)
        _rest(draft)
        _verdict(draft)
        draw_comparison(turn_id, draft)
        with st.expander(say("draft.messages"), key=f"messages-{turn_id}"):
            for message in draft.request.messages:
                st.caption(message.role)
                st.code(message.content, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            refused = draft.refusal is not None or not draft.preview.fits
            sent = st.button(say("draft.send"), key=f"send-{turn_id}", type="primary", icon="📨", disabled=refused)
            given_up = st.button(say("draft.cancel"), key=f"cancel-{turn_id}")
    seen = recall(f"draft seen:{turn_id}")
    remember(f"draft seen:{turn_id}", _look(draft))
    if given_up and assistant().drafts.take(conversation):
        give_up(turn_id)
        st.rerun()
    if sent:
        _send(conversation, turn_id, draft, as_seen=seen == _look(draft))


def hold(conversation: str, turn_id: int, draft: Draft) -> None:
    """Have a draft wait for the learner's yes, in place of one that this conversation had waiting before."""
    give_way(conversation, turn_id)
    assistant().conversations.save(turn_id, "", "running", {"draft": "waiting"})
    assistant().drafts.hold(conversation, turn_id, draft)


def give_way(conversation: str, turn_id: int) -> None:
    """Give up the draft that a conversation has waiting when another question comes; it must not stand below its answer."""
    before = assistant().drafts.take(conversation)
    if before and before[0] != turn_id:
        give_up(before[0])


def give_up(turn_id: int) -> None:
    """Mark a question as not sent; it stays to be asked again."""
    assistant().conversations.save(turn_id, "", "stopped", {"draft": "cancelled"})


def _send(conversation: str, turn_id: int, draft: Draft, *, as_seen: bool) -> None:
    """Send what was on screen when the button was pressed; if it has changed meanwhile, show it once more instead."""
    app = assistant()
    taken = app.drafts.take(conversation)
    if taken and as_seen and taken[1] is draft:
        app.answer(conversation, turn_id, draft)
    elif taken:
        app.drafts.hold(conversation, *taken)
        add_notice("info", say("draft.changed"))
    st.rerun()


def _look(draft: Draft) -> tuple[object, ...]:
    """Return what the learner decides upon: model, messages and money."""
    preview = draft.preview
    return (preview.provider, preview.model, draft.request.messages, preview.prompt_tokens, preview.cost)


def _with_the_chosen_model(conversation: str, turn_id: int, draft: Draft) -> Draft:
    """Write the draft anew if model, address, key or the hours of its price are others than when this session last saw it."""
    app = assistant()
    choice = app.chat_choice
    names = (catalog().provider(choice.provider).key_name, "ASSISTANT_API_KEY")
    now = datetime.now(UTC)  # prices of other hours are another decision
    chosen = (
        choice,
        *(app.connections.masked_key(name) for name in names if name),
        *prices_between(draft.connection.entry, now, now + A_WHILE),
    )
    if recall(f"draft choice:{turn_id}") != chosen:
        draft = fitted(reconsider(draft, connection=app.connection))
        app.drafts.hold(conversation, turn_id, draft)
        remember(f"draft choice:{turn_id}", chosen)
    return draft


def _headline(draft: Draft) -> None:
    preview, connection = draft.preview, draft.connection
    model = catalog().provider(preview.provider)
    st.markdown(
        say(
            "draft.headline",
            model=plain(say("model.offline") if model.kind == "offline" else f"{preview.provider} / {preview.model}"),
            tokens=token_count(preview),
            cost=plain(cost_range(preview.cost, local=connection.entry.local)),
        )
    )


def _passages(conversation: str, turn_id: int, draft: Draft) -> None:
    """Draw each passage with its tokens; ticking one off writes the draft anew before the page is drawn."""
    if draft.basis != "notes":
        st.warning(say("draft.general") if draft.basis == "general" else say("draft.no_notes"), icon="🌐")
        return
    kept = [place for place in range(len(draft.found)) if place not in draft.dropped]
    counts = dict(zip(kept, draft.preview.parts.chunks, strict=True))
    for place, match in enumerate(draft.found):
        name = " › ".join(part for part in (match.chunk.title, match.chunk.place) if part)
        tokens = say("draft.tokens", count=part_count(draft.preview, counts[place])) if place in counts else "—"
        pin = "📌 " if match.chunk.note in draft.asked.reach.pinned else ""
        key = f"chunk-{turn_id}-{place}"
        set_widget(key, place in counts)
        st.checkbox(
            f"{pin}{plain(name)} · {tokens}", key=key, on_change=_drop_or_take, args=(conversation, turn_id, place, key)
        )
    if draft.with_keys and not draft.connection.entry.local:
        st.warning(say("draft.keys", count=draft.with_keys), icon="🔑")


def _drop_or_take(conversation: str, turn_id: int, place: int, key: str) -> None:
    waiting = assistant().drafts.of(conversation)
    if waiting and waiting[0] == turn_id:
        draft = waiting[1]
        dropped = draft.dropped - {place} if widget_value(key) else draft.dropped | {place}
        assistant().drafts.hold(conversation, turn_id, reconsider(draft, dropped=dropped))


def _history(conversation: str, turn_id: int, draft: Draft) -> None:
    """Offer to send fewer of the former turns, down to none."""
    whole = _former(conversation)
    if not whole:
        return
    key = f"history-{turn_id}"
    set_widget(key, len(draft.history))
    st.selectbox(
        say("draft.history"),
        list(range(len(whole), -1, -1)),
        format_func=lambda turns: _history_choice(turns, draft),
        key=key,
        on_change=_shorten,
        args=(conversation, turn_id, key),
    )
    if draft.left_out:
        st.caption(say("status.left_out", turns=draft.left_out))


def _pictures(draft: Draft) -> None:
    """Say how many pictures go along, and what they take where the provider documents it."""
    pictures = draft.asked.pictures
    if not pictures:
        return
    if draft.preview.pictures_known:
        st.caption(say("draft.pictures", count=len(pictures), tokens=grouped(draft.preview.parts.pictures)))
    else:
        st.caption(say("draft.pictures_unknown", count=len(pictures)))
    if draft.refusal is None and sees(draft.connection) is None:
        st.caption(say("draft.pictures_perhaps"))


def _history_choice(turns: int, draft: Draft) -> str:
    if not turns:
        return say("draft.no_history")
    words = say("draft.history_turns", turns=turns)
    tokens = say("draft.tokens", count=part_count(draft.preview, draft.preview.parts.history))
    return f"{words} · {tokens}" if turns == len(draft.history) else words


def _shorten(conversation: str, turn_id: int, key: str) -> None:
    waiting = assistant().drafts.of(conversation)
    if waiting and waiting[0] == turn_id:
        turns = int(widget_value(key))
        whole = _former(conversation)
        history = whole[len(whole) - turns :]
        assistant().drafts.hold(conversation, turn_id, reconsider(waiting[1], history=history))


def _former(conversation: str) -> tuple[Exchange, ...]:
    return tuple(assistant().conversations.history(conversation)[-HISTORY_TURNS:])


def _rest(draft: Draft) -> None:
    parts = draft.preview.parts
    st.caption(
        say(
            "draft.rest",
            system=part_count(draft.preview, parts.system),
            question=part_count(draft.preview, parts.question),
            overhead=part_count(draft.preview, parts.overhead),
            output=grouped(draft.preview.output_tokens[2]),
        )
    )
    learned = draft.connection.correction
    if learned and not draft.preview.exact:
        st.caption(say("draft.corrected", calls=learned.calls, percent=f"{learned.error:.1%}"))


def _verdict(draft: Draft) -> None:
    preview, refusal = draft.preview, draft.refusal
    if isinstance(refusal, PicturesRefused):
        show_error(refusal)
    elif preview.context_window is None:
        if draft.asks_a_model:
            st.caption(say("draft.window_unknown"))
    elif preview.fits:
        st.caption(say("draft.fits", window=grouped(preview.context_window)))
    else:
        sizes = {"window": grouped(preview.context_window), "over": grouped(preview.excess)}
        ollama = preview.provider == "ollama"
        st.error(say("draft.too_long_ollama", **sizes) if ollama else say("draft.too_long", **sizes), icon="✂️")
        if ollama:
            _offer_more_context(draft)
    for standing in exceeded(assistant().budgets, preview.cost) if draft.asks_a_model else ():
        st.warning(
            say("draft.budget_gone" if standing.gone else "draft.over_budget", **standing_words(standing)), icon="💰"
        )
    entry = draft.connection.entry
    if entry.as_of:
        age = price_age(entry.as_of)
        st.caption(
            say("draft.price_source", date=entry.as_of, age=age, source=plain(entry.source), note=plain(entry.note))
        )


def _offer_more_context(draft: Draft) -> None:
    """Offer the smallest ``num_ctx`` into which prompt and answer fit."""
    app = assistant()
    enough = SMALLEST_NUM_CTX
    while enough < draft.preview.prompt_tokens_high + max(draft.preview.output_tokens[2], min(2_048, enough // 4)):
        enough += _STEP
    if st.button(say("draft.raise_num_ctx", num_ctx=grouped(enough)), key="raise-num-ctx", icon="↕️"):
        app.choose_chat(replace(app.chat_choice, num_ctx=enough))
        st.rerun()
