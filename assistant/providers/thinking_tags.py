"""Takes thinking that a server left inside its answer, between <think> tags, out of it again. Knows no provider.

Some servers pass a model's words on as they come. Only tags that open the answer count: further down they are its subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assistant.providers.base import Delta

_OPENS, _CLOSES = "<think>", "</think>"


def thinking_apart(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """Yield the pieces with such thinking where thinking belongs; one that never closes is all thinking."""
    sieve = _Sieve()
    for delta in deltas:
        if delta.finish is not None or delta.usage is not None:
            yield from sieve.rest()
        if not delta.text:
            yield delta
            continue
        text, thinking = sieve.take(delta.text)
        piece = replace(delta, text=text, thinking=delta.thinking + thinking)
        if piece != Delta():
            yield piece
    yield from sieve.rest()


class _Sieve:
    """Where in the answer the stream stands, and the few characters that may still become a tag."""

    def __init__(self) -> None:
        self._place = "start"
        self._held = ""

    def take(self, text: str) -> tuple[str, str]:
        """Return what of a text is answer and what is thinking."""
        self._held += text
        thinking = ""
        if self._place == "start":
            begun = self._held.lstrip()
            if _OPENS.startswith(begun[: len(_OPENS)]) and len(begun) < len(_OPENS):
                return "", ""
            self._place = "thinking" if begun.startswith(_OPENS) else "answer"
            self._held = begun.removeprefix(_OPENS) if self._place == "thinking" else self._held
        if self._place == "thinking":
            thinking, closed, after = self._held.partition(_CLOSES)
            if not closed:
                keep = next((n for n in range(len(_CLOSES) - 1, 0, -1) if thinking.endswith(_CLOSES[:n])), 0)
                self._held = thinking[len(thinking) - keep :]
                return "", thinking[: len(thinking) - keep]
            self._place, self._held = "answer", after.lstrip("\n")
        answer, self._held = self._held, ""
        return answer, thinking

    def rest(self) -> Iterator[Delta]:
        """Yield what was held back, now that nothing more comes."""
        held, self._held = self._held, ""
        if held:
            yield Delta(thinking=held) if self._place == "thinking" else Delta(held)
