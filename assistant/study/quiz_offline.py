"""Makes questions without a model: terms and their definitions matched, blanks in sentences and tables. Knows no database.

Distractors are neighbouring terms; everything that looks like chance goes by a seed, so that a quiz can be made again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, zip_longest
from typing import TypeVar

from assistant.errors import Language
from assistant.knowledge.chunks import Chunk
from assistant.knowledge.term_names import Name
from assistant.language.folding import fold
from assistant.language.tongue import language_of
from assistant.study.quiz import BLANK, KINDS, TRUE_FALSE, Kind, Question, source_of
from assistant.study.quiz_tables import table_questions
from assistant.study.quiz_terms import Definition, columns, definitions_of, names_in

T = TypeVar("T")

OPTIONS = 4
_NEAR = 24  # neighbours that are looked at for distractors: with ten thousand terms a question costs what it does with fifty
_ENOUGH = 4  # sure definitions, beside which the doubtful ones are not needed
_LIKE, _SLACK = 2.5, 10  # how much longer the longest option may be, in times and in columns
_KEPT_WHOLE = re.compile(r"\$[^$\n]+\$|`[^`\n]+`|!?\[[^\]\n]*\]\([^)\n]*\)")

_SAID: dict[str, dict[Language, str]] = {
    "term": {"zh": "这段解释说的是哪个术语？\n\n> {text}", "en": "Which term does this explain?\n\n> {text}"},
    "meaning": {"zh": "**{term}** 是什么意思？", "en": "What does **{term}** mean?"},
    "pairs": {"zh": "哪些术语和解释配对正确？（可多选）", "en": "Which terms go with their explanation? (one or more)"},
    "claim": {"zh": "这个解释对吗？\n\n> **{term}**：{text}", "en": "Is this explanation right?\n\n> **{term}**: {text}"},
    "cloze": {"zh": "填空：\n\n> {text}", "en": "Fill in the blank:\n\n> {text}"},
    "short": {"zh": "用自己的话解释：**{term}**", "en": "Explain in your own words: **{term}**"},
    "pair": {"zh": "**{term}**：{text}", "en": "**{term}**: {text}"},
}  # fmt: skip


def offline_questions(
    chunks: Sequence[Chunk],
    number: int,
    kinds: Collection[Kind] = KINDS,
    seed: int = 0,
    refused: Collection[str] = (),
    known: Collection[str] = (),
    terms: Iterable[Name] = (),
) -> list[Question]:
    """Make up to ``number`` questions over these chunks, spread over the notes; ``terms`` are names that the notes use.

    ``refused`` are the fingerprints of questions that were wrong: they never come back. Those that are ``known`` already
    come last.
    """
    fresh: dict[str, Question] = {}
    again: dict[str, Question] = {}
    for one in _all(chunks, kinds, seed, terms):
        name = one.fingerprint
        if name not in refused:
            (again if name in known else fresh).setdefault(name, one)
        if len(fresh) == number:
            break
    return [*fresh.values(), *again.values()][:number]


def shuffled(values: Iterable[T], seed: int, about: str = "") -> list[T]:
    """Order values as if by chance, the same way each time for the same seed and subject."""
    marked = [(_draw(seed, f"{about}:{place}"), place, value) for place, value in enumerate(values)]
    return [value for _, _, value in sorted(marked, key=lambda one: one[:2])]


def alike(options: Sequence[str]) -> bool:
    """Tell whether no option gives itself away by its length."""
    widths = [columns(one) for one in options]
    return max(widths) <= _LIKE * min(widths) + _SLACK


def blanked(text: str, names: Sequence[str]) -> str:
    """Put a blank in place of each of these names, but not inside formulas, code and links."""
    kept = [found.span() for found in _KEPT_WHOLE.finditer(text)]
    for start, end in reversed(names_in(text, names)):
        if not any(first < end and start < last for first, last in kept):
            text = text[:start] + BLANK + text[end:]
    return re.sub(rf"(?:\*\*)?{BLANK}(?:\*\*)?(?:\s*[（(]\s*{BLANK}(?:\s*[,，、/]\s*{BLANK})*\s*[）)])?", BLANK, text)


def _draw(seed: int, about: str) -> bytes:
    return hashlib.sha256(f"{seed}:{about}".encode("utf-8", "surrogatepass")).digest()


def _all(chunks: Sequence[Chunk], kinds: Collection[Kind], seed: int, terms: Iterable[Name]) -> Iterator[Question]:
    """Yield what can be made, one question a subject first, then the same subjects asked in other ways."""
    known = definitions_of(chunks, terms)
    sure = [one for one in known if one.sure]
    known = sure if len(sure) >= _ENOUGH else known
    wanted = [kind for kind in KINDS if kind in kinds]
    subjects: dict[str, list[Callable[[Kind], Question | None]]] = {}
    for place, one in enumerate(known):
        subjects.setdefault(one.chunk.note, []).append(_asker(place, known, seed))
    for chunk in chunks:
        for asked in table_questions(chunk, lambda options, about: shuffled(options, seed, about)):
            if "single" in kinds and alike(asked.options):
                subjects.setdefault(chunk.note, []).append(_only(asked))
    by_note = [shuffled(subjects[note], seed, note) for note in shuffled(sorted(subjects), seed, "notes")]
    order = [ask for row in zip_longest(*by_note) for ask in row if ask]
    for turn in range(len(wanted)):
        for place, ask in enumerate(order):
            if question := ask(wanted[(place + turn) % len(wanted)]):
                yield question


def _only(question: Question) -> Callable[[Kind], Question | None]:
    return lambda kind: question if kind == question.kind else None


def _asker(place: int, known: Sequence[Definition], seed: int) -> Callable[[Kind], Question | None]:
    one = known[place]

    def ask(kind: Kind) -> Question | None:
        match kind:
            case "single":
                return _single(one, _neighbours(place, known), seed)
            case "multiple":
                return _multiple(one, _neighbours(place, known), seed)
            case "true_false":
                return _true_false(one, _neighbours(place, known), seed)
            case "cloze":
                return _cloze(one)
            case "short":
                return _question("short", one, _said("short", one), accepted=(one.text,))

    return ask


def _neighbours(place: int, known: Sequence[Definition]) -> list[Definition]:
    """Return the nearest other definitions, without those that may mean the same."""
    one = known[place]
    folder = one.chunk.note.rpartition("/")[0]

    def distance(at: int) -> tuple[int, int]:
        note = known[at].chunk.note
        far = 0 if note == one.chunk.note else 1 if note.rpartition("/")[0] == folder else 2
        return far, abs(at - place)

    ordered = sorted(range(len(known)), key=distance)
    return list(islice((known[at] for at in ordered if at != place and _apart(one, known[at])), _NEAR))


def _apart(one: Definition, other: Definition) -> bool:
    """Tell whether two definitions are surely of two things: no name of one stands in a name or in the text of the other."""
    if any(a in b or b in a for a in _folded(one.names) for b in _folded(other.names)):
        return False
    return not names_in(other.text, one.names) and not names_in(one.text, other.names)


@lru_cache(maxsize=8192)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(name).text for name in names)


def _single(one: Definition, others: Sequence[Definition], seed: int) -> Question | None:
    by_meaning = _draw(seed, one.term)[0] % 2 == 1
    for meaning in (by_meaning, not by_meaning):
        word: Callable[[Definition], str] = _masked if meaning else _term
        options = _with_distractors(one, others, word)
        if options:
            mixed = shuffled(options, seed, one.term)
            prompt = _said("meaning", one) if meaning else _said("term", one, _masked(one))
            return _question("single", one, prompt, tuple(mixed), (mixed.index(word(one)),))
    return None


def _with_distractors(one: Definition, others: Sequence[Definition], word: Callable[[Definition], str]) -> list[str]:
    """Return the right option and the nearest others of like length; nothing where there are fewer than two of these."""
    options = [word(one)]
    for other in others:
        if len(options) < OPTIONS and _same_script(one, other) and alike([*options, word(other)]):
            options += [word(other)] if fold(word(other)).text not in {fold(said).text for said in options} else []
    return options if len(options) > 2 else []


def _same_script(one: Definition, other: Definition) -> bool:
    return language_of(one.chunk.text) == language_of(other.chunk.text)


def _multiple(one: Definition, others: Sequence[Definition], seed: int) -> Question | None:
    """Offer pairs of term and explanation: this one right, one other right or wrong, the last two with each other's."""
    near = [other for other in others if _same_script(one, other)]
    near = [other for place, other in enumerate(near[:8]) if all(_apart(other, former) for former in near[:place])][:3]
    if len(near) < 3:
        return None
    second, third, fourth = near
    right = [_pair(one, one), _pair(second, second)]
    options = [*right, _pair(third, fourth), _pair(fourth, third)]
    if not alike(options):
        return None
    mixed = shuffled(options, seed, one.term)
    truth = "\n".join(f"- {_pair(each, each)}" for each in (one, *near))
    key = tuple(sorted(mixed.index(option) for option in right))
    return _question("multiple", one, _said("pairs", one), tuple(mixed), key, explanation=truth)


def _true_false(one: Definition, others: Sequence[Definition], seed: int) -> Question | None:
    false = _draw(seed, one.term)[1] % 2 == 1
    # A blank where another term stood would give the false ones away.
    fitting = (
        each
        for each in others
        if _same_script(one, each) and alike([each.text, one.text]) and _masked(each) == each.text
    )
    other = next(fitting, None) if false else one
    if other is None:
        return None
    text = other.text
    language = language_of(one.chunk.text)
    prompt = _said("claim", one, text)
    return _question(
        "true_false", one, prompt, TRUE_FALSE[language], (int(false),), explanation=_pair(one, one) if false else ""
    )


def _cloze(one: Definition) -> Question | None:
    """Blank the term in its own line; the other names stay out of sight with it."""
    line = re.sub(r"^[ \t>]*(?:[-*+•]|\d{1,3}[.)、])?[ \t]+(?=\S)", "", f" {one.line}").strip()
    text = f"{BLANK}：{_masked(one)}" if line.startswith("|") else blanked(line, one.names)
    if BLANK not in text or columns(text.replace(BLANK, "")) < 10:
        return None
    return _question("cloze", one, _said("cloze", one, text), accepted=one.names)


def _term(one: Definition) -> str:
    return one.term


def _masked(one: Definition) -> str:
    return blanked(one.text, one.names)


def _pair(one: Definition, other: Definition) -> str:
    return _said("pair", one, blanked(other.text, other.names))


def _said(name: str, one: Definition, text: str = "") -> str:
    """Fill in one of our sentences, in the language of the note."""
    fields = {"term": one.term, "text": text}
    return re.sub(r"{(\w+)}", lambda field: fields[field[1]], _SAID[name][language_of(one.chunk.text)])


def _question(
    kind: Kind,
    one: Definition,
    prompt: str,
    options: tuple[str, ...] = (),
    key: tuple[int, ...] = (),
    accepted: tuple[str, ...] = (),
    explanation: str = "",
) -> Question:
    language = language_of(one.chunk.text)
    return Question(
        kind, prompt, options, key, accepted, one.line, explanation, source_of(one.chunk, one.line), language
    )
