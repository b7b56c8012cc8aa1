"""One question with its answer: markers that open passages, the sources by name, and how it came about."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.answers.export import was_sent
from assistant.answers.turn import Turn, record_of
from assistant.money.experience import prompt_was_cut
from assistant.providers.base import Picture
from assistant.ui.citation_links import citation_anchors
from assistant.ui.index_bill import draw_search
from assistant.ui.money_text import grouped, paid
from assistant.ui.ollama_offer import offer_pull
from assistant.ui.panels import show_error
from assistant.ui.refine_view import draw_refinement
from assistant.ui.render import draw, plain, safe_markdown
from assistant.ui.session import assistant, language, say
from assistant.ui.sources import draw_nearest, draw_sources
from assistant.ui.status_line import draw_status
from assistant.ui.verdict_view import draw_doubts, remarks_of, verdict_line

FRAME_SECONDS = 0.1
PICTURE_WIDTH = 240


def draw_question(question: str, *, pictures: Sequence[Picture] = (), chips: Sequence[str] = ()) -> None:
    """Draw what the learner asked, the pictures with it, and what was named with @."""
    with st.chat_message("user", avatar="🧑‍🎓"):
        draw(question, language=language())
        if pictures:
            st.image([picture.content for picture in pictures], width=PICTURE_WIDTH)
        if chips:
            with st.container(horizontal=True):
                for chip in chips:
                    st.badge(plain(chip), icon="📎", color="gray")


def draw_turn(turn: SavedTurn, *, newest: bool) -> bool:
    """Draw a finished question and answer; True when the learner wants it asked again, be it that it was never sent."""
    record = turn.record
    draw_question(
        turn.question, pictures=assistant().pictures.of(turn.id), chips=record.get("scope", {}).get("chips", ())
    )
    unsent = "draft" in turn.record
    with st.chat_message("assistant", avatar="📚"):
        for name in record.get("scope", {}).get("unknown", ()):
            st.caption(say("scope.unknown", name=plain(name)))
        if "search_seconds" in record:
            draw_status(record, running=False)
        if turn.record.get("thinking"):
            _thoughts(turn.record["thinking"])
        if turn.answer:
            _beside_the_notes(turn)
            anchors = citation_anchors(str(turn.id), range(1, len(turn.record.get("matches", [])) + 1))
            draw(turn.answer, citations=anchors, language=language(), remarks=remarks_of(turn.answer, turn.record))
        if unsent:
            st.caption(say("draft.not_sent"))
        elif turn.record.get("error"):
            _error(turn.record["error"])
            _offer_missing(turn)
        elif turn.state == "stopped":
            st.caption(say("chat.stopped") if turn.record.get("receipt") else say("chat.interrupted"))
        if turn.record.get("relevant"):  # else the answer itself is the list of the nearest passages
            draw_sources(turn)
        draw_nearest(turn)
        draw_search(turn.record.get("search", {}))
        _footer(turn)
        if unsent or (newest and turn.state in ("failed", "stopped")):
            return st.button(say("chat.again"), key=f"again-{turn.id}", icon="🔁")
    return False


def _error(error: Mapping[str, Any]) -> None:
    hint = error.get("hint")
    st.error("\n\n".join(plain(part[language()]) for part in (error, hint) if part), icon="⚠️")


def _offer_missing(turn: SavedTurn) -> None:
    """Offer to fetch a model that Ollama has not pulled yet."""
    preview = turn.record.get("preview") or {}
    if turn.record["error"].get("kind") == "model_missing" and preview.get("provider") == "ollama":
        offer_pull(preview["model"], str(turn.id))


def _beside_the_notes(turn: SavedTurn) -> None:
    """Label an answer that does not come from the notes."""
    if turn.record.get("basis") == "general":
        st.warning(say("chat.from_general"), icon="🌐")
    elif turn.record.get("basis") == "picture":
        st.warning(say("chat.from_picture"), icon="🖼️")


def follow(running: Turn) -> None:
    """Draw an answer while it grows, until it has ended; the whole text so far is drawn anew in each frame."""
    asked = running.draft.asked
    draw_question(asked.reach.asked or asked.question, pictures=asked.pictures, chips=asked.reach.chips)
    with st.chat_message("assistant", avatar="📚"):
        draw_status(record_of(running.draft, None, None), running=True)
        thoughts = st.empty()
        place = st.empty()
        while running.state == "running":
            if running.waiting:
                error, seconds = running.waiting
                place.info(say("chat.waiting", reason=plain(error.message(language())), seconds=f"{seconds:.0f}"))
            elif not running.text and running.draft.asks_a_model:
                place.caption(say("chat.awaiting", model=plain(running.draft.preview.model)))
            else:
                place.markdown(safe_markdown(running.text, language=language()) + " ▌")
            if running.thinking:
                with thoughts.container():
                    _thoughts(running.thinking)
            time.sleep(FRAME_SECONDS)
    if running.error:
        show_error(running.error)


def _thoughts(thinking: str) -> None:
    """Fold away what the model thought before it answered: the learner may look, the answer is what counts."""
    with st.expander(say("chat.thoughts"), icon="💭"):
        st.markdown(safe_markdown(thinking, language=language()))


def _footer(turn: SavedTurn) -> None:
    receipt: dict[str, Any] | None = turn.record.get("receipt")
    if not receipt:
        return
    read, sent = receipt["usage"]["prompt_tokens"], receipt["predicted_prompt_tokens"]
    if prompt_was_cut(receipt["provider"], sent, read):
        st.warning(say("chat.cut", read=grouped(read), sent=grouped(sent)), icon="✂️")
    said = [_bill(receipt, turn.record)]
    if checked := verdict_line(turn.record):
        said.append(checked)
    if turn.record.get("invented"):
        said.append(say("chat.invented", count=turn.record["invented"]))
    st.caption(" · ".join(said))
    draw_doubts(turn.record)
    how = st.expander(say("chat.how"), key=f"how-{turn.id}", on_change="rerun")
    if how.open:  # only then: its table is most of what a turn costs to draw
        with how:
            _how(turn)


def _bill(receipt: dict[str, Any], record: Mapping[str, Any]) -> str:
    """Say what an answer took: tokens in and out, money, seconds, and how far the forecast was off."""
    seconds = f"{receipt['seconds']:.2f}"
    if not was_sent(record):
        return say("chat.receipt", seconds=seconds)
    usage, cost = receipt["usage"], receipt["cost"]
    prompt = usage["prompt_tokens"]
    predicted = receipt["predicted_prompt_tokens"]
    thought = usage["reasoning_tokens"]
    return say(
        "chat.bill",
        model=plain(f"{receipt['provider']} / {receipt['model']}"),
        prompt="?" if prompt is None else grouped(prompt),
        predicted="" if prompt in (None, predicted) else say("chat.bill_predicted", count=grouped(predicted)),
        completion="?" if usage["completion_tokens"] is None else grouped(usage["completion_tokens"]),
        thinking=say("chat.bill_thinking", count=grouped(thought)) if thought else "",
        cost=paid(cost),
        seconds=seconds,
    )


def _how(turn: SavedTurn) -> None:
    """Show search, scores, tokens and the literal prompt: the machine is study material too."""
    matches = turn.record.get("matches", [])
    st.markdown(say("chat.how_search", count=len(matches)))
    if turn.record.get("context"):
        st.caption(say("chat.how_context", context=plain(turn.record["context"])))
    for step in turn.record.get("refined") or ():
        draw_refinement(step)
    chunks = turn.record["preview"]["parts"]["chunks"]
    rows = [
        {
            "#": number,
            "note": match["note"],
            "place": " › ".join(match["heading"]) or (say("passage.page", page=match["page"]) if match["page"] else ""),
            "score": match["score"],
            "keyword": match["scores"]["keyword"],
            "vector": match["scores"]["vector"],
            "rerank": match["scores"].get("rerank"),
            "tokens": chunks[number - 1] if number <= len(chunks) else None,
        }
        for number, match in enumerate(matches, start=1)
    ]
    columns = {
        name: say(f"chat.column_{name}") for name in ("note", "place", "score", "keyword", "vector", "rerank", "tokens")
    }
    st.dataframe(rows, hide_index=True, column_config=columns)
    tokens = grouped(turn.record["preview"]["prompt_tokens"])
    st.markdown(say("chat.how_sent", tokens=tokens) if was_sent(turn.record) else say("chat.how_prompt", tokens=tokens))
    for message in turn.record["messages"]:
        st.caption(message["role"])
        st.code(message["content"], language=None, wrap_lines=True)
        for picture in message.get("pictures", ()):
            st.caption(plain(picture))
