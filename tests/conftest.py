"""What all tests share: no way out to the network, and an assistant over a folder of their own."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

from assistant.bootstrap import Assistant, open_assistant
from assistant.settings import Settings

settings.register_profile("house", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("house")

# Read at import: before each test the variables named ASSISTANT_* are taken away.
NEEDED = frozenset(os.environ.get("ASSISTANT_TESTS_NEED", "").replace(",", " ").split())

NOTES = {
    "机器学习/过拟合.md": (
        "# 过拟合与正则化\n\n过拟合（Overfitting）：模型记住了训练集，在新数据上表现差。\n\n"
        "## 怎么办\n\n对付过拟合有三种办法：\n\n- 增加数据\n- 加正则项，例如 $\\lambda \\lVert w \\rVert_2^2$\n- 提前停止训练\n"
    ),
    "attention.md": (
        "# Attention\n\nSelf-attention compares every query with every key.\n\n"
        "## Scaling\n\nThe scores are divided by the square root of the key dimension, so that softmax keeps a gradient.\n"
    ),
    "寄存.txt": "向量数据库保存嵌入向量，并按余弦相似度查找最近的段落。\n",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine: nothing here may need one."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(str(address[0])):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the developer's own environment chooses."""
    for name in list(os.environ):
        if name.startswith("ASSISTANT_"):
            monkeypatch.delenv(name)


def do_without(part: str, reason: str) -> NoReturn:
    """Skip a test whose part this machine lacks and say why; where ``ASSISTANT_TESTS_NEED`` names the part, fail."""
    if part in NEEDED:
        pytest.fail(reason)
    pytest.skip(reason)


def write(folder: Path, notes: Mapping[str, str | bytes]) -> None:
    """Write files below a folder."""
    for name, content in notes.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with three small notes."""
    folder = tmp_path / "notes"
    write(folder, NOTES)
    return folder


@pytest.fixture
def open_app(tmp_path: Path, notes: Path) -> Iterator[Callable[..., Assistant]]:
    """Open an assistant over the notes, as often as wanted: always on the same data folder."""
    opened: list[Assistant] = []

    def open_again(*folders: Path) -> Assistant:
        app = open_assistant(Settings(notes=folders or (notes,), data=tmp_path / "data"))
        opened.append(app)
        return app

    yield open_again
    for app in opened:
        app.database.close()


@pytest.fixture
def app(open_app: Callable[..., Assistant]) -> Assistant:
    """An assistant that has read the notes."""
    app = open_app()
    app.sync().run()
    return app
