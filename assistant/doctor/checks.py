"""What a check is, and running checks one after another. Knows nothing of what is checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.doctor.texts import NOTHING, hint_of, message_of
from assistant.errors import AssistantError, Language, Said

Group = Literal["machine", "chat", "embedding", "ollama"]
State = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; ``hint`` is the next step. Skipped: there was nothing to judge, and it says why."""

    state: State
    message: Said
    hint: Said = field(default_factory=lambda: NOTHING)


def ok(message: Said, hint: Said = NOTHING) -> Finding:
    """Find that it works; a hint may still say what is worth knowing."""
    return Finding("ok", message, hint)


def failed(message: Said, hint: Said = NOTHING) -> Finding:
    """Find that it does not work, and say what to do."""
    return Finding("failed", message, hint)


def skipped(message: Said) -> Finding:
    """Find nothing to judge."""
    return Finding("skipped", message)


def found(error: AssistantError) -> Finding:
    """Find what an error tells."""
    return failed(message_of(error), hint_of(error))


@dataclass(frozen=True, slots=True)
class Step:
    """A check that is still to be made."""

    group: Group
    name: str
    look: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """A check that was made, with the time it took."""

    group: Group
    name: str
    finding: Finding
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, be it that nothing could be judged."""
        return self.finding.state != "failed"

    def as_json(self, language: Language) -> dict[str, Any]:
        """Return the contract's form, in one language."""
        return {
            "group": self.group,
            "name": self.name,
            "ok": self.ok,
            "skipped": self.finding.state == "skipped",
            "message": self.finding.message[language],
            "hint": self.finding.hint[language],
            "seconds": round(self.seconds, 3),
        }


def run(steps: Iterable[Step]) -> Iterator[Check]:
    """Make each check when it is asked for, so that a page shows one before the next begins; errors of ours are findings."""
    for step in steps:
        started = time.perf_counter()
        try:
            finding = step.look()
        except AssistantError as error:
            finding = found(error)
        yield Check(step.group, step.name, finding, time.perf_counter() - started)
