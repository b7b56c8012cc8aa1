"""The one way for notes, PDFs, model output, file names, titles and errors to reach the screen.

What a page shows of them goes through ``draw``, ``safe_markdown`` or ``plain``. Knows no note and no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.errors import Language
from assistant.ui.characters import plain, visible
from assistant.ui.grammar import outdent, parse
from assistant.ui.images import note_images
from assistant.ui.inline import Citations, Images, InlineWriter
from assistant.ui.markdown import BlockWriter, fenced, paragraph
from assistant.ui.remarks import Remark, with_remarks, without_stray

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

__all__ = ["draw", "note_images", "plain", "safe_markdown", "visible"]

LONGEST_MESSAGE = 20_000
_LONGEST_REST = 400_000
_CUT: dict[Language, str] = {
    "zh": "……以上是前 {} 个字符，其余的按纯文本显示。",
    "en": "… These are the first {} characters; the rest is shown as plain text.",
}
_REST: dict[Language, str] = {"zh": "其余的文本", "en": "The rest of the text"}


def safe_markdown(
    text: str,
    *,
    images: Images | None = None,
    citations: Citations | None = None,
    language: Language = "zh",
    remarks: Mapping[int, Remark] | None = None,
) -> str:
    """Rewrite foreign Markdown so that showing it fetches nothing, runs nothing and hides nothing.

    ``images`` turns the address of a local image into one that may be shown, ``citations`` the number of a marker
    such as [2] into the anchor of its link; what they do not know stays text. ``remarks`` are marks of ours by
    their place in the text, which one that is too long goes without. Call it on the whole text so far
    while an answer streams in: a frame never depends on how the text was cut into pieces.
    """
    head, rest = split_long(visible(with_remarks(text, (remarks or {}) if len(text) < LONGEST_MESSAGE else {})))
    head = outdent(head)
    tree = parse(head, references=citations is None)
    bare = without_stray(head)
    writer = BlockWriter(InlineWriter(images, citations, language), bare)
    written = fenced(bare) if tree is None else writer.write(tree.children)
    return f"{written}\n\n{paragraph(_CUT[language].format(len(head)))}" if rest else written


def split_long(text: str) -> tuple[str, str]:
    """Cut a text that would freeze the page, if possible at the end of a line."""
    if len(text) <= LONGEST_MESSAGE:
        return text, ""
    cut = text.rfind("\n", LONGEST_MESSAGE - 2_000, LONGEST_MESSAGE) + 1 or LONGEST_MESSAGE
    return text[:cut], text[cut:]


def draw(
    text: str,
    *,
    images: Images | None = None,
    citations: Citations | None = None,
    container: DeltaGenerator | None = None,
    language: Language = "zh",
    remarks: Mapping[int, Remark] | None = None,
) -> None:
    """Show foreign Markdown, in a container if given; what is too long to be formatted follows as plain text."""
    import streamlit as st

    written = safe_markdown(text, images=images, citations=citations, language=language, remarks=remarks)
    _, rest = split_long(visible(text))
    target = st if container is None else container
    if not rest:
        target.markdown(written)
        return
    with target.container():
        st.markdown(written)
        with st.expander(_REST[language]):
            st.code(rest[:_LONGEST_REST], language=None, wrap_lines=True, height=400)
