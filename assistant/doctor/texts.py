"""What the checks are called and what they say, in both languages at once. The sentences are data beside this file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from assistant.errors import AssistantError, Language, Said

LANGUAGES: tuple[Language, ...] = ("zh", "en")

NOTHING: Said = {"zh": "", "en": ""}


@cache
def sentences() -> Mapping[str, Mapping[str, Said]]:
    """Return the tables of the file: ``names`` of checks, and what they have ``said``."""
    text = resources.files("assistant.doctor").joinpath("texts.toml").read_text("utf-8")
    tables: Mapping[str, Mapping[str, Said]] = tomllib.loads(text)
    return tables


def said(name: str, /, **values: object) -> Said:
    """Return a sentence in both languages with its values filled in; a value may itself be in both."""
    return {language: _filled(sentences()["said"][name][language], language, values) for language in LANGUAGES}


def title(name: str) -> Said:
    """Return what the learner calls a check or a group of checks."""
    return sentences()["names"][name]


def joined(*parts: Said) -> Said:
    """Put sentences one after another, each language by itself."""
    return {language: " ".join(part[language] for part in parts if part[language]) for language in LANGUAGES}


def message_of(error: AssistantError) -> Said:
    """Return what an error says happened."""
    return {language: error.message(language) for language in LANGUAGES}


def hint_of(error: AssistantError) -> Said:
    """Return what an error says to do next."""
    return {language: error.hint(language) for language in LANGUAGES}


def _filled(template: str, language: Language, values: Mapping[str, object]) -> str:
    def value(field: re.Match[str]) -> str:
        found = values.get(field[1], field[0])
        return str(found[language] if isinstance(found, Mapping) else found)

    return re.sub(r"{(\w+)}", value, template)
