"""Waiting is honest, short enough, can be stopped, and never sends twice what has begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from assistant.errors import Cancelled, KeyRefused, ModelError, ProviderDown, QuotaExceeded, RateLimited
from assistant.providers.base import Delta
from assistant.providers.retry import begun, retrying


@dataclass
class Attempts:
    """A call that fails in turn, under a clock that only sleeping moves."""

    failures: list[ModelError]
    now: float = 100.0
    times: list[float] = field(default_factory=list)
    waits: list[tuple[str, float]] = field(default_factory=list)

    def call(self) -> str:
        self.times.append(round(self.now - 100, 3))
        if self.failures:
            raise self.failures.pop(0)
        return "done"

    def run(self, cancelled: Callable[[], bool] = lambda: False, **limits: float) -> str:
        return retrying(
            self.call,
            lambda error, left: self.waits.append((error.kind, round(left, 3))),
            cancelled,
            **limits,  # type: ignore[arg-type]
            clock=lambda: self.now,
            sleep=self._sleep,
            chance=lambda: 0.5,
        )

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def down() -> ProviderDown:
    return ProviderDown(provider="p", reason="r")


def limited(after: float | None = None) -> RateLimited:
    return RateLimited(provider="p", reason="r", retry_after=after)


def test_waits_double() -> None:
    attempts = Attempts([down(), down(), down()])

    assert attempts.run() == "done"
    assert attempts.times == [0, 1, 3, 7]


def test_the_provider_says_how_long() -> None:
    attempts = Attempts([limited(7), limited(0)])

    assert attempts.run() == "done"
    assert attempts.times == [0, 7, 7]


def test_the_countdown_is_shown() -> None:
    attempts = Attempts([limited(0.5)])
    attempts.run()

    assert attempts.waits == [("rate_limited", 0.5), ("rate_limited", 0.3), ("rate_limited", 0.1)]


@pytest.mark.parametrize("error", [KeyRefused(provider="p", reason="r"), QuotaExceeded(provider="p", reason="r")])
def test_what_waiting_cannot_mend_is_told_at_once(error: ModelError) -> None:
    attempts = Attempts([error])
    with pytest.raises(type(error)):
        attempts.run()

    assert attempts.times == [0]


def test_the_last_attempt_tells_its_error() -> None:
    attempts = Attempts([down(), down(), limited()])
    with pytest.raises(RateLimited):
        attempts.run(attempts=3)

    assert attempts.times == [0, 1, 3]


def test_a_wait_that_the_budget_does_not_hold_is_not_begun() -> None:
    attempts = Attempts([limited(100), limited(30)])
    with pytest.raises(RateLimited):
        attempts.run(budget_seconds=120)

    assert attempts.times == [0, 100]


def test_stop_is_heard_while_waiting() -> None:
    attempts = Attempts([limited(60)])
    with pytest.raises(Cancelled):
        attempts.run(cancelled=lambda: attempts.now > 101)

    assert attempts.now < 101.5


def test_stop_before_the_first_attempt_sends_nothing() -> None:
    attempts = Attempts([])
    with pytest.raises(Cancelled):
        attempts.run(cancelled=lambda: True)

    assert attempts.times == []


def test_an_answer_that_has_begun_is_whole_and_its_break_is_told() -> None:
    def stream() -> Iterator[Delta]:
        yield Delta()
        yield Delta("a")
        yield Delta("b")
        raise down()

    answer = begun(stream(), lambda: False)
    heard = [next(answer), next(answer)]
    with pytest.raises(ProviderDown):
        next(answer)

    assert heard == [Delta("a"), Delta("b")]


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_closing_an_answer_closes_the_stream(taken: int) -> None:
    closed: list[bool] = []

    def stream() -> Iterator[Delta]:
        try:
            yield Delta("a")
            yield Delta("b")
        finally:
            closed.append(True)

    source = stream()
    answer = begun(source, lambda: False)
    for _ in range(taken):
        next(answer)
    answer.close()

    assert closed == [True]
    assert list(answer) == []


def test_stop_is_heard_while_the_first_word_is_awaited() -> None:
    closed: list[bool] = []

    def silent() -> Iterator[Delta]:
        try:
            while True:
                yield Delta()
        finally:
            closed.append(True)

    source = silent()
    with pytest.raises(Cancelled):
        begun(source, lambda: True)

    assert closed == [True]


def test_an_empty_stream_has_begun_and_ended() -> None:
    assert list(begun(iter(()), lambda: False)) == []
