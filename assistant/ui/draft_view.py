"""The draft before it is sent: what it contains, what it costs, whether it fits; nothing leaves before the button."""

from __future__ import annotations

import streamlit as st

from assistant.answers.ask import Draft, reconsider
from assistant.answers.turn import Turn
from assistant.ui.money_text import cost_range, token_count
from assistant.ui.render import plain
from assistant.ui.session import assistant, say
from assistant.ui.turn_view import draw_question


def draw_draft(conversation: str, turn_id: int, draft: Draft) -> Turn | None:
    """Draw the waiting draft; return the running answer when it was sent in this run."""
    app = assistant()
    connection = app.connection
    if (connection.model.provider, connection.model.name, connection.window) != (
        draft.connection.model.provider,
        draft.connection.model.name,
        draft.connection.window,
    ):  # the learner chose another model while it waited
        draft = reconsider(draft, connection=connection)
        app.drafts.hold(conversation, turn_id, draft)
    draw_question(draft.question)
    with st.container(border=True, key="draft"):
        draft = _parts(conversation, turn_id, draft)
        _verdict(draft)
        with st.expander(say("draft.messages")):
            for message in draft.request.messages:
                st.caption(message.role)
                st.code(message.content, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            sent = st.button(
                say("draft.send"), key=f"send-{turn_id}", type="primary", icon="📨", disabled=not draft.preview.fits
            )
            given_up = st.button(say("draft.cancel"), key=f"cancel-{turn_id}")
    if given_up:
        app.drafts.take(conversation)
        app.conversations.save(turn_id, "", "stopped", {"draft": "cancelled"})
        st.rerun()
    if sent and (taken := app.drafts.take(conversation)):
        return app.answer(conversation, *taken)
    return None


def _parts(conversation: str, turn_id: int, draft: Draft) -> Draft:
    """Draw model, money and tokens by part; ticking a passage off writes the draft anew at once."""
    preview = draft.preview
    st.markdown(
        say(
            "draft.headline",
            model=plain(f"{preview.provider} / {preview.model}"),
            tokens=token_count(preview),
            cost=cost_range(preview.cost, local=draft.connection.entry.local),
        )
    )
    kept = set(range(len(draft.found))) - draft.dropped
    counts = dict(zip(sorted(kept), preview.parts.chunks, strict=True))
    wanted = set()
    for place, match in enumerate(draft.found):
        name = " › ".join(part for part in (match.chunk.title, match.chunk.place) if part)
        tokens = say("draft.tokens", count=counts[place]) if place in counts else "—"
        if st.checkbox(f"{plain(name)} · {tokens}", value=place in kept, key=f"chunk-{turn_id}-{place}"):
            wanted.add(place)
    history = draft.history
    if history:
        keep = st.checkbox(
            say("draft.history", turns=len(history), count=preview.parts.history), value=True, key=f"history-{turn_id}"
        )
        history = history if keep else ()
    st.caption(
        say(
            "draft.rest",
            system=preview.parts.system,
            question=preview.parts.question,
            overhead=preview.parts.overhead,
            output=preview.output_tokens[2],
        )
    )
    if wanted != kept or len(history) != len(draft.history):
        draft = reconsider(draft, dropped=set(range(len(draft.found))) - wanted, history=history)
        assistant().drafts.hold(conversation, turn_id, draft)
        st.rerun()
    return draft


def _verdict(draft: Draft) -> None:
    preview = draft.preview
    if preview.context_window is None:
        st.caption(say("draft.window_unknown"))
    elif preview.fits:
        st.caption(say("draft.fits", window=preview.context_window))
    else:
        over = preview.prompt_tokens + preview.output_tokens[2] - preview.context_window
        text = "draft.too_long_ollama" if preview.provider == "ollama" else "draft.too_long"
        st.error(say(text, window=preview.context_window, over=over), icon="✂️")
    if draft.connection.entry.as_of:
        entry = draft.connection.entry
        st.caption(say("draft.price_source", date=entry.as_of, source=plain(entry.source), note=plain(entry.note)))
