"""Writes a folder of made-up study notes, Chinese and English, as many and as large as wanted; the same ones every time.

New sentences from a chain over the words of the sample notes, so that no passage stands there twice, sprinkled with
names and numbers that occur only once, as in real notes.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "notes"
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*|[\u4e00-\u9fff]")
_RARE = 0.03  # the share of words that are a name or number of their own


class Chain:
    """Makes sentences in one language from the pairs of words that follow each other in the samples."""

    def __init__(self, words: list[str], chance: random.Random, joint: str, end: str) -> None:
        self._after: dict[str, list[str]] = defaultdict(list)
        for word, following in pairwise(words):
            self._after[word].append(following)
        self._words = words
        self._chance = chance
        self._joint, self._end = joint, end

    def sentence(self, shortest: int, longest: int) -> str:
        word = self._chance.choice(self._words)
        written = []
        for _ in range(self._chance.randint(shortest, longest)):
            rare = self._chance.random() < _RARE
            written.append(f"{self._joint}x{self._chance.randrange(16**6):06x}{self._joint}".strip() if rare else word)
            word = self._chance.choice(self._after.get(word) or self._words)
        return self._joint.join(written) + self._end


class Writer:
    """Writes notes section by section: paragraphs, lists, code, tables and formulas."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        words = [word for file in sorted(SAMPLES.rglob("*.md")) for word in _WORD.findall(file.read_text("utf-8"))]
        self._chains = (
            Chain([word for word in words if not word.isascii()], self._chance, "", "。"),
            Chain([word.lower() for word in words if word.isascii()], self._chance, " ", ". "),
        )

    def note(self, number: int, size: int) -> str:
        """Return a note of at least so many bytes of UTF-8, and a section more at most."""
        title = f"# 笔记 {number} {self._sentence(3, 6)}"
        written, length = [title], len(title.encode())
        while length < size:
            section = self._section()
            written.append(section)
            length += len(section.encode()) + 2
        return "\n\n".join(written) + "\n"

    def _sentence(self, shortest: int = 8, longest: int = 30) -> str:
        return self._chance.choice(self._chains).sentence(shortest, longest)

    def _paragraph(self) -> str:
        chain = self._chance.choice(self._chains)
        return "".join(chain.sentence(8, 30) for _ in range(self._chance.randint(2, 7))).strip()

    def _section(self) -> str:
        parts = [f"{'#' * self._chance.choice((2, 2, 3))} {self._sentence(3, 8).strip('。. ')}"]
        for _ in range(self._chance.randint(1, 4)):
            parts.append(
                self._chance.choice((self._paragraph, self._paragraph, self._paragraph, self._list, self._rest))()
            )
        return "\n\n".join(parts)

    def _list(self) -> str:
        return "\n".join(f"- {self._sentence().strip()}" for _ in range(self._chance.randint(3, 8)))

    def _rest(self) -> str:
        number = self._chance.randrange(10**6)
        code = "\n".join(f"value_{row} = step({number}, {row * 7}) + value_{row - 1}" for row in range(1, 8))
        table = "\n".join(f"| {self._sentence(2, 4).strip()} | {row * number % 997} |" for row in range(1, 6))
        return self._chance.choice(
            (
                f"```python\n{code}\n```",
                f"| 名称 | value |\n| --- | --- |\n{table}",
                f"$$\nL_{{{number}}} = \\sum_i w_i x_i^2\n$$",
            )
        )


def write_notes(folder: Path, notes: int, megabytes: float) -> int:
    """Write the notes into folders of fifty each; return their size in bytes."""
    writer, total = Writer(7), 0
    for number in range(notes):
        file = folder / f"{number // 50:03d}" / f"note-{number:05d}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        text = writer.note(number, max(200, int((number + 1) * megabytes * 1e6 / notes) - total)).encode()
        file.write_bytes(text)
        total += len(text)
    return total
