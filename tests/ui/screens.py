"""What tests of the pages as scripts share: the parts behind them, what can be read on them, and a click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from assistant.bootstrap import Assistant
from assistant.ui import session

ROOT = Path(__file__).parents[2]
QUESTION = "什么是过拟合？"
Open = Callable[..., AppTest]


def shared() -> Assistant:
    """The parts that the pages share."""
    return session.assistant()


def words(screen: AppTest) -> str:
    """Everything that can be read on the page."""
    parts = [*screen.markdown, *screen.caption, *screen.header, *screen.subheader, *screen.info, *screen.error]
    return "\n".join(str(part.value) for part in [*parts, *screen.warning, *screen.success])


def button(screen: AppTest, label: str) -> AppTest:
    (found,) = [one for one in screen.button if one.label == label]
    found.click().run()
    assert not screen.exception
    return screen


def asked(screen: AppTest, question: str = QUESTION) -> AppTest:
    screen.chat_input[0].set_value(question).run()
    assert not screen.exception
    return screen
