"""A proxy that notes of each request when it came in and when the first word of its answer went out. Knows one server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Row = dict[str, Any]


@contextmanager
def proxied(upstream: str) -> Iterator[str]:
    """Stand before a server until the block ends."""
    proxy = Proxy(upstream)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy.address
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


class Proxy(ThreadingHTTPServer):
    """Passes everything on to one server and keeps what it saw of each request."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is none."""

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream = urlsplit(upstream).netloc
        self.seen: list[Row] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_POST(self) -> None:
        if self.path == "/seen":
            self._answer_with_seen()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        row: Row = {"path": self.path, "arrived": time.monotonic(), "first": None}
        with closing(HTTPConnection(self.server.upstream, timeout=60)) as upstream:
            kept = {name: self.headers[name] for name in ("Content-Type", "Authorization") if name in self.headers}
            upstream.request(self.command, self.path, body or None, kept)
            reply = upstream.getresponse()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "application/json"))
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            while piece := reply.read1(65536):
                _note(row, piece)
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.flush()
        row["first"] = row["first"] or time.monotonic()  # no stream: its one answer is the first word
        row["messages"] = json.loads(body).get("messages") if body else None
        self.server.seen.append(row)
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST  # noqa: N815

    def _answer_with_seen(self) -> None:
        seen, self.server.seen = self.server.seen, []
        text = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _note(row: Row, piece: bytes) -> None:
    for line in piece.split(b"\n"):
        if not line.startswith(b"data: {"):
            continue
        event = json.loads(line[6:])
        choices = event.get("choices")
        if row["first"] is None and choices and choices[0].get("delta", {}).get("content"):
            row["first"] = time.monotonic()


def seen_by(address: str) -> list[Row]:
    """Fetch what the proxy saw since the last call."""
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=60)) as line:
        line.request("POST", "/seen")
        rows: list[Row] = json.load(line.getresponse())
        return rows
