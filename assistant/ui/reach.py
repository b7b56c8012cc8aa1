"""Who may see the app: everybody at this machine, and from elsewhere only who has logged in and stands on the list.

Knows the address the server listens on and Streamlit's login; nothing of notes, and opens no database for a stranger.
"""

from __future__ import annotations

import importlib.util
import ipaddress
from collections.abc import Collection, Mapping
from typing import Literal

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from assistant.errors import AssistantError, Language
from assistant.settings import read_settings
from assistant.ui.i18n import language_of_locale, say
from assistant.ui.render import plain

Verdict = Literal["welcome", "open_address", "no_package", "no_list", "log_in", "not_listed"]


def admitted() -> bool:
    """Tell whether the page may be drawn for this visitor; where not, draw the reason and what to do, and nothing else."""
    spoken = language_of_locale(st.context.locale)
    try:
        verdict = _verdict_here()
    except AssistantError as error:  # a file of settings that cannot be read lets nobody in
        st.error(f"{plain(error.message(spoken))}\n\n{plain(error.hint(spoken))}", icon="⚠️")
        return False
    if verdict != "welcome":
        _refuse(verdict, spoken)
    return verdict == "welcome"


def verdict_on(
    address: str, *, login: bool, package: bool, allowed: Collection[str], visitor: Mapping[str, object]
) -> Verdict:
    """Judge a visitor by where the server listens, whether a login is set up, who may log in, and who has.

    A login that is set up counts on this machine too: behind a proxy every visitor comes from here.
    """
    if not login:
        return "welcome" if is_this_machine(address) else "open_address"
    if not package:
        return "no_package"
    if not allowed:
        return "no_list"
    if not visitor.get("is_logged_in"):
        return "log_in"
    # Some providers let people claim an address that is not theirs, and say so.
    verified = visitor.get("email_verified", True) in (True, "true")
    listed = str(visitor.get("email") or "").strip().casefold() in {user.casefold() for user in allowed}
    return "welcome" if verified and listed else "not_listed"


def is_this_machine(address: str) -> bool:
    """Tell whether a server that listens on this address hears this machine only; without one it hears everybody."""
    if address.strip().lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip().strip("[]")).is_loopback
    except ValueError:
        return False


def _verdict_here() -> Verdict:
    address, login = str(st.get_option("server.address") or ""), _login_is_set_up()
    if not login:
        return verdict_on(address, login=False, package=False, allowed=(), visitor={})
    package = importlib.util.find_spec("authlib") is not None
    visitor = st.user.to_dict() if package else {}
    return verdict_on(address, login=True, package=package, allowed=read_settings().allowed_users, visitor=visitor)


def _login_is_set_up() -> bool:
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def _refuse(verdict: Verdict, spoken: Language) -> None:
    st.error(say(spoken, f"reach.{verdict}", address=plain(str(st.get_option("server.address") or "*"))), icon="🔒")
    if verdict == "log_in":
        st.button(say(spoken, "reach.log_in_button"), on_click=st.login, type="primary")
    elif verdict == "not_listed":
        st.button(say(spoken, "reach.log_out_button"), on_click=st.logout)
