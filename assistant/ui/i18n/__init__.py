"""The words on screen, in Chinese and English. Knows no Streamlit; the catalogues are data beside this file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from assistant.errors import Language

LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}
_FIELD = re.compile(r"{(?P<name>\w+)(?::(?P<one>[^|{}]*)\|(?P<many>[^|{}]*))?}")


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return every text of a language by its dotted name."""
    tables = tomllib.loads(resources.files("assistant.ui.i18n").joinpath(f"{language}.toml").read_text("utf-8"))
    return {f"{group}.{name}": text for group, texts in tables.items() for name, text in texts.items()}


def say(language: Language, name: str, /, **values: object) -> str:
    """Return a text with its values filled in, and its words in the number that they have to stand in: {count:call|calls}.

    A name that is in no catalogue is a KeyError.
    """
    return _FIELD.sub(lambda field: _filled(field, values), catalogue(language)[name])


def _filled(field: re.Match[str], values: Mapping[str, object]) -> str:
    value = str(values.get(field["name"], field[0]))
    if field["one"] is None:
        return value
    return field["one"] if value == "1" else field["many"]


def language_of_locale(locale: str | None) -> Language:
    """Choose the language for a browser's locale; Chinese where it does not say."""
    return "zh" if not locale or locale.lower().startswith("zh") else "en"
