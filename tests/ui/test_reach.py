"""Who may see the app, and that nobody else sees anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from assistant.settings import read_settings
from assistant.ui.i18n import say
from assistant.ui.reach import Verdict, is_this_machine, verdict_on
from tests.ui.screens import ROOT, Open, words

LISTED = ("Me@Example.org", "friend@example.org")


@pytest.fixture
def everywhere() -> Iterator[None]:
    """The server listens on every address of this machine."""
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")
    yield
    config.set_option("server.address", before)


@pytest.mark.case(116)
@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "[::1]", "127.8.8.8"])
def test_these_addresses_are_heard_by_this_machine_only(address: str) -> None:
    assert is_this_machine(address)


@pytest.mark.case(116)
@pytest.mark.parametrize(
    "address", ["", " ", "0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "notes.example.org", "localhost.evil.example", "127.0.0.1.evil.example", "unix:///tmp/s"],
)  # fmt: skip
def test_any_other_address_may_be_heard_by_others(address: str) -> None:
    assert not is_this_machine(address)


def seen(**visitor: object) -> dict[str, object]:
    return {"is_logged_in": True, **visitor}


@pytest.mark.case(116)
@pytest.mark.parametrize("address", ["0.0.0.0", "", "127.0.0.1"])
@pytest.mark.parametrize(
    ("package", "allowed", "visitor", "verdict"),
    [
        (False, LISTED, {}, "no_package"),
        (True, (), seen(email="me@example.org"), "no_list"),
        (True, LISTED, {}, "log_in"),
        (True, LISTED, {"is_logged_in": False, "email": "me@example.org"}, "log_in"),
        (True, LISTED, seen(email="ME@example.org"), "welcome"),
        (True, LISTED, seen(email="friend@example.org", email_verified=True), "welcome"),
        (True, LISTED, seen(email="me@example.org", email_verified=False), "not_listed"),
        (True, LISTED, seen(email="me@example.org", email_verified="false"), "not_listed"),
        (True, LISTED, seen(email="me@example.org.evil.example"), "not_listed"),
        (True, LISTED, seen(email=None), "not_listed"),
        (True, LISTED, seen(), "not_listed"),
    ],
)
def test_a_login_lets_in_those_on_the_list_wherever_the_server_listens(
    address: str, package: bool, allowed: tuple[str, ...], visitor: dict[str, object], verdict: Verdict
) -> None:
    assert verdict_on(address, login=True, package=package, allowed=allowed, visitor=visitor) == verdict


@pytest.mark.case(116)
def test_without_a_login_only_this_machine_is_welcome() -> None:
    nobody: dict[str, object] = {}
    assert verdict_on("127.0.0.1", login=False, package=True, allowed=LISTED, visitor=nobody) == "welcome"
    assert verdict_on("0.0.0.0", login=False, package=True, allowed=LISTED, visitor=seen(email="me@example.org")) == (
        "open_address"
    )


@pytest.mark.case(116)
@pytest.mark.usefixtures("everywhere")
def test_open_to_others_without_a_login_the_app_draws_nothing_but_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()

    assert not screen.exception
    (reason,) = screen.error
    assert reason.value.replace("\\", "") == say("zh", "reach.open_address", address="0.0.0.0")
    assert words(screen) == reason.value
    assert not (screen.button or screen.chat_input or screen.sidebar.children or screen.text_area)
    assert not (tmp_path / "data").exists()


@pytest.mark.case(116)
@pytest.mark.usefixtures("everywhere")
def test_with_a_login_nothing_is_seen_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ASSISTANT_ALLOWED_USERS", "me@example.org")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if name == "authlib" else None)
    screen = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    screen.secrets["auth"] = {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "x" * 32}
    screen.run()

    assert not screen.exception
    assert [error.value for error in screen.error] == [say("zh", "reach.log_in")]
    assert [button.label for button in screen.button] == [say("zh", "reach.log_in_button")]
    assert not (tmp_path / "data").exists()


@pytest.mark.case(116)
def test_on_this_machine_the_app_is_drawn_as_ever(open_page: Open) -> None:
    assert not open_page("settings").error


def test_those_who_may_log_in_are_listed_with_commas_or_blanks(tmp_path: Path) -> None:
    def listed(value: str) -> tuple[str, ...]:
        return read_settings(environment={"ASSISTANT_ALLOWED_USERS": value}, folder=tmp_path).allowed_users

    assert listed("a@example.org, b@example.org c@example.org,") == ("a@example.org", "b@example.org", "c@example.org")
    assert listed(" , ") == ()
