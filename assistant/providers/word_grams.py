"""The triples and fours of letters in words, the words themselves, and their checksums, for many texts at once.

Every word is marked ``^word$`` first, so that its ends are told from its middle. ASCII words are cut over whole arrays.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from assistant.providers.gram_counts import Grams, counted, different, nothing_taken, take

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    # The names of some grams and their checksums; equal names are equal grams, far surer than equal checksums.
    Named = tuple[NDArray[np.uint64], NDArray[np.uint32]]

_SIZES = (3, 4)  # a whole word is a gram too, of the same name where it is no longer than these


def word_grams(texts: Sequence[Mapping[str, int]]) -> Grams:
    """Return the different grams of the texts, each given as its words with how often they stand there."""
    import numpy as np

    words = set().union(*texts)
    plain, others = [word for word in words if word.isascii()], [word for word in words if not word.isascii()]
    parts = [_ascii_grams(plain), *map(_keys, others)]
    lengths = np.array([*(2 * len(word) for word in plain), *(len(names) for names, _ in parts[1:])], np.int64)
    names, codes = (np.concatenate(column) for column in zip(*parts, strict=True))
    grams, code_of = different(names, codes)

    number = {word: place for place, word in enumerate([*plain, *others])}
    word_at = np.array([number[word] for text in texts for word in text], np.int64)
    each = lengths[word_at]
    often = np.fromiter(chain.from_iterable(text.values() for text in texts), np.float64)
    of_text = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    # Where the grams of each word begin, less how many were listed before it, and so one after the other.
    begin = (np.cumsum(lengths) - lengths)[word_at] - (np.cumsum(each) - each)
    place = np.repeat(begin, each) + np.arange(int(each.sum()))
    return counted(np.repeat(of_text, each), grams[place], code_of, np.repeat(often, each))


def _ascii_grams(words: Sequence[str]) -> Named:
    """Return the grams of ASCII words, word by word: twice as many as it has letters."""
    import numpy as np

    marked = [f"^{word}$".encode() for word in words]
    lengths = np.fromiter(map(len, marked), np.int64, len(marked))
    signs = np.frombuffer(b"".join(marked), np.uint8).astype(np.uint32)
    ends = np.cumsum(lengths) - 1
    at = np.arange(len(signs)) - np.repeat(ends + 1 - lengths, lengths)
    names = np.zeros((len(signs), 3), np.uint64)
    codes = np.zeros((len(signs), 3), np.uint32)
    state, name = nothing_taken(len(signs)), np.zeros(len(signs), np.uint64)
    for size in range(1, _SIZES[-1] + 1):
        state, name = take(np.roll(state, 1), signs), (np.roll(name, 1) << np.uint64(8)) | signs
        if size in _SIZES:
            names[:, size - _SIZES[0]], codes[:, size - _SIZES[0]] = name, ~state
    codes[ends, 2], names[ends, 2] = _wholes(marked)
    there = np.zeros(names.shape, np.bool_)
    there[ends, 2] = True
    for row, size in enumerate(_SIZES):
        there[:, row] = at >= size - 1
        names[ends[lengths == size], 2] = names[ends[lengths == size], row]
    return names[there], codes[there]


def _wholes(words: Sequence[bytes]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Return the checksums of long grams, and their names as ``_name`` has it."""
    import numpy as np

    codes = np.fromiter(map(zlib.crc32, words), np.uint32, len(words))
    return codes, (np.fromiter(map(zlib.adler32, words), np.uint64, len(words)) << np.uint64(32)) | codes


@lru_cache(maxsize=20_000)
def _keys(word: str) -> Named:
    """Name each gram of a word in any script."""
    import numpy as np

    marked = f"^{word}$"
    grams = [gram.encode("utf-8", "surrogatepass") for gram in (marked, *_slices(marked, _SIZES))]
    # crc32, not hash(): Python salts hash() anew in every process.
    return np.array([_name(gram) for gram in grams], np.uint64), np.array(
        [zlib.crc32(gram) for gram in grams], np.uint32
    )


def _name(gram: bytes) -> int:
    """Return the bytes of a short gram as a number, and two checksums of a long one."""
    return int.from_bytes(gram) if len(gram) <= _SIZES[-1] else (zlib.adler32(gram) << 32) | zlib.crc32(gram)


def _slices(run: str, sizes: tuple[int, ...]) -> Iterator[str]:
    return (run[start : start + size] for size in sizes for start in range(len(run) - size + 1))
