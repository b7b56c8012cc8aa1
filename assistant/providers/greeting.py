"""The first hello to a server: does it answer, and what time is it there. Carries no key and no text of the learner's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from assistant.errors import ModelError
from assistant.providers.failures import Call
from assistant.providers.wire import Patience, Wire

HASTE = Patience(connect=5.0, first=10.0, between=10.0)


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a server answered: its status, and its clock against ours in seconds; None where it did not say the time."""

    status: int
    ahead: float | None


def greet(call: Call, path: str, *, patience: Patience = HASTE) -> Greeting:
    """Ask for a path that needs no key to be refused; whatever comes back proves that somebody is there."""
    import httpx

    failure: ModelError
    try:
        with (
            Wire(call.address, None, patience).client as client,
            client.stream("GET", f"{call.address}{path}") as reply,
        ):
            return Greeting(reply.status_code, ahead_of(reply.headers.get("date", ""), datetime.now(UTC)))
    except (httpx.HTTPError, httpx.StreamError, ValueError, RecursionError) as error:
        failure = call.failed(error)
    raise failure


def ahead_of(date: str, now: datetime) -> float | None:
    """Say how many seconds a server's ``Date`` lies after ``now``; None for what is no date."""
    try:
        said = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return (said.replace(tzinfo=said.tzinfo or UTC) - now).total_seconds()
