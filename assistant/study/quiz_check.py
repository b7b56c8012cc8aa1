"""Holds a question that a model wrote against its passage: what can be defended becomes a question, the rest is refused.

Knows words and figures, not meaning; it refuses rather too much, because a wrong question teaches something wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal, cast, get_args

from assistant.answers.quotes import passage_of, quotes
from assistant.answers.statements import Claim
from assistant.answers.support import coverage, denied, foreign_figures, ground
from assistant.knowledge.chunks import Chunk
from assistant.language.folding import fold
from assistant.language.tongue import language_of
from assistant.study.quiz import BLANK, TRUE_FALSE, Kind, Question, source_of
from assistant.study.quiz_json import Written
from assistant.study.quiz_offline import alike, shuffled

Fault = Literal[
    "kind", "question", "passage", "quote", "options", "same_options", "lengths", "key", "several_keys", "given_away",
    "not_in_passage", "blank", "cut_catch_all",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = get_args(Fault)

_ENOUGH = 0.5  # of an answer that must stand in the passage, where both are in one language
_LONGEST_QUESTION, _LONGEST_BLANK = 1_500, 60
_BLANKS = re.compile(r"_{2,}|＿{2,}|\[(?:blank|空)\]|（\s{2,}）|\(\s{2,}\)")
_CATCH_ALL = re.compile(
    r"以上(?:都|全|皆|均|所有)|(?:都|全)(?:是|不是|对|不对|正确|错误)$|\b(?:all|none|both|neither) of (?:the )?(?:above|these|them)",
    re.I,
)
_BY_LETTER = re.compile(
    r"(?:选项|答案|option|answer|choice)\s*(?:是|为|is)?\s*[（(]?[A-H1-8]\b|\b[A-H]\s*(?:项|is (?:right|correct|wrong)|正确|错)",
    re.I,
)
_KINDS: dict[str, Kind] = {
    "single_choice": "single", "multiple_choice": "single", "mcq": "single", "单选": "single", "多选": "multiple",
    "truefalse": "true_false", "true_or_false": "true_false", "判断": "true_false", "填空": "cloze",
    "fill_in_the_blank": "cloze", "简答": "short", "short_answer": "short",
}  # fmt: skip
_TRUE = frozenset(["true", "right", "yes", "对", "正确", "是", "√", "t"])
_FALSE = frozenset(["false", "wrong", "no", "错", "错误", "否", "×", "f", "不对", "不正确"])


def checked(written: Written, chunks: Sequence[Chunk], kinds: Collection[Kind], seed: int) -> Question | Fault:
    """Return the question with its key shuffled by the seed, or why it cannot be asked."""
    kind = _kind(written)
    if kind is None or kind not in kinds:
        return "kind"
    if not re.search(r"\w", written.question) or len(written.question) > _LONGEST_QUESTION:
        return "question"
    found = _quoted(written, chunks)
    if isinstance(found, str):
        return found
    chunk, quote = found
    match kind:
        case "single" | "multiple":
            return _choice(kind, written, chunk, quote, seed)
        case "true_false":
            return _true_false(written, chunk, quote)
        case "cloze":
            return _cloze(written, chunk, quote)
        case "short":
            return _short(written, chunk, quote)


def _kind(written: Written) -> Kind | None:
    if written.kind in get_args(Kind):
        return cast("Kind", written.kind)
    kind = _KINDS.get(written.kind)
    return "multiple" if kind == "single" and len(written.right) > 1 else kind


def _quoted(written: Written, chunks: Sequence[Chunk]) -> tuple[Chunk, str] | Fault:
    """Find the passage that holds the quotation: the one that was named, else another; small slips are set right."""
    if not re.search(r"\w", written.quote):
        return "quote"
    number = written.passage
    named = [chunks[number - 1]] if number is not None and 1 <= number <= len(chunks) else []
    claim = Claim(0, len(written.quote), written.quote, (), (), True)
    for chunk in (*named, *chunks):
        judged = quotes([claim], written.quote, [passage_of(1, f"{chunk.piece.lead}\n{chunk.text}")])
        if judged and judged[0].state == "verified":
            return chunk, written.quote
        if judged and judged[0].state == "altered" and judged[0].says:
            return chunk, judged[0].says
    return "quote"


def _choice(kind: Kind, written: Written, chunk: Chunk, quote: str, seed: int) -> Question | Fault:
    options = written.options
    if not 3 <= len(options) <= 6 or not all(re.search(r"\w|\$", one) for one in options):
        return "options"
    folded = [fold(one).text or one for one in options]
    if len(set(folded)) < len(folded):
        return "same_options"
    if any(_CATCH_ALL.search(one) for one in options):
        return "cut_catch_all"
    if not written.right or len(written.right) == len(options):
        return "key"
    if kind == "single" and len(written.right) > 1:
        return "several_keys"
    if not alike(options):
        return "lengths"
    fault = _undefended(kind, written, chunk, quote, folded)
    if fault:
        return fault
    mixed = shuffled(range(len(options)), seed, written.question)
    key = tuple(sorted(mixed.index(place) for place in written.right))
    return _question(kind, written, chunk, quote, written.question, tuple(options[place] for place in mixed), key)


def _undefended(kind: Kind, written: Written, chunk: Chunk, quote: str, folded: Sequence[str]) -> Fault | None:
    """Say why a key cannot be defended: the passage lacks it, the question tells it, or another option stands in the quotation."""
    right = [written.options[place] for place in sorted(written.right)]
    asked, rest = fold(written.question).text, fold(quote).text
    if kind == "single" and len(fold(right[0]).text) > 1 and fold(right[0]).text in asked:
        return "given_away"
    if not all(_supported(one, written.question, chunk) for one in right):
        return "not_in_passage"
    for place in written.right:
        rest = rest.replace(folded[place], " ")
    others = [folded[place] for place in range(len(folded)) if place not in written.right]
    if kind == "single" and any(len(one) > 2 and one in rest and one not in asked for one in others):
        return "several_keys"
    return None


def _supported(answer: str, question: str, chunk: Chunk) -> bool:
    """Tell whether a passage holds an answer: its words where the languages are one, and its figures in any case."""
    known = ground("\n".join([chunk.title, *chunk.piece.heading, chunk.piece.lead, chunk.text]))
    if foreign_figures(answer, [known], question):
        return False
    if language_of(answer, chunk.text) != language_of(chunk.text):
        return True
    return coverage(answer, [known]) >= _ENOUGH or fold(answer).text in fold(chunk.text).text


def _true_false(written: Written, chunk: Chunk, quote: str) -> Question | Fault:
    said = written.answer.strip(" .。!！").casefold()
    if said not in _TRUE | _FALSE:
        return "key"
    true = said in _TRUE
    statement = written.question
    known = ground(f"{chunk.piece.lead}\n{chunk.text}")
    if true and (foreign_figures(statement, [known], "") or denied(statement, [known])):
        return "key"
    if true and not _supported(statement, "", chunk):
        return "not_in_passage"
    if not true and fold(statement).text in fold(chunk.text).text:
        return "key"
    options = TRUE_FALSE[language_of(statement, chunk.text)]
    return _question("true_false", written, chunk, quote, statement, options, (0 if true else 1,))


def _cloze(written: Written, chunk: Chunk, quote: str) -> Question | Fault:
    blanks = _BLANKS.findall(written.question)
    accepted = tuple(dict.fromkeys(one.strip() for one in re.split(r"\s*[|｜]\s*", written.answer) if one.strip()))
    if len(blanks) != 1 or not accepted or len(accepted[0]) > _LONGEST_BLANK:
        return "blank"
    prompt = _BLANKS.sub(BLANK, written.question)
    if not fold(accepted[0]).text or fold(accepted[0]).text not in fold(f"{chunk.piece.lead}\n{chunk.text}").text:
        return "not_in_passage"
    if len(fold(accepted[0]).text) > 1 and fold(accepted[0]).text in fold(prompt).text:
        return "given_away"
    return _question("cloze", written, chunk, quote, prompt, accepted=accepted)


def _short(written: Written, chunk: Chunk, quote: str) -> Question | Fault:
    if not re.search(r"\w{2}", written.answer):
        return "key"
    if not _supported(written.answer, written.question, chunk):
        return "not_in_passage"
    return _question("short", written, chunk, quote, written.question, accepted=(written.answer,))


def _question(
    kind: Kind,
    written: Written,
    chunk: Chunk,
    quote: str,
    prompt: str,
    options: tuple[str, ...] = (),
    key: tuple[int, ...] = (),
    accepted: tuple[str, ...] = (),
) -> Question:
    # Options have been mixed: an explanation that speaks of them by letter would mislead.
    explanation = "" if options and _BY_LETTER.search(written.explanation) else written.explanation
    language = language_of(prompt, chunk.text)
    return Question(
        kind, prompt, options, key, accepted, quote, explanation, source_of(chunk, quote), language, "model"
    )
