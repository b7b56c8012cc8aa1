"""Which models exist, how big they are and what they cost: look-ups in the catalogue. Knows no network and counts nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import SettingsError
from assistant.providers.entries import (
    ChatEntry,
    EmbeddingEntry,
    Preset,
    Price,
    ProviderEntry,
    RerankEntry,
    host_of,
    is_local,
)

if TYPE_CHECKING:
    from assistant.providers.catalog_checks import CatalogError
    from assistant.providers.catalog_file import Family, Sheets

__all__ = [
    "Catalog",
    "ChatEntry",
    "EmbeddingEntry",
    "Preset",
    "Price",
    "ProviderEntry",
    "RerankEntry",
    "catalog",
    "host_of",
    "is_local",
    "open_catalog",
]

OWN = "catalog.toml"  # the learner's own rows, in the data folder

_NOTHING = Decimal(0)
_OTHER_REGION = "这个地址的价格未知。 · No price is known for this address."


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that is known beforehand; a model that is not in it can be used, only without window and price.

    ``problem``: why the learner's own file was left out, None where it was not or there is none.
    """

    providers: tuple[ProviderEntry, ...]
    sheets: Sheets
    families: tuple[Family, ...]
    problem: CatalogError | None = None

    def knows(self, provider: str) -> bool:
        """Tell whether there is such a vendor; one from the learner's own file may be gone with it."""
        return any(entry.name == provider for entry in self.providers)

    def provider(self, name: str) -> ProviderEntry:
        """Return a vendor by the name that settings use."""
        for entry in self.providers:
            if entry.name == name:
                return entry
        raise SettingsError(name="ASSISTANT_PROVIDER", value=name, allowed=", ".join(p.name for p in self.providers))

    def chats(self, provider: str, base_url: str = "") -> tuple[ChatEntry, ...]:
        """Return the chat models worth offering at an address (default: the provider's first preset)."""
        region = self.provider(provider).region(base_url)
        return self.sheets.chats.get((provider, region or ""), ())

    def embeddings(self, provider: str, base_url: str = "") -> tuple[EmbeddingEntry, ...]:
        """Return the embedding models worth offering at an address (default: the provider's first preset)."""
        region = self.provider(provider).region(base_url)
        return self.sheets.embeddings.get((provider, region or ""), ())

    def reranks(self, provider: str, base_url: str = "") -> tuple[RerankEntry, ...]:
        """Return the reranking models known at an address (default: the provider's first preset)."""
        region = self.provider(provider).region(base_url)
        return self.sheets.reranks.get((provider, region or ""), ())

    def chat(self, provider: str, model: str, base_url: str = "") -> ChatEntry:
        """Return what is known of a chat model at an address: its own row, or at least its family's vocabulary.

        A model that costs money only elsewhere keeps its window and loses its price.
        """
        vendor = self.provider(provider)
        if not vendor.charges:
            return self._unlisted_chat(vendor, model, local=_runs_here(vendor, base_url))
        for entry in self.chats(provider, base_url):
            if model in (entry.name, *entry.aliases):
                return entry
        for (owner, _), entries in self.sheets.chats.items():
            for entry in entries:
                if owner == provider and model in (entry.name, *entry.aliases):
                    return replace(
                        entry, prices=None, hours=(), currency=None, as_of=None, source="", note=_OTHER_REGION
                    )
        return self._unlisted_chat(vendor, model, local=False)

    def embedding(self, provider: str, model: str, base_url: str = "") -> EmbeddingEntry:
        """Return what is known of an embedding model at an address, as ``chat`` does."""
        vendor = self.provider(provider)
        if vendor.charges:
            for entry in self.embeddings(provider, base_url):
                if entry.name == model:
                    return entry
            for (owner, _), entries in self.sheets.embeddings.items():
                for entry in entries:
                    if owner == provider and entry.name == model:
                        return replace(entry, price=None, currency=None, as_of=None, source="", note=_OTHER_REGION)
        local = not vendor.charges and _runs_here(vendor, base_url)
        family = self._family(model)
        return EmbeddingEntry(
            provider,
            model,
            vocabulary=family.vocabulary if family else None,
            price=_NOTHING if local else None,
            currency=vendor.currency if local else None,
            local=local,
        )

    def _unlisted_chat(self, vendor: ProviderEntry, model: str, *, local: bool) -> ChatEntry:
        family = self._family(model)
        return ChatEntry(
            vendor.name,
            model,
            vocabulary=family.vocabulary if family else None,
            template=family.template if family else None,
            prices=(Price(None, _NOTHING, _NOTHING),) if local else None,
            currency=vendor.currency if local else None,
            local=local,
        )

    def _family(self, model: str) -> Family | None:
        name = model.lower()
        return next((family for family in self.families if any(part in name for part in family.contains)), None)


@cache
def catalog() -> Catalog:
    """Read the catalogue that ships with the app; once per process."""
    from assistant.providers.catalog_file import read_catalog

    shipped = read_catalog()
    return Catalog(shipped.providers, shipped.sheets, shipped.families)


def open_catalog(own: Path) -> Catalog:
    """Return the shipped catalogue with the learner's own file laid over it; a file that is wrong is named in ``problem``."""
    from assistant.providers.catalog_checks import CatalogError
    from assistant.providers.own_catalog import laid_over

    shipped = catalog()
    try:
        both = laid_over(shipped, own)
    except CatalogError as error:
        return replace(shipped, problem=error.in_file(str(own)))
    return Catalog(both.providers, both.sheets, both.families) if both else shipped


def _runs_here(vendor: ProviderEntry, base_url: str) -> bool:
    address = base_url or vendor.default_base_url
    return not address or is_local(address)
