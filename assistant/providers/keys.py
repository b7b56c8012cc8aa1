"""Keys and where they may go: a provider's own key to its own hosts only, the learner's other key everywhere else.

Knows no file, environment or network: it is given what was found there.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, urlsplit

from assistant.errors import SettingsError
from assistant.providers.entries import is_local

if TYPE_CHECKING:
    from assistant.providers.entries import ProviderEntry

_SENDABLE = re.compile(r"[\x21-\x7e]+")  # what an HTTP header can carry without a break or a space
_SHOWN = 4


class Secret:
    """A key in a box: no printing, formatting, logging, copying or pickling ever shows it; only ``reveal`` does."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        value = value.strip()
        if not _SENDABLE.fullmatch(value):
            raise SettingsError(name="API key", value="…", allowed="A-Z a-z 0-9 - _ .")
        self._value = value

    def reveal(self) -> str:
        """Return the key itself, for the header of a request and nothing else."""
        return self._value

    @property
    def masked(self) -> str:
        """Enough of the key to tell it from another one, as in ``sk-…abcd``; nothing of a short one."""
        if len(self._value) < 4 * _SHOWN:
            return "…"
        prefix = re.match(r"[A-Za-z]{1,2}[-_]", self._value)
        return f"{prefix[0] if prefix else ''}…{self._value[-_SHOWN:]}"

    def hide_in(self, text: str) -> str:
        """Take the key, and every word around it, out of a text that came from outside, URL-coded and base64 as well."""
        forms = "|".join(re.escape(form) for form in sorted(_written(self._value), key=len, reverse=True))
        return re.sub(rf"\S*(?:{forms})\S*", self.masked, text)

    def __repr__(self) -> str:
        return f"Secret({self.masked})"

    def __str__(self) -> str:
        return self.masked

    def __format__(self, spec: str) -> str:
        return format(self.masked, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is not written anywhere")


def _written(key: str) -> set[str]:
    """Return how a key may stand in a server's words; in base64 by what depends on it alone, wherever it begins."""
    forms = {key, quote(key, safe="")}
    for before in range(3 if len(key) >= 2 * _SHOWN else 0):
        coded = base64.b64encode(b"\0" * before + key.encode()).decode()[-(-8 * before // 6) : -4]
        forms |= {coded, coded.replace("+", "-").replace("/", "_")}
    return forms


def key_for(
    provider: ProviderEntry,
    base_url: str,
    given: Mapping[str, Secret],
    *,
    other: str = "ASSISTANT_API_KEY",
    home: str = "",
) -> Secret | None:
    """Choose the key that may go to an address: the provider's own for its hosts over TLS, the ``other`` one elsewhere.

    ``home`` is the address that was set together with the provider's key (``OLLAMA_HOST``): it counts as the provider's own.
    """
    address = urlsplit(checked_base_url(base_url))
    own = given.get(provider.key_name) if provider.key_name else None
    if address.scheme != "https" and not is_local(base_url):
        own = None  # the provider's own key in the clear over the internet: never
    if home and address[:2] == urlsplit(checked_base_url(home))[:2]:
        return own or given.get(other)
    return own if provider.owns(address.hostname or "") else given.get(other)


def checked_base_url(url: str, name: str = "ASSISTANT_BASE_URL") -> str:
    """Return an address that can be called, without its last slash, or say what an address looks like."""
    import httpx

    # The host must be the same to whoever chooses the key (urllib) and to whoever connects (httpx): addresses such as
    # https://own.example\@other.example are read differently by different parsers.
    try:
        parts, called = urlsplit(url.strip()), httpx.URL(url.strip())
        port = parts.port
    except (ValueError, httpx.InvalidURL):
        raise _no_address(url, name) from None
    plain = re.fullmatch(r"[!-~]+", url.strip()) and not set(url) & set('\\{}<>"')  # {}: a preset with its blank
    bare = parts.username is None and parts.password is None and not parts.query and not parts.fragment
    same = (parts.hostname, port) == (called.host, called.port) or (
        parts.hostname == called.host and called.port is None
    )
    if not (plain and bare and same and parts.hostname and parts.scheme in ("http", "https")):
        raise _no_address(url, name)
    return url.strip().rstrip("/")


def _no_address(url: str, name: str) -> SettingsError:
    shown = re.sub(r"//[^/@]*@", "//…@", url.strip())[:80]  # a password must not end up in an error
    return SettingsError(name=name, value=repr(shown), allowed="https://host/v1, http://127.0.0.1:8080/v1")
