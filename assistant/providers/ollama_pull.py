"""A download of a model as an object of the process: pages come and go, it stays. Knows no screen."""

from __future__ import annotations

import logging
import threading
from typing import Literal

from assistant.errors import AssistantError, Cancelled
from assistant.providers.ollama_library import OllamaLibrary, Pulling, PullProgress

State = Literal["running", "done", "cancelled", "failed"]


class Pull:
    """One download in a thread of its own, watched through ``state``, ``progress`` and ``error``."""

    def __init__(self, pulling: Pulling) -> None:
        self.name = pulling.name
        self.state: State = "running"
        self.progress = PullProgress("")
        self.error: AssistantError | None = None
        self._pulling = pulling
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pull", daemon=True)

    def start(self) -> Pull:
        """Begin; returns at once."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """End the request; what was fetched stays with the server, which goes on from there the next time."""
        self._stop.set()
        self._pulling.cut()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended, or for ``seconds``."""
        self._thread.join(seconds)

    def _run(self) -> None:
        end: State = "failed"
        try:
            for progress in self._pulling:
                self.progress = progress
            end = "done"
        except AssistantError as error:
            # Cutting makes the read fail: that is no failure of the server.
            end = "cancelled" if self._stop.is_set() else "failed"
            self.error = Cancelled() if self._stop.is_set() else error
        finally:
            if end == "failed" and self.error is None:  # a defect of ours: the thread's traceback goes to the log
                logging.getLogger(__name__).error("a pull ended without a result")
                self.error = AssistantError(detail="pull")
            self.state = end


class Pulls:
    """The downloads of this process, one at a time for each server and model."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pulls: dict[tuple[str, str], Pull] = {}

    def start(self, library: OllamaLibrary, name: str) -> Pull:
        """Start fetching a model, or return the download of it that is under way."""
        pulling = library.pull(name)
        place = (library.address, pulling.name)
        with self._lock:
            pull = self._pulls.get(place)
            if pull is None or pull.state != "running":
                self._pulls[place] = Pull(pulling).start()
            return self._pulls[place]

    def at(self, address: str) -> list[Pull]:
        """Return the downloads of a server, ended ones included until they are dismissed."""
        with self._lock:
            return [pull for (server, _), pull in self._pulls.items() if server == address]

    def dismiss(self, pull: Pull) -> None:
        """Forget a download that has ended."""
        with self._lock:
            self._pulls = {place: one for place, one in self._pulls.items() if one is not pull}
