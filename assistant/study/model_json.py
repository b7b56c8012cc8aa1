"""Reads the objects out of what a model wrote as JSON, however badly: fenced, cut off, half quoted, between prose.

Knows no card and no question: the caller names the fields that an object must have, and judges their values itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.study.loose_json import loose_objects

LONGEST = 400_000  # characters; far more than any answer may have
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:(u[0-9a-fA-F]{4})|([a-zA-Z]+)|(.)|\Z)", re.DOTALL)
_DEEPER = 2  # times that a string of JSON inside JSON is opened

# Commands that begin with the letter of a JSON escape: a model that forgets to double the backslash means these, and not
# a tab followed by "imes".
_LATEX = re.compile(
    r"""(?x)bar|because|begin|beta|beth|between|bf|big|bigcap|bigcup|binom|blacksquare|bm|bmatrix|bmod|boldsymbol|bot|
    boxed|breve|bullet|fbox|flat|floor|forall|frac|frown|nabla|natural|ne|nearrow|neg|neq|newline|nexists|nmid|
    nolimits|norm|not|notin|nparallel|nu|nwarrow|rangle|rbrace|rbrack|rceil|rfloor|rho|right|rightarrow|
    rightleftharpoons|rm|root|rVert|tan|tanh|tau|tbinom|text|textbf|textit|textrm|texttt|tfrac|therefore|theta|
    thickapprox|thinspace|tilde|times|to|top|triangle|triangleq|twoheadrightarrow|backslash|bigoplus|bigl|bigr|
    bigwedge|bigvee"""
)


@dataclass(frozen=True, slots=True)
class Items:
    """What was found: the whole ``objects``, how many were ``broken`` or lacked a field, and whether it was clean JSON."""

    objects: tuple[Mapping[str, Any], ...]
    broken: int
    clean: bool


def read_items(text: str, fields: Collection[str]) -> Items:
    """Return every object that has all of these fields, wherever in the text it stands, in its order.

    Names of fields count without regard to case and the blanks around them. An object of which only some fields arrived
    is counted and not guessed at.
    """
    return _items(_bare(text[:LONGEST]), fields, _DEEPER)


def _items(text: str, fields: Collection[str], deeper: int) -> Items:
    objects, clean = _strictly(text)
    if not clean:
        objects = loose_objects(text)
    named = [{str(name).strip().lower(): value for name, value in one.items()} for one in objects]
    wanted = {field.lower() for field in fields}
    whole = tuple(one for one in named if wanted <= one.keys())
    partly = sum(1 for one in named if wanted & one.keys() and not wanted <= one.keys())
    if whole or not deeper:
        return Items(whole, partly, clean)
    inside = [value for one in named for value in one.values() if isinstance(value, str) and "{" in value]
    inside += [text.strip()[1:-1].replace('\\"', '"')] if re.match(r'\s*"\s*[\[{]', text) else []
    found = [_items(value, fields, deeper - 1) for value in inside]
    opened = tuple(one for items in found for one in items.objects)
    return Items(opened, partly + sum(items.broken for items in found), clean and all(items.clean for items in found))


def _bare(text: str) -> str:
    """Take off what stands around the JSON, and double the backslashes of formulas that were forgotten."""
    text = _FENCE.sub("", _THOUGHTS.sub("", text.replace("\ufeff", "").replace("\u200b", "")))
    return _ESCAPE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code, letters, sign = found[1], found[2], found[3]
    if code or (sign is not None and sign in '"\\/'):
        return found[0]
    if letters and letters[0] in "bfnrt" and not _LATEX.fullmatch(letters):
        return found[0]
    return "\\" + found[0]


def _strictly(text: str) -> tuple[list[dict[str, Any]], bool]:
    """Return the objects of a text that is JSON from its first to its last character, and whether it is."""
    found: list[dict[str, Any]] = []

    def keep(one: dict[str, Any]) -> dict[str, Any]:
        found.append(one)
        return one

    try:
        json.loads(text, object_hook=keep, strict=False)
    except (ValueError, RecursionError):
        return [], False
    return found, True
