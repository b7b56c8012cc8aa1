"""An HTTP server of ours that speaks every provider's dialect, says what it is told to, and remembers what it was sent."""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

CERTIFICATE = Path(__file__).with_name("localhost.pem")  # for tests to trust, by SSL_CERT_FILE

Step = bytes | Literal["stall", "cut", "reset"] | float


@dataclass(frozen=True)
class Reply:
    """What to answer: a status, headers, and pieces sent one by one as they are.

    A number among the pieces is a pause in seconds, "stall" waits until the client leaves, "cut" ends the stream in the
    middle, "reset" breaks the connection. ``hang``: wait before the headers until the client leaves.
    """

    status: int = 200
    pieces: Sequence[Step] = ()
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    at: float

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


def plain(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply in one piece: JSON, or text as it is."""
    text = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Reply(status, (text,), headers=headers or {})


def page(status: int = 200) -> Reply:
    return Reply(status, (b"<!DOCTYPE html><html><title>Welcome</title></html>",), "text/html; charset=utf-8")


def events(*events: object, done: bool = True) -> Reply:
    """A stream of server-sent events; a step among the events is kept."""
    pieces: list[Step] = [event(one) if isinstance(one, Mapping) else one for one in events]  # type: ignore[misc]
    return Reply(pieces=[*pieces, b"data: [DONE]\n\n"] if done else pieces, kind="text/event-stream")


def event(data: object) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def said(text: str | None = None, finish: str | None = None, **fields: object) -> dict[str, object]:
    """A chunk of an answer in OpenAI's shape."""
    delta = {"content": text, **fields} if text is not None or fields else {}
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def billed(prompt: int, completion: int, **details: object) -> dict[str, object]:
    """The last chunk, with the bill."""
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **details}}


def answer(text: str = "Hello") -> Reply:
    return events(said(text), said(finish="stop"), billed(7, 1))


def lines(*objects: object) -> Reply:
    """A stream of JSON lines, as Ollama sends it."""
    pieces: list[Step] = [json.dumps(one).encode() + b"\n" if isinstance(one, Mapping) else one for one in objects]  # type: ignore[misc]
    return Reply(pieces=pieces, kind="application/x-ndjson")


class FakeProvider:
    """Serves on 127.0.0.1 while its ``with`` block runs; replies in order, the last one for ever."""

    def __init__(self, *replies: Reply, tls: bool = False) -> None:
        self.replies = list(replies)
        self.requests: list[Recorded] = []
        self.arrived = threading.Event()
        self.left = threading.Event()
        self.left_at = 0.0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, request: Recorded) -> Reply:
        with self._lock:
            self.requests.append(request)
            self.arrived.set()
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def gone(self) -> None:
        self.left_at = time.monotonic()
        self.left.set()


def _handler(provider: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = provider.take(Recorded(self.command, self.path, dict(self.headers), raw, time.monotonic()))
            try:
                self._send(reply)
            except (BrokenPipeError, ConnectionResetError):
                provider.gone()

        do_GET = do_POST  # noqa: N815

        def _send(self, reply: Reply) -> None:
            if reply.hang:
                self._until_gone()
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Transfer-Encoding", "chunked")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in reply.pieces:
                if isinstance(piece, bytes):
                    self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                    self.wfile.flush()
                elif isinstance(piece, float):
                    provider.closing.wait(piece)
                elif piece == "stall":
                    self._until_gone()
                    return
                else:
                    self._break(reset=piece == "reset")
                    return
            self.wfile.write(b"0\r\n\r\n")

        def _break(self, *, reset: bool) -> None:
            if reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.wfile.flush()
            self.connection.close() if reset else self.connection.shutdown(socket.SHUT_WR)

        def _until_gone(self) -> None:
            self.close_connection = True
            while not provider.closing.is_set():
                readable, _, _ = select.select([self.connection], [], [], 0.01)
                if readable and self._ended():
                    provider.gone()
                    return

        def _ended(self) -> bool:
            try:
                # A TLS socket cannot peek; nobody here sends a second request while the first one waits.
                return not self.connection.recv(1)
            except OSError:
                return True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
