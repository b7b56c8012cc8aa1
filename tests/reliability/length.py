"""How long the tests of this room may take: a fast sample, or everything where ASSISTANT_TESTS_LONG is set."""

from __future__ import annotations

import os

LONG = bool(
    os.environ.get("ASSISTANT_TESTS_LONG")
)  # read at import: before each test the variables named ASSISTANT_* are taken away
