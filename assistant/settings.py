"""Every choice of the learner, read once and handed down. The only reader of the environment, ``.env`` and ``secrets.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NoReturn, cast, get_args
from urllib.parse import urlsplit

from assistant.errors import Language, SettingsError

ProviderName = Literal["offline", "ollama", "dashscope", "siliconflow", "deepseek", "openai", "custom"]
VectorStoreName = Literal["faiss", "milvus"]
PrecisionName = Literal["full", "half", "byte"]


KEY_NAMES = (
    "DASHSCOPE_API_KEY",
    "SILICONFLOW_API_KEY",
    "DEEPSEEK_API_KEY",
    "OPENAI_API_KEY",
    "OLLAMA_API_KEY",
    "ASSISTANT_API_KEY",
    "ASSISTANT_EMBEDDING_API_KEY",
    "ASSISTANT_MILVUS_TOKEN",
)

_PLACEHOLDER = re.compile(
    r"(?:sk[-_])?(?:([x*.…_-])\1*$|(?:your|my|change|replace|insert|paste|enter|example|placeholder|dummy|api[-_ ]?key)"
    r"(?:[-_ a-z]{0,40}$)|在此|填写|你的)|<.*>$|(?:sk[-_])?\.{3}",
    re.IGNORECASE,
)


class Keys:
    """The API keys that were found, by the name of their variable; printing shows names only."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __repr__(self) -> str:
        return f"Keys({', '.join(sorted(self._values))})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and self._values == other._values

    def __hash__(self) -> int:
        return hash(frozenset(self._values))

    def __copy__(self) -> Keys:
        return self

    def __deepcopy__(self, memo: object) -> Keys:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("keys are not written anywhere")

    def names(self) -> frozenset[str]:
        """Return which keys there are."""
        return frozenset(self._values)

    def placeholders(self) -> frozenset[str]:
        """Return which of them are what an example has in place of a key, such as sk-xxx or <your key>."""
        return frozenset(name for name, value in self._values.items() if _PLACEHOLDER.match(value.strip()))

    def reveal(self, name: str) -> str:
        """Return one key, for the box that carries it to its host."""
        return self._values[name]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the app runs with.

    ``notes``: the folders to read, never written to. ``data``: the one folder that is written to.
    ``language``: None until the learner or the environment chooses; the browser's locale decides then.
    ``vector_precision``: how many bytes FAISS keeps for a number: 4, 2 or 1. ``milvus_uri``: empty is a file in ``data``.
    ``allowed_users``: the e-mail addresses that may log in, where the app is set up to ask for that.
    ``fixed``: the names of variables given from outside, which the settings page must not offer to change.
    """

    notes: tuple[Path, ...] = (Path("notes"),)
    data: Path = Path(".assistant")
    provider: ProviderName = "offline"
    model: str = ""
    base_url: str = ""
    embedding_provider: ProviderName = "offline"
    embedding_model: str = ""
    embedding_base_url: str = ""
    ollama_host: str = ""
    keys: Keys = field(default_factory=Keys)
    language: Language | None = None
    vector_store: VectorStoreName = "faiss"
    vector_precision: PrecisionName = "full"
    milvus_uri: str = ""
    allowed_users: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()

    def preferring(self, preferences: Mapping[str, object]) -> Settings:
        """Fill in what the learner chose in the app, where nothing from outside fixes it."""
        chosen = self
        folders = preferences.get("notes")
        if isinstance(folders, list) and folders and "ASSISTANT_NOTES_DIR" not in self.fixed:
            chosen = replace(chosen, notes=tuple(Path(str(folder)) for folder in folders))
        language = preferences.get("language")
        if language in get_args(Language) and "ASSISTANT_LANGUAGE" not in self.fixed:
            chosen = replace(chosen, language=cast("Language", language))
        return chosen


def read_settings(
    given: Mapping[str, str] | None = None, *, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Read all sources, strongest first: ``given`` (command line), environment, ``.env``, ``.streamlit/secrets.toml``."""
    folder = folder or Path.cwd()
    process = os.environ if environment is None else environment
    sources = (given or {}, process, _dotenv(folder / ".env"), _secrets(folder / ".streamlit" / "secrets.toml"))
    values: dict[str, str] = {}
    for source in reversed(sources):
        values.update({name: value for name, value in source.items() if _is_ours(name) and value.strip()})
    return _settings(values)


def _is_ours(name: str) -> bool:
    return name.startswith("ASSISTANT_") or name in KEY_NAMES or name == "OLLAMA_HOST"


def _settings(values: Mapping[str, str]) -> Settings:
    default = Settings()
    notes = values.get("ASSISTANT_NOTES_DIR")
    language = _one_of(values, "ASSISTANT_LANGUAGE", get_args(Language), "")
    return Settings(
        notes=tuple(Path(part) for part in notes.split(os.pathsep) if part) if notes else default.notes,
        data=Path(values.get("ASSISTANT_DATA_DIR", default.data)),
        provider=cast("ProviderName", _one_of(values, "ASSISTANT_PROVIDER", get_args(ProviderName), "offline")),
        model=values.get("ASSISTANT_MODEL", ""),
        base_url=values.get("ASSISTANT_BASE_URL", ""),
        embedding_provider=cast(
            "ProviderName", _one_of(values, "ASSISTANT_EMBEDDING_PROVIDER", get_args(ProviderName), "offline")
        ),
        embedding_model=values.get("ASSISTANT_EMBEDDING_MODEL", ""),
        embedding_base_url=values.get("ASSISTANT_EMBEDDING_BASE_URL", ""),
        ollama_host=values.get("OLLAMA_HOST", ""),
        keys=Keys({name: values[name].strip() for name in KEY_NAMES if name in values}),
        language=cast("Language", language) if language else None,
        vector_store=cast(
            "VectorStoreName", _one_of(values, "ASSISTANT_VECTOR_STORE", get_args(VectorStoreName), "faiss")
        ),
        vector_precision=cast(
            "PrecisionName", _one_of(values, "ASSISTANT_VECTOR_PRECISION", get_args(PrecisionName), "full")
        ),
        milvus_uri=_milvus_uri(values.get("ASSISTANT_MILVUS_URI", "").strip()),
        allowed_users=tuple(values.get("ASSISTANT_ALLOWED_USERS", "").replace(",", " ").split()),
        fixed=frozenset(name for name in values if name not in KEY_NAMES),
    )


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = values.get(name, default).strip().lower()
    if value != default and value not in allowed:
        raise SettingsError(name=name, value=repr(values[name]), allowed=", ".join(allowed))
    return value


def _milvus_uri(value: str) -> str:
    """Take a server's address or a file of Milvus Lite; a password in it would be shown and logged with it."""
    address = urlsplit(value)
    if address.scheme in ("http", "https", "tcp") and "@" not in address.netloc and address.netloc:
        return value
    if not value or value.endswith(".db"):
        return value
    allowed = "http://localhost:19530, https://…, folder/milvus.db; ASSISTANT_MILVUS_TOKEN = user:password"
    raise SettingsError(name="ASSISTANT_MILVUS_URI", value=repr(value.rpartition("@")[2]), allowed=allowed)


def keep_key(name: str, value: str, folder: Path | None = None) -> Path:
    """Write a key into ``.env``, readable by its owner only; return the file."""
    from dotenv import set_key

    file = (folder or Path.cwd()) / ".env"
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    set_key(file, name, value.strip(), encoding="utf-8")
    file.chmod(0o600)
    return file


def _dotenv(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(file, encoding="utf-8-sig").items() if value is not None}


def _secrets(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(name=file.name, value=type(error).__name__, allowed="TOML") from error
    return {name: value for name, value in table.items() if isinstance(value, str)}
