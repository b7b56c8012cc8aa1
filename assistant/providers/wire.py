"""The one way out to a model's server: sends a key to one address only, follows no redirect, can be cut from another thread.

Knows HTTP and keys, and nothing of models or messages.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from assistant.providers.keys import Secret, checked_base_url

if TYPE_CHECKING:
    import ssl

    import httpx

# What a request may carry besides the key. The SDKs would add headers from the environment (another account's
# organisation, another server's key) and descriptions of this machine.
_HEADERS = frozenset(
    (
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    )
)
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the connection, for the first piece of an answer, and from one piece to the next.

    A keep-alive is a piece as well: a server under load sends them for minutes and answers then. ``alive`` is how long
    they may replace every word; DeepSeek itself hangs up after these 30 minutes.
    """

    connect: float = 8.0
    first: float = 60.0
    between: float = 60.0
    alive: float = 1800.0


class Wire:
    """One request's connection; leaving the ``with`` block closes it, ``cut`` ends it at once wherever it stands."""

    def __init__(self, base_url: str, key: Secret | None, patience: Patience, name: str = "ASSISTANT_BASE_URL") -> None:
        import httpx

        self.base_url = checked_base_url(base_url, name)
        self._origin = _origin(httpx.URL(self.base_url))
        self._key = key
        self._between = patience.between
        self._timeout = httpx.Timeout(patience.first, connect=patience.connect)
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._was_cut = False
        quieten()

    @property
    def options(self) -> dict[str, Any]:
        """What an ``httpx.Client`` must be made with to be this wire; the Ollama client takes them as they are."""
        return {
            "timeout": self._timeout,
            "follow_redirects": False,
            "verify": certificates(),
            # A proxy set for the internet is no way to a server on this machine.
            "mounts": {f"all://{host}": None for host in _LOOPBACK},
            "event_hooks": {"request": [self._leaving], "response": [self._answered]},
        }

    @property
    def client(self) -> httpx.Client:
        """A new HTTP client over this wire; whoever asks for it closes it."""
        import httpx

        return httpx.Client(**self.options)

    def cut(self) -> None:
        """End the connection now, from any thread; whoever reads from it gets an error."""
        with self._lock:
            self._was_cut = True
            for connected in self._sockets:
                _shut(connected)

    @contextlib.contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        """Cut what still goes on after so many seconds: a reply that comes byte by byte keeps every other limit."""
        limit = threading.Timer(seconds, self.cut)
        limit.daemon = True
        limit.start()
        try:
            yield
        finally:
            limit.cancel()

    @property
    def was_cut(self) -> bool:
        """Whether it was we who ended the connection."""
        return self._was_cut

    def _leaving(self, request: httpx.Request) -> None:
        for header in set(request.headers) - _HEADERS:
            del request.headers[header]
        if self._key is not None and _origin(request.url) == self._origin:
            request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        request.extensions["trace"] = self._connected

    def _answered(self, response: httpx.Response) -> None:
        # httpx looks the limit up again when the body is read: the first piece may take longer than the next ones.
        response.request.extensions["timeout"]["read"] = self._between

    def _connected(self, event: str, info: dict[str, Any]) -> None:
        # TLS takes the socket over into an object of its own; the one from before is empty then.
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        with self._lock:
            self._sockets.append(info["return_value"].get_extra_info("socket"))
            if self._was_cut:
                _shut(self._sockets[-1])


def quieten() -> None:
    """Keep the libraries below from logging requests: their debug output holds prompts and headers."""
    for name in ("openai", "httpx", "httpcore"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


def _shut(connected: socket.socket) -> None:
    # By the class, not by the object: on TLS the object's own method would drop the session another thread is reading.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


@cache
def certificates() -> ssl.SSLContext:
    """Load the trusted certificates once: it takes longer than a whole request to a server nearby."""
    import httpx

    return httpx.create_ssl_context()
