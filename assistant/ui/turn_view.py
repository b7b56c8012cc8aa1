"""One question with its answer: markers that open passages, the sources by name, and how it came about."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.answers.turn import Turn, record_of
from assistant.providers.base import Picture
from assistant.ui.citation_links import citation_anchors
from assistant.ui.index_bill import draw_search
from assistant.ui.money_text import grouped, paid
from assistant.ui.ollama_offer import offer_pull
from assistant.ui.panels import show_error
from assistant.ui.render import draw, plain, safe_markdown
from assistant.ui.session import OpenPassage, assistant, language, say, show_passage
from assistant.ui.status_line import draw_status

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
        if turn.answer:
            _beside_the_notes(turn)
            anchors = citation_anchors(str(turn.id), range(1, len(turn.record.get("matches", [])) + 1))
            draw(turn.answer, citations=anchors, language=language())
        if unsent:
            st.caption(say("draft.not_sent"))
        elif turn.record.get("error"):
            _error(turn.record["error"])
            _offer_missing(turn)
        elif turn.state == "stopped":
            st.caption(say("chat.stopped") if turn.record.get("receipt") else say("chat.interrupted"))
        if turn.record.get("relevant"):  # else the answer itself is the list of the nearest passages
            _sources(turn)
        _nearest(turn)
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


def _nearest(turn: SavedTurn) -> None:
    """Offer the passages that came nearest, where the answer does not come from them."""
    nearest = turn.record.get("nearest") or []
    if not nearest or not turn.answer:
        return
    with st.expander(say("chat.nearest", count=len(nearest))):
        for number, match in enumerate(nearest):
            passage = _passage(match)
            if st.button(_label(passage), key=f"nearest-{turn.id}-{number}", type="tertiary"):
                show_passage(passage)
                st.rerun()


def follow(running: Turn) -> None:
    """Draw an answer while it grows, until it has ended; the whole text so far is drawn anew in each frame."""
    asked = running.draft.asked
    draw_question(asked.reach.asked or asked.question, pictures=asked.pictures, chips=asked.reach.chips)
    with st.chat_message("assistant", avatar="📚"):
        draw_status(record_of(running.draft, None, None), running=True)
        place = st.empty()
        thoughts = st.empty()
        while running.state == "running":
            if running.waiting:
                error, seconds = running.waiting
                place.info(say("chat.waiting", reason=plain(error.message(language())), seconds=f"{seconds:.0f}"))
            elif not running.text and running.draft.asks_a_model:
                place.caption(say("chat.awaiting", model=plain(running.draft.preview.model)))
            else:
                place.markdown(safe_markdown(running.text, language=language()) + " ▌")
            if running.thinking:
                with thoughts.expander(say("chat.thoughts")):
                    st.markdown(safe_markdown(running.thinking, language=language()))
            time.sleep(FRAME_SECONDS)
    if running.error:
        show_error(running.error)


def passage_of(turn: SavedTurn, number: int) -> OpenPassage | None:
    """Return the passage behind marker ``number`` of an answer."""
    matches = turn.record.get("matches", [])
    if not 1 <= number <= len(matches):
        return None
    quote = next(
        (citation["quote"] for citation in turn.record.get("citations", []) if citation["marker"] == number), ""
    )
    return _passage(matches[number - 1], quote)


def _passage(match: Mapping[str, Any], quote: str = "") -> OpenPassage:
    return OpenPassage(
        note=match["note"],
        title=match["title"],
        heading=tuple(match["heading"]),
        page=match["page"],
        lines=(match["lines"][0], match["lines"][1]),
        chars=(match["chars"][0], match["chars"][1]),
        text=match["text"],
        quote=quote,
    )


def _sources(turn: SavedTurn) -> None:
    """Offer the cited passages by name, for those who do not click markers."""
    cited = list(dict.fromkeys(citation["marker"] for citation in turn.record.get("citations", [])))
    if not cited:
        return
    with st.container(horizontal=True, key=f"sources-{turn.id}"):
        for number in cited:
            passage = passage_of(turn, number)
            if passage and st.button(
                f"[{number}] {_label(passage)}", key=f"source-{turn.id}-{number}", type="tertiary"
            ):
                show_passage(passage)
                st.rerun()


def _label(passage: OpenPassage) -> str:
    place = (
        say("passage.page", page=passage.page)
        if passage.page is not None
        else (passage.heading[-1] if passage.heading else "")
    )
    return plain(" › ".join(part for part in (passage.title, place) if part))


def _footer(turn: SavedTurn) -> None:
    receipt: dict[str, Any] | None = turn.record.get("receipt")
    if not receipt:
        return
    said = [_bill(receipt, turn.record)]
    citations = turn.record.get("citations", [])
    if citations and turn.record.get("relevant"):
        said.append(
            say("chat.verified", verified=sum(citation["verified"] for citation in citations), count=len(citations))
        )
    if turn.record.get("invented"):
        said.append(say("chat.invented", count=turn.record["invented"]))
    st.caption(" · ".join(said))
    with st.expander(say("chat.how")):
        _how(turn)


def _bill(receipt: dict[str, Any], record: Mapping[str, Any]) -> str:
    """Say what an answer took: tokens in and out, money, seconds, and how far the forecast was off."""
    seconds = f"{receipt['seconds']:.2f}"
    if not _was_sent(record):
        return say("chat.receipt", seconds=seconds)
    usage, cost = receipt["usage"], receipt["cost"]
    prompt = usage["prompt_tokens"]
    predicted = receipt["predicted_prompt_tokens"]
    return say(
        "chat.bill",
        model=plain(f"{receipt['provider']} / {receipt['model']}"),
        prompt="?" if prompt is None else grouped(prompt),
        predicted="" if prompt in (None, predicted) else say("chat.bill_predicted", count=grouped(predicted)),
        completion="?" if usage["completion_tokens"] is None else usage["completion_tokens"],
        cost=paid(cost),
        seconds=seconds,
    )


def _was_sent(record: Mapping[str, Any]) -> bool:
    """Tell whether a model was asked: for notes, or where they held nothing, for what was allowed instead."""
    beside = record.get("basis") in ("general", "picture")
    return bool(record.get("relevant") or beside) and not record.get("quotes", True)


def _how(turn: SavedTurn) -> None:
    """Show search, scores, tokens and the literal prompt: the machine is study material too."""
    matches = turn.record.get("matches", [])
    st.markdown(say("chat.how_search", count=len(matches)))
    if turn.record.get("context"):
        st.caption(say("chat.how_context", context=plain(turn.record["context"])))
    chunks = turn.record["preview"]["parts"]["chunks"]
    rows = [
        {
            "#": number,
            "note": match["note"],
            "place": " › ".join(match["heading"]) or (say("passage.page", page=match["page"]) if match["page"] else ""),
            "score": match["score"],
            "keyword": match["scores"]["keyword"],
            "vector": match["scores"]["vector"],
            "tokens": chunks[number - 1] if number <= len(chunks) else None,
        }
        for number, match in enumerate(matches, start=1)
    ]
    columns = {name: say(f"chat.column_{name}") for name in ("note", "place", "score", "keyword", "vector", "tokens")}
    st.dataframe(rows, hide_index=True, column_config=columns)
    was_sent = _was_sent(turn.record)
    tokens = turn.record["preview"]["prompt_tokens"]
    st.markdown(say("chat.how_sent", tokens=tokens) if was_sent else say("chat.how_prompt", tokens=tokens))
    for message in turn.record["messages"]:
        st.caption(message["role"])
        st.code(message["content"], language=None, wrap_lines=True)
        for picture in message.get("pictures", ()):
            st.caption(plain(picture))
