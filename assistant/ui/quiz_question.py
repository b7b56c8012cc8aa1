"""One question of a quiz: its options or its field, then at once what is right, and the passage that says so."""

from __future__ import annotations

import streamlit as st

from assistant.errors import AssistantError
from assistant.study.quiz import CHOSEN, Given, Question
from assistant.study.quiz_excerpt import excerpt
from assistant.study.quiz_model import PURPOSE, marked, prepare_mark
from assistant.study.quiz_store import Answered, Asked, Attempt
from assistant.ui.money_text import cost_range
from assistant.ui.passage_panel import Images, images_of
from assistant.ui.render import draw, plain, safe_markdown
from assistant.ui.session import (
    OpenPassage,
    add_notice,
    assistant,
    language,
    open_quiz,
    recall,
    remember,
    say,
    show_passage,
    widget_value,
)

_LETTERS = "ABCDEFGH"


def question_on_screen(attempt: Attempt) -> Asked | None:
    """Return the question whose answer was just given and is still looked at, else the next that waits."""
    shown = recall(_shown(attempt))
    return next((one for one in attempt.asked if one.id == shown), None) or attempt.next


def draw_question(attempt: Attempt, asked: Asked) -> None:
    """Draw a question to be answered, or with its answer."""
    st.subheader(plain(attempt.title) if attempt.title else say("app.quiz"))
    number = attempt.asked.index(asked) + 1
    kind = say(f"quiz.kind_{asked.question.kind}")
    st.progress(number / len(attempt.asked), say("quiz.progress", number=number, all=len(attempt.asked), kind=kind))
    images = images_for(asked.question)
    with st.container(key="quiz-prompt"):
        draw(asked.question.prompt, images=images, language=language())
    if asked.answer is None:
        _ask(attempt, asked, images)
    else:
        _told(attempt, asked, asked.answer, images)
    _foot(attempt, asked)


def images_for(question: Question) -> Images:
    """Return what finds the pictures of the question's note; nothing where the note is gone."""
    app = assistant()
    note = next((one for one in app.store.notes() if one.place.path == question.source.note), None)
    return images_of(note.place.root, note.place.file) if note else None


def passage_of(question: Question) -> OpenPassage:
    """Return the passage of a question for the panel, its quotation marked."""
    source = question.source
    return OpenPassage(
        source.note, source.title, source.heading, source.page, source.lines, source.chars, source.text,
        claims=(question.quote,),
    )  # fmt: skip


def _ask(attempt: Attempt, asked: Asked, images: Images) -> None:
    question = asked.question
    if question.kind in CHOSEN:
        _options(attempt, asked, images)
        return
    with st.form(f"quiz-form-{asked.id}", border=False):
        field = st.text_input if question.kind == "cloze" else st.text_area
        text = field(say("quiz.your_answer"), key=f"quiz-text-{asked.id}")
        if st.form_submit_button(say("quiz.answer"), type="primary") and text.strip():
            _answer(attempt, asked, Given(text=text.strip()))
            st.rerun()


def _options(attempt: Attempt, asked: Asked, images: Images) -> None:
    """Draw the options: a tap answers where one is right; where several may be, they are ticked first."""
    question = asked.question
    labels = _labels(question, images)
    if question.kind != "multiple":
        for place, label in enumerate(labels):
            key = f"quiz-option-{asked.id}-{place}"
            st.button(label, key=key, width="stretch", on_click=_answer, args=(attempt, asked, Given((place,))))
        return
    st.caption(say("quiz.multiple_hint"))
    keys = [f"quiz-tick-{asked.id}-{place}" for place in range(len(labels))]
    for key, label in zip(keys, labels, strict=True):
        st.checkbox(label, key=key)
    chosen = tuple(place for place, key in enumerate(keys) if widget_value(key))
    st.button(
        say("quiz.answer"),
        type="primary",
        key=f"quiz-answer-{asked.id}",
        disabled=not chosen,
        on_click=_answer,
        args=(attempt, asked, Given(chosen)),
    )


def _labels(question: Question, images: Images) -> list[str]:
    """Return the options as labels; what needs more than a line, such as code, is drawn above under its letter."""
    if all("\n" not in one for one in question.options):
        return [safe_markdown(one, language=language()) for one in question.options]
    for letter, option in zip(_LETTERS, question.options, strict=False):
        with st.container(border=True):
            st.markdown(f"**{letter}**")
            draw(option, images=images, language=language())
    return list(_LETTERS[: len(question.options)])


def _answer(attempt: Attempt, asked: Asked, given: Given) -> None:
    assistant().quizzes.answer(attempt.id, asked.id, given)
    remember(_shown(attempt), asked.id)


def _told(attempt: Attempt, asked: Asked, answer: Answered, images: Images) -> None:
    """Say whether it was right, what is right, and which words of the notes say so."""
    question = asked.question
    if question.kind in ("single", "multiple", "true_false"):
        for place, option in enumerate(question.options):
            mark = "✅" if place in question.key else "❌" if place in answer.given.choices else "▫️"
            draw(
                f"{mark} {option}" if "\n" not in option else f"{mark}\n\n{option}", images=images, language=language()
            )
    else:
        st.caption(say("quiz.you_said", answer=plain(answer.given.text)))
    if answer.correct is None:
        _mark(attempt, asked, images)
        return
    if answer.correct:
        st.success(say("quiz.right"), icon="✅")
    else:
        st.error(say("quiz.not_right"), icon="❌")
    if answer.reason:
        draw(say("quiz.model_says", reason=answer.reason), language=language())
    if question.kind in ("cloze", "short"):
        draw(say("quiz.right_answer", answer=" / ".join(question.accepted)), images=images, language=language())
    if question.explanation:
        draw(question.explanation, images=images, language=language())
    _quoted(question, images)
    last = attempt.next is None
    label = say("quiz.to_result") if last else say("quiz.next")
    st.button(label, type="primary", key=f"quiz-next-{asked.id}", on_click=_go_on, args=(attempt,))


def _mark(attempt: Attempt, asked: Asked, images: Images) -> None:
    """Have the learner hold a short answer against the passage."""
    st.markdown(say("quiz.compare"))
    draw("\n\n".join(asked.question.accepted), images=images, language=language())
    _quoted(asked.question, images)
    with st.container(horizontal=True):
        for label, right in ((say("quiz.i_was_right"), True), (say("quiz.i_was_not"), False)):
            st.button(label, key=f"quiz-mark-{asked.id}-{right}", on_click=_marked, args=(attempt, asked, right))

    _offer_mark(attempt, asked)


def _offer_mark(attempt: Attempt, asked: Asked) -> None:
    """Offer to have the model mark a short answer, its price on the button."""
    app = assistant()
    try:
        connection = app.connections.chat(app.chat_choice, PURPOSE)
    except AssistantError:  # said where the model is chosen
        return
    if connection.quotes or asked.answer is None:
        return
    draft = prepare_mark(asked.question, asked.answer.given, connection)
    model = plain(f"{connection.model.provider} / {connection.model.name}")
    cost = plain(cost_range(draft.preview.cost, local=connection.entry.local))
    refused = draft.refusal is not None
    if st.button(
        say("quiz.mark_by_model", model=model, cost=cost), key=f"quiz-model-mark-{asked.id}", disabled=refused
    ):
        with st.spinner(say("chat.awaiting", model=model)):
            verdict = marked(draft, app.ledger)
        if verdict is None:
            st.info(say("quiz.no_verdict"))
        else:
            app.quizzes.mark(attempt.id, asked.id, verdict[0], "model", verdict[1])
            st.rerun()


def _marked(attempt: Attempt, asked: Asked, right: bool) -> None:
    assistant().quizzes.mark(attempt.id, asked.id, right, "learner")


def _quoted(question: Question, images: Images) -> None:
    """Draw the part of the passage that the question rests on, with the way to the whole."""
    source = question.source
    place = plain(" › ".join([source.title, *source.heading]))
    with st.container(border=True, key=f"quiz-quote-{question.fingerprint[:8]}"):
        st.caption(f"{say('quiz.from_note')} {place}")
        draw(excerpt(source.text, question.quote), images=images, language=language())
        st.button(
            say("quiz.to_passage"),
            icon="📖",
            key=f"quiz-passage-{question.fingerprint[:8]}",
            type="tertiary",
            on_click=show_passage,
            args=(passage_of(question),),
        )


def _go_on(attempt: Attempt) -> None:
    remember(_shown(attempt), None)
    show_passage(None)


def _foot(attempt: Attempt, asked: Asked) -> None:
    with st.container(horizontal=True):
        st.button(
            say("quiz.wrong_question"),
            key=f"quiz-wrong-{asked.id}",
            type="tertiary",
            icon="🚫",
            help=say("quiz.wrong_help"),
            on_click=_refuse,
            args=(attempt, asked),
        )
        st.button(say("quiz.close"), key="quiz-close", type="tertiary", icon="⬅️", on_click=open_quiz, args=(None,))


def _refuse(attempt: Attempt, asked: Asked) -> None:
    assistant().quizzes.refuse(asked.id)
    _go_on(attempt)
    add_notice("success", say("quiz.wrong_done"))


def _shown(attempt: Attempt) -> str:
    return f"quiz answered:{attempt.id}"
