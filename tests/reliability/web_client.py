"""Speaks to a running Streamlit as a browser does, and as no browser would: raw requests, websocket frames, its own messages."""

from __future__ import annotations

import base64
import http.client
import os
import secrets
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.browser.running import ROOT, free_port

BINARY, TEXT, CLOSE, PING, PONG = 2, 1, 8, 9, 10


@dataclass(frozen=True)
class Answer:
    """What came back for a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Server:
    """The app, started as the README says."""

    port: int
    pid: int
    log: Path

    def ask(
        self, method: str, path: str, *, host: str = "", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send a request with its path as it stands, and no header that was not asked for but the host's."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def knock(self, *, host: str = "", origin: str | None = "") -> int:
        """Ask for a websocket and return the status; an empty origin is the app's own."""
        with self.socket(host=host, origin=origin) as opened:
            return opened.status

    def socket(self, *, host: str = "", origin: str | None = "") -> Socket:
        """Ask for a websocket."""
        return Socket(self.port, host or f"127.0.0.1:{self.port}", origin)

    def alive(self) -> bool:
        """Ask for the server's health."""
        return self.ask("GET", "/_stcore/health").status == 200


class Socket:
    """One websocket to the app; ``status`` is 101 where it was opened."""

    def __init__(self, port: int, host: str, origin: str | None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        lines = [
            "GET /_stcore/stream HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: streamlit",
        ]  # fmt: skip
        if origin is not None:
            lines.append(f"Origin: {origin or f'http://{host}'}")
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._stream = self._socket.makefile("rb")
        self.session = ""  # known after the first visit
        self.status = int(self._stream.readline().split()[1])
        while self._stream.readline().strip():
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stream.close()
        self._socket.close()

    def send(self, content: bytes, kind: int = BINARY, *, claimed: int | None = None) -> None:
        """Send one frame; ``claimed`` is a length that is not its own."""
        length = len(content) if claimed is None else claimed
        head = bytes([0x80 | kind])
        head += bytes([0x80 | length]) if length < 126 else bytes([0xFF]) + struct.pack(">Q", length)
        self._socket.sendall(head + b"\x00\x00\x00\x00" + content)  # masked with nothing

    def receive(self) -> tuple[int, bytes]:
        """Wait for a message; a closed connection is a CLOSE without content."""
        content = b""
        kind = CLOSE
        while head := self._stream.read(2):
            length = head[1] & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", self._stream.read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self._stream.read(8))
            part = self._stream.read(length)
            if head[0] & 0x0F in (PING, PONG):
                continue
            kind = head[0] & 0x0F or kind
            content += part
            if head[0] & 0x80:
                return kind, content
        return CLOSE, b""

    def visit(self, query: str = "", page: str = "") -> list[Any]:
        """Run a page as a visitor who opens its address, and return the messages up to its end."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        self.send(asked.SerializeToString())
        messages = []
        while True:
            kind, content = self.receive()
            assert kind == BINARY, (kind, content)
            message = ForwardMsg()
            message.ParseFromString(content)
            messages.append(message)
            if message.WhichOneof("type") == "new_session":
                self.session = message.new_session.initialize.session_id
            if message.WhichOneof("type") == "script_finished":
                return messages

    def made(self, file_id: str) -> str:
        """Have a file written that is only written when it is asked for; return its address."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        asked = BackMsg()
        asked.backend_operation_request.session_id = self.session
        asked.backend_operation_request.deferred_file.file_id = file_id
        self.send(asked.SerializeToString())
        while True:
            kind, content = self.receive()
            assert kind == BINARY, (kind, content)
            message = ForwardMsg()
            message.ParseFromString(content)
            if message.WhichOneof("type") == "backend_operation_response":
                return str(message.backend_operation_response.deferred_file.url)


def elements(messages: list[Any]) -> list[Any]:
    """Return what a run drew, in its order."""
    return [
        message.delta.new_element
        for message in messages
        if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element"
    ]


@contextmanager
def started_as_documented(folder: Path, **environment: str) -> Iterator[Server]:
    """Run the app with nothing given but a port that is free; its settings are those in the repository."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "streamlit_app.py",
        f"--server.port={port}",
        "--server.headless=true",
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "ASSISTANT_"))}
    log = folder / "app.log"
    with (
        log.open("wb") as printed,
        subprocess.Popen(command, cwd=ROOT, env={**kept, **environment}, stdout=printed, stderr=subprocess.STDOUT) as process,
    ):  # fmt: skip
        try:
            _wait(port, process)
            yield Server(port, process.pid, log)
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1_200):
        if process.poll() is not None:
            raise RuntimeError(f"streamlit ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("streamlit did not start")
