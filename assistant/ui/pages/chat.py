"""对话: the open conversation, the evidence beside it, the composer below."""

import streamlit as st

from assistant.answers.conversations import SavedTurn
from assistant.errors import NotFound
from assistant.ui import panels
from assistant.ui.citation_links import citation_clicks
from assistant.ui.composer import answer_anew, ask_again, compose, draw_composer
from assistant.ui.conversation_list import draw_conversation_list
from assistant.ui.draft_view import draw_draft
from assistant.ui.model_picker import draw_model_picker
from assistant.ui.next_view import draw_next
from assistant.ui.passage_panel import draw_passage
from assistant.ui.session import assistant, conversation, open_conversation, open_passage, say, show_passage
from assistant.ui.sources import clicked_passage, remarks_of
from assistant.ui.study_view import handed_over
from assistant.ui.turn_actions import Wish, draw_actions
from assistant.ui.turn_view import draw_turn, follow
from assistant.ui.turns_view import draw_older, unfolded
from assistant.ui.welcome import draw_welcome


def turns_of(id_: str | None) -> list[SavedTurn]:
    """Return the turns of the open conversation; one that is gone gives way to a new one."""
    if id_ is None:
        return []
    try:
        assistant().conversations.get(id_)
    except NotFound:
        open_conversation(None)
        st.toast(say("chat.missing"))
        return []
    return assistant().conversations.turns(id_)


draw_model_picker()  # above the list, which grows: what opens below it needs the room
draw_conversation_list()
# What is on its way is looked at first: an answer that ends between the two looks is then drawn anew, not left out.
running = assistant().turns.of(conversation() or "")
waiting = assistant().drafts.of(conversation() or "")
turns = turns_of(conversation())

shown = unfolded(turns)
clicked = citation_clicks(remarks_of(shown))
if clicked:
    show_passage(clicked_passage(turns, clicked))

passage = open_passage()
centre, side = st.columns([4, 3], gap="medium") if passage else (st.container(), None)
asked = draw_composer(running, price_next=waiting is None) or handed_over()
again: SavedTurn | None = None
wish: Wish | None = None

with centre:
    if not turns and not asked:
        asked = draw_welcome()
    draw_older(turns, shown)
    for turn in shown:
        if turn.id not in (running.id if running else 0, waiting[0] if waiting else 0):
            newest = turn.id == turns[-1].id and not running and not waiting
            again = turn if draw_turn(turn, newest=newest) else again
            wish = draw_actions(turn, busy=bool(running or waiting)) or wish
    if turns and not (running or waiting or asked or again or wish):
        asked = draw_next(turns)
if passage and side:
    with side.container(border=True, key="evidence"), panels.errors():
        draw_passage(passage)
with centre, panels.errors():
    panels.notices()
    if running:
        follow(running)
    elif asked:
        compose(asked)
    elif wish:
        answer_anew(wish.turn, wish.question)
    elif again:
        ask_again(again, newest=again.id == turns[-1].id)
    elif waiting:
        draw_draft(conversation() or "", *waiting)
    if running or asked or wish or again:
        st.rerun()
