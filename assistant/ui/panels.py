"""What more than one page draws: errors, the look of a passage, the state of a sync, the choice of language."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import streamlit as st

from assistant.errors import AssistantError
from assistant.knowledge.job import SyncJob
from assistant.knowledge.notes import NOTICES, Problem
from assistant.knowledge.sync import SyncReport
from assistant.ui.i18n import LANGUAGES
from assistant.ui.index_bill import bill_words
from assistant.ui.money_text import grouped
from assistant.ui.reading_aids import reading_aids
from assistant.ui.render import plain
from assistant.ui.session import (
    assistant,
    choose_language,
    language,
    language_without_data,
    say,
    take_notices,
)

# The only style that the theme in .streamlit/config.toml cannot express: constants, never text from outside.
_MOST_NOTICED = 50
_APPEARANCE = """
<style>
.stMainBlockContainer { padding: 3rem clamp(1rem, 3vw, 3rem) 1rem; }
.st-key-passage { border-left: 4px solid #e0a526; background: rgba(224, 165, 38, 0.13); padding: 0.6rem 0.8rem;
  border-radius: 0.3rem; overflow-x: auto; }
::highlight(cited) { background-color: rgba(240, 170, 30, 0.5); }
.cite-quote { position: fixed; z-index: 1000000; max-width: min(26rem, calc(100vw - 1.5rem)); padding: 0.5rem 0.7rem; font-size: 0.85rem;
  line-height: 1.45; border: 1px solid rgba(128, 128, 128, 0.45); border-radius: 0.5rem; box-shadow: 0 4px 16px rgba(0, 0, 0, 0.25);
  pointer-events: none; overflow-wrap: anywhere; }
.cite-quote b { display: block; margin-bottom: 0.2rem; }
.st-key-evidence, .st-key-evidence-head { background: light-dark(#fdfcf9, #15191b); }
[data-testid="stLayoutWrapper"]:has(> .st-key-evidence-head) { position: sticky; top: 0; z-index: 3; margin-bottom: -0.6rem; }
.st-key-evidence { padding-top: 0; }
.st-key-evidence-head { flex-wrap: nowrap; padding: 0.5rem 0; }
.st-key-evidence-head > :first-child { flex: 1 1 auto; min-width: 0; overflow-wrap: anywhere; }
.st-key-page-steps { gap: 0.5rem; }
.st-key-page-steps button { min-height: 2rem; padding: 0 0.7rem; }
.st-key-page-picture img { border: 1px solid rgba(128, 128, 128, 0.4); }
@media (min-width: 641px) {
  [data-testid="stColumn"]:has(.st-key-evidence) { position: sticky; top: 3.75rem; align-self: flex-start; }
  .st-key-evidence { max-height: calc(100vh - 12rem); overflow-y: auto; }
}
@media (max-width: 640px) {
  [data-testid="stColumn"]:has(.st-key-evidence) { position: fixed; z-index: 90; left: 0; right: 0; top: 3.75rem; bottom: 8.5rem;
    width: 100%; max-width: none; padding: 0 0.5rem; }
  [data-testid="stColumn"]:has(.st-key-evidence) :is(div:has(> div .st-key-evidence), div:has(> .st-key-evidence)) { height: 100%; }
  .st-key-evidence { height: 100%; overflow-y: auto; box-shadow: 0 0 24px rgba(0, 0, 0, 0.35); }
}
.st-key-evidence :is(h1, h2, h3, h4, h5, h6) { font-size: 1.05rem; padding: 0.3rem 0; }
:is(.st-key-conversations, .st-key-found-conversations) :is(button, button > div) { justify-content: flex-start; width: 100%; }
:is(.st-key-conversations, .st-key-found-conversations) button p { text-align: left; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.st-key-open-chat { flex-wrap: nowrap; }
.st-key-open-chat > :first-child { min-width: 0; flex: 1 1 auto; }
.st-key-open-chat [data-testid="stPopoverButton"] { min-width: 4rem; }
[class*="st-key-actions-"] { gap: 0 0.8rem; }
[class*="st-key-actions-"] button { min-height: 1.8rem; padding: 0; }
[class*="st-key-sources-"] { gap: 0.4rem; }
[class*="st-key-sources-"] button { min-height: 1.8rem; padding: 0.1rem 0.7rem; border-radius: 1rem; text-align: left; }
[class*="st-key-sources-"] button p { font-size: 0.85rem; overflow-wrap: anywhere; }
[data-testid="stChatMessage"] blockquote { color: inherit; opacity: 1; border-left-width: 3px; }
[class*="st-key-wide-table-"] :is(th, td, th *, td *) { word-break: keep-all; overflow-wrap: normal; }
:is(.st-key-wide-table-calls, .st-key-wide-table-unfinished) td:is(:first-child, :nth-child(3)) * { white-space: nowrap; }
@media (max-width: 640px) { [class*="st-key-siblings-"] { margin-top: 1rem; } }
@media (max-width: 640px) { [class*="st-key-wide-table-"] table { min-width: 50rem; } }
/* A page without an entry of its own in the sidebar lights up the one that it shares. */
.stApp:has(.st-key-siblings-today) [data-testid="stSidebarNavLink"][href$="/today"],
.stApp:has(.st-key-siblings-review) [data-testid="stSidebarNavLink"][href$="/review"],
.stApp:has(.st-key-siblings-glossary) [data-testid="stSidebarNavLink"][href$="/glossary"],
.stApp:has(.st-key-siblings-settings) [data-testid="stSidebarNavLink"][href$="/settings"] { background: rgba(128, 128, 128, 0.2); }
[class*="st-key-siblings-"] { gap: 0.3rem; }
.st-key-mind-map { overflow-x: auto; }
.st-key-mind-map :is(div, svg) { max-width: none; }
.st-key-progress-figures { gap: 0.5rem 2.5rem; }
.st-key-grades { flex-wrap: nowrap; gap: 0.4rem; }
.st-key-grades > div { flex: 1 1 0; min-width: 0; }
.st-key-grades button { width: 100%; min-height: 3.2rem; padding: 0.2rem; }
.st-key-grades button p { font-size: 0.9rem; line-height: 1.25; }
.st-key-card-face { min-height: 9rem; overflow-x: auto; }
.st-key-quiz-prompt p { font-size: 1.1rem; }
[class*="st-key-quiz-option-"] :is(button, button > div) { justify-content: flex-start; text-align: left; }
[class*="st-key-card-front-"] p { font-weight: 600; }
:is(.st-key-card-face, [class*="st-key-new-"], [class*="st-key-card-"]) hr { margin: 0.2rem 0; }
.st-key-card-row { gap: 0 0.8rem; }
.st-key-bill thead { display: none; }
[data-testid="stPopoverBody"]:has(.st-key-picked) { width: min(26rem, 94vw); }
.st-key-compare { gap: 0.4rem; }
.st-key-compare p { font-size: 0.88rem; line-height: 1.35; margin: 0; }
.st-key-compare [data-testid="stMarkdownContainer"], .st-key-compare [data-testid="stCaptionContainer"] { margin-bottom: 0; }
.st-key-compare [data-testid="stColumn"] [data-testid="stVerticalBlock"] { gap: 0.1rem; }
[class*="st-key-compare-row-"] { border-top: 1px solid rgba(128, 128, 128, 0.25); padding-top: 0.4rem; }
@media (max-width: 640px) {
  .st-key-compare-head { display: none; }
  [class*="st-key-compare-row-"] [data-testid="stHorizontalBlock"] { gap: 0.1rem; }
}
/* White on the dark theme's light green could not be read: filled buttons and chosen values have one colour in both themes. */
[data-testid="stMultiSelectTagsContainer"] [data-tag] { background: #2f6f5e; color: #fff; }
[data-testid^="stBaseButton-primary"]:not(:disabled) { background: #2f6f5e; border-color: #2f6f5e; color: #fff; }
[data-testid^="stBaseButton-primary"]:not(:disabled):is(:hover, :focus, :active) { background: #265b4d; border-color: #6fbf9f; color: #fff; }
/* Streamlit's own words, which it has in English only, and a list of every suffix; the hint to press Enter also covers what is typed into a narrow field. */
[data-testid="InputInstructions"], [data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
:lang(zh) [data-testid="stFileUploaderDropzone"] button p { font-size: 0; }
:lang(zh) [data-testid="stFileUploaderDropzone"] button p::after { content: "选择文件"; font-size: 0.875rem; }
a[href^="#cite-"] { text-decoration: none; font-size: 0.78em; vertical-align: 0.12em; padding: 0.05em 0.35em; margin: 0 0.1em;
  border-radius: 0.6em; background: rgba(120, 150, 160, 0.2); }
a[href^="#cite-"]:is(:hover, :focus-visible) { background: rgba(120, 150, 160, 0.45); }
</style>
"""


def appearance() -> None:
    """Put the constant style sheet on the page, and tell the browser its language."""
    st.html(_APPEARANCE)
    reading_aids(language_without_data())


@contextlib.contextmanager
def errors() -> Iterator[None]:
    """Show an error of ours as one sentence and the next step; the page's one place for it."""
    try:
        yield
    except AssistantError as error:
        show_error(error)


def show_error(error: AssistantError, container: st.delta_generator.DeltaGenerator | None = None) -> None:
    """Draw what happened and what to do next, in the learner's language."""
    spoken = language_without_data()
    (container or st).error(f"{plain(error.message(spoken))}\n\n{plain(error.hint(spoken))}", icon="⚠️")


def language_choice() -> None:
    """Offer both languages at the foot of the sidebar; the choice takes effect at once."""
    names = list(LANGUAGES)
    with st.sidebar:
        chosen = st.segmented_control(
            say("app.language"),
            names,
            default=language(),
            format_func=lambda code: LANGUAGES[code],
            key="language-choice",
        )
    if chosen is not None and chosen != language():
        choose_language(chosen)
        st.rerun()


def notices() -> None:
    """Draw what happened in the run before and has to be read."""
    with st.container():  # there always, or a notice that goes would close what is folded open below it
        for level, text in take_notices():
            if level == "error":
                st.error(text, icon="⚠️")
            elif level == "success":
                st.success(text)
            else:
                st.info(text)


def sync_progress(job: SyncJob) -> None:
    """Draw a running sync with the file and page it is at."""
    progress = job.progress
    if progress is None:
        st.progress(0.0, say("library.starting"))
        return
    share = progress.done / max(1, progress.total)
    values = {"path": plain(progress.path), "done": progress.done + 1, "total": progress.total}
    if progress.pages:
        share += progress.page / progress.pages / max(1, progress.total)
        text = say("library.syncing_page", page=progress.page, pages=progress.pages, **values)
    else:
        text = say("library.syncing", **values)
    if progress.waiting:
        error, seconds = progress.waiting
        text = say("chat.waiting", reason=plain(error.message(language_without_data())), seconds=f"{seconds:.0f}")
    st.progress(min(1.0, share), text)


def sync_report(report: SyncReport) -> None:
    """Draw what a sync did: one line of numbers, and one line for each file that needs attention."""
    st.caption(
        say(
            "library.report_line",
            notes=report.notes,
            chunks=report.chunks,
            added=len(report.added),
            changed=len(report.changed),
            removed=len(report.removed),
            renamed=len(report.renamed),
            unchanged=report.unchanged,
            seconds=f"{report.seconds:.1f}",
        )
    )
    entry = assistant().embedder.entry
    if report.embedded_chunks and entry.provider != "offline":
        values = {"chunks": grouped(report.embedded_chunks), "tokens": grouped(report.embedding_tokens)}
        st.caption(say("library.embedded", cost=bill_words(report.cost, entry), **values))
    for folder in report.missing_folders:
        st.warning(say("library.missing_folder", folder=plain(folder)), icon="📂")
    if report.ocr_pages:
        st.caption(say("ocr.read_now", count=report.ocr_pages))
    if report.needs_ocr:
        st.caption(say("ocr.report", count=len(report.needs_ocr)))
    if report.unsettled:
        st.caption(say("library.unsettled", names=plain(", ".join(report.unsettled[:5])), count=len(report.unsettled)))
    if report.noticed:
        with st.expander(say("library.noticed", count=len({path for path, _ in report.noticed})), icon="👁️"):
            for path, notice in report.noticed[:_MOST_NOTICED]:
                st.markdown(f"- {plain(path)}: {plain(_problem(notice))}")
    if report.failed:
        with st.expander(say("library.failed", count=len(report.failed)), icon="🔴"):
            for _, error in report.failed:
                st.markdown(
                    f"- {plain(error.message(language_without_data()))} {plain(error.hint(language_without_data()))}"
                )
    if report.skipped:
        with st.expander(say("library.skipped", count=len(report.skipped))):
            rows = [{"path": skipped.path, "reason": say(f"skip.{skipped.reason}")} for skipped in report.skipped[:500]]
            st.dataframe(rows, hide_index=True, column_config={"path": say("library.column_note"), "reason": ""})


def problem_lines(path: str) -> list[str]:
    """Say what of a note could not be read, one line each."""
    note = next((note for note in assistant().store.notes() if note.place.path == path), None)
    if note is None:
        return []
    return [_problem(problem) for problem in note.problems]


def _problem(problem: Problem) -> str:
    line = say(f"problem.{problem.reason}", pages=ranges(problem.pages))
    # A notice is about pages only where the note has some.
    pages = say("problem.on_pages", pages=ranges(problem.pages)) if problem.reason in NOTICES and problem.pages else ""
    return f"{line} {pages}".rstrip()


def ranges(pages: Sequence[int]) -> str:
    """Write 1, 2, 3, 7 as 1–3, 7."""
    parts: list[list[int]] = []
    for page in pages:
        if parts and page == parts[-1][-1] + 1:
            parts[-1].append(page)
        else:
            parts.append([page])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in parts)
