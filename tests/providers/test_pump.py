"""A listener is never left waiting: for a piece, an end, an error or a defect of ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from assistant.errors import ProviderDown
from assistant.providers.base import Delta
from assistant.providers.pump import pumped


def test_pieces_come_in_order_and_the_end_cuts_the_line() -> None:
    cut = threading.Event()

    assert list(pumped(lambda: iter([Delta("a"), Delta("b")]), cut.set)) == [Delta("a"), Delta("b")]
    assert cut.is_set()


def test_an_error_arrives_after_what_came_before_it() -> None:
    def read() -> Iterator[Delta]:
        yield Delta("a")
        raise ProviderDown(provider="p", reason="r")

    pieces = pumped(read, lambda: None)

    assert next(pieces) == Delta("a")
    with pytest.raises(ProviderDown):
        next(pieces)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_in_the_reader_is_not_waited_for() -> None:
    def read() -> Iterator[Delta]:
        yield Delta("a")
        raise ZeroDivisionError

    with pytest.raises(RuntimeError, match="traceback"):
        list(pumped(read, lambda: None))


def test_a_silence_that_is_too_long_is_cut_and_told() -> None:
    cut = threading.Event()

    def read() -> Iterator[Delta]:
        yield Delta("a")
        cut.wait()

    heard: list[Delta] = []
    with pytest.raises(ProviderDown):
        heard.extend(pumped(read, cut.set, (2, ProviderDown(provider="p", reason="r"))))

    assert heard[0] == Delta("a")
    assert set(heard[1:]) == {Delta()}
    assert cut.is_set()


def test_a_reader_that_hangs_is_cut_when_the_listener_leaves() -> None:
    cut = threading.Event()

    def read() -> Iterator[Delta]:
        cut.wait()
        return iter(())

    pieces = pumped(read, cut.set)

    assert next(pieces) == Delta()
    pieces.close()  # type: ignore[attr-defined]
    assert cut.is_set()
