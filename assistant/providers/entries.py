"""What the catalogue says of a provider, a chat model and an embedding model. Data only: knows no file and no network."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit

from assistant.errors import Language

Kind = Literal["offline", "openai", "ollama"]
Thinking = Literal["none", "hybrid_off", "hybrid_on", "always"]
# How a provider says that it counts pictures; money/picture_tokens.py has the rules.
PictureRule = Literal["tiles-85-170", "tiles-2833-5667", "patches-1.62"]
Switch = Literal["enable_thinking", "thinking_type", "reasoning_effort", "chat_template_kwargs"]

# "+nfc": the server composes characters before it counts, as Hugging Face's tokenizers do and llama.cpp does not.
Vocabulary = Literal["o200k", "cl100k", "qwen", "qwen+nfc", "qwen3.5", "qwen3.5+nfc", "deepseek"]
# "qwen3", "qwen3.5": ChatML whose open template also writes marks for thinking, or for not thinking.
Template = Literal["openai", "chatml", "qwen3", "qwen3.5", "deepseek"]

OLD_AFTER = 90  # days after which a price is shown with its age

_LOCAL_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Preset:
    """An address to choose instead of typing it; ``{WorkspaceId}`` in it is for the learner to fill in."""

    label: str
    base_url: str


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A vendor: where it lives, which variable holds its key, and how its requests and errors differ (``dialect``).

    ``hosts``: the only hosts that may receive the vendor's key; ``*.`` stands for exactly one more label.
    ``regions``: the price region of each of these hosts, because one model costs differently in each.
    """

    name: str
    labels: Mapping[Language, str]
    kind: Kind
    key_name: str | None = None
    currency: str | None = None
    presets: tuple[Preset, ...] = ()
    hosts: tuple[str, ...] = ()
    dialect: str = "openai"
    regions: Mapping[str, str] = field(default_factory=dict)
    charges: bool = True

    @property
    def default_base_url(self) -> str:
        """The address used when the learner gives none; empty for a provider without a network."""
        return self.presets[0].base_url if self.presets else ""

    def owns(self, host: str) -> bool:
        """Tell whether a host is the vendor's own, so that it may see the vendor's key."""
        return any(_matches(host, pattern) for pattern in self.hosts)

    def region(self, base_url: str = "") -> str | None:
        """Name the price region of an address; None for a host that is not the vendor's."""
        host = host_of(base_url or self.default_base_url)
        return next((self.regions[pattern] for pattern in self.hosts if _matches(host, pattern)), None)


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens, for requests of up to ``up_to`` input tokens (None: of any size).

    The tier is chosen by all input tokens of a request and holds for all of it.
    ``cached`` None: no discount is known; ``output_thinking`` None: an answer costs the same with thinking.
    """

    up_to: int | None
    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    output_thinking: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the week with prices of their own, by the clock of a zone; they begin on these weekdays (Monday is 1).

    A span excludes its end; one that ends no later than it begins runs past midnight.
    """

    weekdays: frozenset[int]
    spans: tuple[tuple[time, time], ...]
    zone: str
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """A chat model. What is None is unknown: the window, the vocabulary, the prices.

    ``exact``: vocabulary and template were verified against the server, so that a count is a fact and not an estimate.
    ``hours``: when the same tokens cost something else than ``prices``. ``switch``: the field that turns thinking on or off;
    ``thinking_budget``: the fewest and most tokens of thinking that a request may allow.
    ``local``: nobody charges for it, which is not the same as a price of zero. ``vision``: whether it takes pictures,
    ``picture_rule`` how their tokens are counted.
    """

    provider: str
    name: str
    aliases: tuple[str, ...] = ()
    window: int | None = None
    max_output: int | None = None
    vocabulary: str | None = None
    template: str | None = None
    exact: bool = False
    thinking: Thinking = "none"
    prices: tuple[Price, ...] | None = None
    currency: str | None = None
    as_of: date | None = None
    source: str = ""
    note: str = ""
    hours: tuple[Hours, ...] = ()
    switch: Switch | None = None
    thinking_budget: tuple[int, int] | None = None
    local: bool = False
    vision: bool | None = None
    picture_rule: PictureRule | None = None


@dataclass(frozen=True, slots=True)
class EmbeddingEntry:
    """An embedding model; ``max_texts`` is the most one request may hold, ``price`` is per million tokens.

    ``dimension`` None: only a first answer will tell. ``send_dimensions``: the server accepts that field, ``dimensions``
    being the sizes it may ask for where they are known.
    """

    provider: str
    name: str
    dimension: int | None = None
    max_tokens: int | None = None
    max_texts: int = 10
    send_dimensions: bool = False
    price: Decimal | None = None
    currency: str | None = None
    as_of: date | None = None
    source: str = ""
    note: str = ""
    vocabulary: str | None = None
    dimensions: tuple[int, ...] = ()
    local: bool = False


@dataclass(frozen=True, slots=True)
class RerankEntry:
    """A model that orders texts by how well they answer; ``path`` replaces that of the provider's address.

    ``max_tokens`` limits one text, ``max_request_tokens`` all of a request; ``price`` is per million tokens.
    """

    provider: str
    name: str
    path: str
    max_texts: int | None = None
    max_tokens: int | None = None
    max_request_tokens: int | None = None
    price: Decimal | None = None
    currency: str | None = None
    as_of: date | None = None
    source: str = ""
    note: str = ""


def age_in_days(as_of: date | None, today: date) -> int | None:
    """Say how old a price is; None where there is none. One read after today, by a clock that is wrong, is not negative."""
    return None if as_of is None else max(0, (today - as_of).days)


def host_of(base_url: str) -> str:
    """Return the host of an address in lower case, also of one written without ``http://``; empty when it has none."""
    address = base_url if "://" in base_url else f"//{base_url}"
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_local(base_url: str) -> bool:
    """Tell whether an address lies on this machine or its own network, where nobody sends a bill."""
    host = host_of(base_url)
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_LOCAL_ENDINGS))
    return address.is_loopback or address.is_private or address.is_link_local


def is_this_machine(base_url: str) -> bool:
    """Tell whether an address is the learner's own computer, so that what is sent there leaves nothing."""
    host = host_of(base_url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _matches(host: str, pattern: str) -> bool:
    host = host.lower().rstrip(".")
    if not pattern.startswith("*."):
        return host == pattern
    label, _, rest = host.partition(".")
    return bool(label) and rest == pattern[2:]
