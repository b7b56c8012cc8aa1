"""Which names promise which kind."""

from __future__ import annotations

import pytest

from assistant.knowledge.kinds import CODE, fence_of
from assistant.knowledge.notes import kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.MD", "markdown"), ("b.PDF", "pdf"), ("讲义.Pptx", "slides"), ("x.tar.gz", None), ("Makefile", None), ("a.R", "code"), ("a.tsv", "table")],
)  # fmt: skip
def test_a_name_promises_a_kind_by_its_last_suffix(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_every_kind_of_code_has_a_word_for_its_fence() -> None:
    assert all(fence_of(f"a{suffix.upper()}") == language for suffix, language in CODE.items())
    assert fence_of("a.unknown") == "text"
