"""How many tokens a picture takes, where its provider documents a rule; None where it does not. Knows no bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.providers.base import Picture
from assistant.providers.entries import PictureRule

# OpenAI's guide to vision, 2026-11: tiles of 512 pixels after the picture was fitted into 2048 and its short side into
# 768; base and price of a tile. Bills of gpt-4o-mini that learners published agree (a picture of one tile: 8 500).
_TILES: dict[PictureRule, tuple[int, int]] = {"tiles-85-170": (85, 170), "tiles-2833-5667": (2_833, 5_667)}
# The same guide: patches of 32 pixels, at most 1 536 of them, times a factor of the model.
_PATCHES: dict[PictureRule, float] = {"patches-1.62": 1.62}
_MOST_PATCHES = 1_536


def picture_tokens(rule: PictureRule | None, pictures: Sequence[Picture]) -> int | None:
    """Return what pictures add to a prompt: 0 without any, None where nothing is known of the model."""
    if not pictures:
        return 0
    if rule in _TILES:
        return sum(_tiled(picture, *_TILES[rule]) for picture in pictures)
    if rule in _PATCHES:
        return sum(_patched(picture, _PATCHES[rule]) for picture in pictures)
    return None


def _tiled(picture: Picture, base: int, tile: int) -> int:
    width, height = picture.width, picture.height
    shrink = min(1.0, 2_048 / max(width, height))
    shrink = min(shrink, 768 / min(width, height)) if min(width, height) * shrink > 768 else shrink
    return base + tile * math.ceil(width * shrink / 512) * math.ceil(height * shrink / 512)


def _patched(picture: Picture, factor: float) -> int:
    """Count patches; a picture of too many is made smaller and billed as the most there can be, by published bills."""
    patches = math.ceil(picture.width / 32) * math.ceil(picture.height / 32)
    return math.ceil(min(patches, _MOST_PATCHES) * factor)
