"""The learner's glossary: what the notes define, duplicates merged, differing definitions side by side. Knows no screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assistant.knowledge import terms
from assistant.knowledge.store import Store
from assistant.knowledge.term_names import Name
from assistant.knowledge.terms import Mined
from assistant.language.cells import as_csv
from assistant.language.folding import fold

COLUMNS = ("zh", "en", "abbreviation", "definition", "differs", "places")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands."""

    note: str
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Term:
    """A term with one of its definitions, and every place that says it so; ``differs`` where others define it otherwise."""

    name: Name
    definition: str
    places: tuple[Place, ...]
    differs: bool

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form; parts that are not known are empty."""
        first, *others = self.places
        return {
            "zh": self.name.zh,
            "en": self.name.en,
            "abbreviation": self.name.abbreviation,
            "definition": self.definition,
            "note": first.note,
            "lines": list(first.lines),
            "also": [{"note": place.note, "lines": list(place.lines)} for place in others],
            "differs": self.differs,
        }


@dataclass(slots=True)
class _Entry:
    """All places of one term; its keys are filled up as further spellings turn up."""

    name: Name
    mined: list[Mined] = field(default_factory=list)

    def takes(self, name: Name) -> bool:
        """Tell whether a name means this term: a spelling in common, and none that contradicts."""
        (zh, en, short), (other_zh, other_en, other_short) = self.name.keys, name.keys
        one_short = bool(short) and short == other_short
        same_zh, same_en = zh == other_zh, en == other_en or (one_short and _begins(en, other_en))
        if (zh and other_zh and not same_zh) or (en and other_en and not same_en):
            return False
        if short and other_short:
            return one_short
        if zh and other_zh:
            return True
        # By its English name alone: "agent" is not "Agent2Agent (A2A)", whose letters it does not have.
        return bool(en and other_en) and _spelled(short, name.en) and _spelled(other_short, self.name.en)

    def add(self, mined: Mined) -> None:
        """Take a place in, with the spellings that were missing."""
        own, new = self.name, mined.name
        self.name = Name(own.zh or new.zh, own.en or new.en, own.abbreviation or new.abbreviation)
        self.mined.append(mined)


def glossary_csv(terms: Iterable[Term]) -> bytes:
    """Write terms as a table file, a line for each thing that is said of one, with all the places that say it."""
    rows = [
        [
            *(term.name.zh, term.name.en, term.name.abbreviation, term.definition, "yes" if term.differs else "no"),
            "\n".join(f"{place.note}:{place.lines[0]}" for place in term.places),
        ]
        for term in terms
    ]
    return as_csv([COLUMNS, *rows])


def glossary(store: Store) -> list[Term]:
    """List what the notes define, by name; a term that is only named has an empty definition."""
    entries = _entries(terms.read(store.database.connection))
    return [term for entry in sorted(entries, key=_by_name) for term in _terms(entry)]


def _entries(mined: Iterable[Mined]) -> list[_Entry]:
    """Merge the places of each term; those that say most of its name come first, so that the others find it."""
    entries: list[_Entry] = []
    known: dict[str, list[_Entry]] = {}
    for one in sorted(mined, key=lambda one: (-sum(map(bool, one.name.keys)), -len(one.name.en))):
        candidates = [entry for key in one.name.keys if key for entry in known.get(key, [])]
        entry = next((entry for entry in candidates if entry.takes(one.name)), None)
        if entry is None:
            entry = _Entry(one.name)
            entries.append(entry)
        entry.add(one)
        for key in filter(None, entry.name.keys):
            if entry not in known.setdefault(key, []):
                known[key].append(entry)
    return entries


def _terms(entry: _Entry) -> Iterator[Term]:
    """Yield a term once for each thing that is said of it, in the order of the notes."""
    said: dict[str, list[Mined]] = {}
    for mined in sorted(entry.mined, key=lambda one: (one.note, one.lines)):
        said.setdefault(_folded(mined.definition), []).append(mined)
    named = said.pop("", [])
    for number, same in enumerate(said.values() if said else [named]):
        everywhere = [*same, *named] if said and number == 0 else same
        places = dict.fromkeys(Place(one.note, one.lines) for one in everywhere)
        yield Term(entry.name, same[0].definition, tuple(places), differs=len(said) > 1)


def _begins(one: str, other: str) -> bool:
    """Tell whether a name is the beginning of the other: "multi-query" of "multi-query attention"."""
    return f"{one} ".startswith(f"{other} ") or f"{other} ".startswith(f"{one} ")


def _spelled(short: str, name: str) -> bool:
    """Tell whether the letters of an abbreviation stand in a name in their order; X may stand for "cross" or "ex"."""
    letters = iter(name.casefold())
    return all(letter in letters for letter in short if letter.isalnum() and letter != "x")


def _folded(definition: str) -> str:
    return fold(re.sub(r"\W+$", "", definition)).text


def _by_name(entry: _Entry) -> tuple[str, str]:
    return ((entry.name.en or entry.name.abbreviation or entry.name.zh).casefold(), entry.name.zh)
