"""Ollama's HTTP interface in front of real llama.cpp servers, the way Ollama itself stands in front of them.

Like the original it drops the oldest messages, silently, when a prompt is longer than ``num_ctx``, and refuses it when
told not to truncate.
Written from Ollama's documented behaviour; it also remembers every request, so that tests can look at the wire.

Pull, delete, ps and unload are shaped after the documented replies and the types of Ollama 0.32 and 0.33: progress as JSON lines
whose ``completed`` is missing while it is zero, an unknown model as an error line at status 200, an interrupted pull that goes on
where it stopped, an empty body after a delete. No model of ``for_pulling`` is downloaded from anywhere: only its size is counted.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

from tests.servers.ollama_wire import (
    Json,
    Pulled,
    Refused,
    check_chat,
    completion_request,
    expiry,
    full_name,
    go_json,
    in_memory,
    joined,
    last_piece,
    listed,
    now,
    parsed,
    piece,
    plain_messages,
    shown,
)

_SMALLEST_CONTEXT = 4096  # num_ctx where the client says nothing, on a machine without a large graphics card


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: Json


@dataclass(frozen=True, slots=True)
class OllamaDouble:
    """A running double: where it listens, what it has pulled, and what it was asked."""

    address: str
    models: dict[str, Pulled]
    received: list[Received] = field(default_factory=list)
    for_pulling: dict[str, Pulled] = field(default_factory=dict)
    fetched: dict[str, int] = field(default_factory=dict)
    loaded: dict[str, Json] = field(default_factory=dict)
    pace: list[float] = field(default_factory=lambda: [0.0])

    def last(self, path: str) -> Received:
        """Return the latest request to a path."""
        return next(request for request in reversed(self.received) if request.path == path)


@contextmanager
def ollama_double(models: Sequence[Pulled]) -> Iterator[OllamaDouble]:
    """Serve the models on a free port of this machine until the block ends."""
    server = _Server(("127.0.0.1", 0), _Conversation)
    server.double = OllamaDouble(f"http://127.0.0.1:{server.server_port}", {model.name: model for model in models})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    double: OllamaDouble


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the tests' output is for the tests."""

    @property
    def double(self) -> OllamaDouble:
        return cast(_Server, self.server).double

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        match path:
            case "/":
                self._answer(200, b"Ollama is running", "text/plain; charset=utf-8")
            case "/api/version":
                self._answer(200, go_json({"version": "0.32.15"}))
            case "/api/tags":
                self._answer(200, go_json({"models": [listed(model) for model in self.double.models.values()]}))
            case "/api/ps":
                self._answer(200, go_json({"models": list(self.double.loaded.values())}))
            case _ if path in _ROUTES or path in _LIBRARY:
                self._answer(405, b"405 method not allowed", "text/plain")
            case _:
                self._answer(404, b"404 page not found", "text/plain")

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path not in _ROUTES and path not in _LIBRARY:
            self._answer(404, b"404 page not found", "text/plain")
            return
        try:
            asked = parsed(raw)
            self.double.received.append(Received(path, {k.lower(): v for k, v in self.headers.items()}, asked))
            if path in _LIBRARY:
                lines = _LIBRARY[path](asked, self.double)
            else:
                lines = _ROUTES[path](asked, self._model(asked))
                if path != "/api/show":
                    self._keep(self._model(asked), asked)
            if path in ("/api/chat", "/api/pull", "/api/generate") and asked.get("stream", True):
                self._stream(lines)
            else:
                self._answer(200, go_json(joined(list(lines))))
        except Refused as refusal:
            self._answer(refusal.status, go_json({"error": refusal.error}))
        except ConnectionError:
            self.close_connection = True  # the client went away, which closes llama.cpp's stream too

    def do_DELETE(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            asked = parsed(raw)
            self.double.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, asked))
            model = self._model(asked)
            del self.double.models[model.name]
            self.double.loaded.pop(model.name, None)
            self._answer(200, b"")
        except Refused as refusal:
            self._answer(refusal.status, go_json({"error": refusal.error}))

    def _keep(self, model: Pulled, asked: Json) -> None:
        """Have the model in memory for as long as was asked."""
        until = expiry(asked.get("keep_alive"))
        self.double.loaded.pop(model.name, None)
        if until is not None:
            context = (asked.get("options") or {}).get("num_ctx") or _SMALLEST_CONTEXT
            self.double.loaded[model.name] = in_memory(model, context, until)

    def _model(self, asked: Json) -> Pulled:
        name = asked.get("model") or asked.get("name") or ""
        if not name:
            raise Refused(400, "model is required")
        if model := self.double.models.get(full_name(name)):
            return model
        raise Refused(404, f"model '{name}' not found")

    def _answer(self, status: int, body: bytes, kind: str = "application/json; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, lines: Iterator[Json]) -> None:
        """Send one object a line; an error before the first still has a status of its own."""
        with closing(cast(Any, lines)):
            first = next(lines)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._chunk(first)
            try:
                for line in lines:
                    self._chunk(line)
            except Refused as refusal:
                self._chunk({"error": refusal.error})
            self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, line: Json) -> None:
        body = go_json(line) + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
        self.wfile.flush()


def _show(asked: Json, model: Pulled) -> Iterator[Json]:
    yield shown(model)


def _chat(asked: Json, model: Pulled) -> Iterator[Json]:
    check_chat(asked, model)
    messages = plain_messages(asked)
    if not messages:
        reason = "unload" if asked.get("keep_alive") == 0 else "load"
        yield piece(asked["model"], "") | {"done": True, "done_reason": reason}
        return
    started = time.time_ns()
    request = completion_request(asked, _fitted(messages, asked, model))
    with closing(_upstream(model)) as connection:
        for event in _events(connection, request, model):
            choice = event["choices"][0]
            if choice["finish_reason"]:
                reason = "length" if choice["finish_reason"] == "length" else "stop"
                yield last_piece(asked["model"], reason, event.get("timings", {}), time.time_ns() - started)
            elif text := choice["delta"].get("content"):
                yield piece(asked["model"], text)


def _fitted(messages: list[Json], asked: Json, model: Pulled) -> list[Json]:
    """Drop old messages until the rest fits; the system's and the last one stay, and nobody is told who did not ask."""
    room = (asked.get("options") or {}).get("num_ctx") or _SMALLEST_CONTEXT
    kept = list(messages)
    if asked.get("truncate") is False and _tokens(kept, model) > room:
        raise Refused(400, "the prompt is longer than the context length currently available to the model")
    while _tokens(kept, model) > room:
        droppable = [place for place, message in enumerate(kept[:-1]) if message["role"] != "system"]
        if not droppable:
            raise Refused(400, f"request exceeds the available context size ({room} tokens), try increasing it")
        del kept[droppable[0]]
    return kept


def _tokens(messages: list[Json], model: Pulled) -> int:
    with closing(_upstream(model)) as connection:
        body = _asked(connection, "/v1/chat/completions/input_tokens", {"messages": messages}, model).read()
        return int(json.loads(body)["input_tokens"])


def _embed(asked: Json, model: Pulled) -> Iterator[Json]:
    texts = asked.get("input") or []
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused(400, "invalid input type")
    vectors, tokens = [], 0
    for text in texts:
        with closing(_upstream(model)) as connection:
            reply = json.loads(_asked(connection, "/v1/embeddings", {"input": text}, model).read())
        vectors.append(reply["data"][0]["embedding"])
        tokens += reply["usage"]["prompt_tokens"]
    counted = {"total_duration": 1, "load_duration": 1, "prompt_eval_count": tokens} if vectors else {}
    yield {"model": asked["model"], "embeddings": vectors, "created_at": now()} | counted


def _events(connection: http.client.HTTPConnection, request: Json, model: Pulled) -> Iterator[Json]:
    for line in _asked(connection, "/v1/chat/completions", request, model):
        if line.startswith(b"data: ") and line.strip() != b"data: [DONE]":
            event = json.loads(line[6:])
            if event.get("choices"):
                yield event


def _upstream(model: Pulled) -> http.client.HTTPConnection:
    address = urlsplit(model.upstream)
    return http.client.HTTPConnection(str(address.hostname), address.port, timeout=120)


def _asked(connection: http.client.HTTPConnection, path: str, body: Json, model: Pulled) -> http.client.HTTPResponse:
    """Ask llama.cpp's server; Ollama hands its errors on as they are, in one string."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {model.key}"} if model.key else {})
    connection.request("POST", path, json.dumps(body), headers)
    reply = connection.getresponse()
    if reply.status >= 400:
        raise Refused(reply.status, reply.read().decode().strip())
    return reply


def _pull(asked: Json, double: OllamaDouble) -> Iterator[Json]:
    """Tell of a download in tenths, from where the last one was broken off."""
    name = full_name(asked.get("model") or asked.get("name") or "")
    yield {"status": "pulling manifest"}
    model = double.for_pulling.get(name)
    if model is None:
        raise Refused(500, "pull model manifest: file does not exist")
    layer = {"status": f"pulling {model.digest[:12]}", "digest": f"sha256:{model.digest}", "total": model.size}
    done = double.fetched.get(name, 0)
    while done < model.size:
        yield layer | ({"completed": done} if done else {})
        time.sleep(double.pace[0])
        done = min(model.size, done + max(1, model.size // 10))
        double.fetched[name] = done
    yield layer | {"completed": done}
    for status in ("verifying sha256 digest", "writing manifest"):
        yield {"status": status}
    double.models[name] = model
    yield {"status": "success"}


def _generate(asked: Json, double: OllamaDouble) -> Iterator[Json]:
    """Only what an empty prompt does: load a model, or with ``keep_alive`` 0 take it out of memory."""
    name = full_name(asked.get("model") or "")
    if name not in double.models:
        raise Refused(404, f"model '{asked.get('model')}' not found")
    if asked.get("prompt") or asked.get("keep_alive") != 0:
        raise Refused(501, "this double only unloads")
    double.loaded.pop(name, None)
    yield {"model": asked["model"], "created_at": now(), "response": "", "done": True, "done_reason": "unload"}


_LIBRARY = {"/api/pull": _pull, "/api/generate": _generate}
_ROUTES = {"/api/chat": _chat, "/api/show": _show, "/api/embed": _embed}
