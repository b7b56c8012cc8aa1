"""A guide's price before it is written, its parts kept as they come, and what it cites."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.answers.connection import offline
from assistant.bootstrap import Assistant
from assistant.cli import main
from assistant.errors import PromptTooLong
from assistant.knowledge.chunks import Chunk
from assistant.money.cost import Paid
from assistant.providers.base import Delta, Usage
from assistant.study.guide import as_markdown, carry_out, citations_json
from assistant.study.guide_parts import GuideParts
from assistant.study.guide_plan import Plan, plan
from tests.answers.speaking import Says, connected
from tests.conftest import write

SAID = [Delta("模型记住了训练集 [1]。不存在 [99]。"), Delta(usage=Usage(1_000, 100))]
REFUSED = PromptTooLong(provider="test", reason="1 > 0", limit=0)
SMALL = 1_400  # of a window: each of the notes needs a call of its own


@pytest.fixture
def chunks(app: Assistant) -> list[Chunk]:
    return [chunk for note in app.store.notes() for chunk in app.store.chunks_of(note.place.path)]


def planned(app: Assistant, chunks: list[Chunk], model: Says, window: int = SMALL) -> Plan:
    return plan(chunks, "guide", "zh", connected(model, window=window), GuideParts(app.database))


def test_all_calls_are_counted_and_priced_before_any_is_sent(app: Assistant, chunks: list[Chunk]) -> None:
    model, known = Says(SAID), GuideParts(app.database)
    made = planned(app, chunks, model)
    cost = made.cost(known)

    assert model.asked == []
    assert made.calls(known) == len(made.parts) + 1 > 2
    assert cost is not None
    assert 0 < sum(part.draft.preview.cost.high for part in made.parts if part.draft.preview.cost) < cost.high
    guide = carry_out(made, app.ledger, known)
    assert len(model.asked) == guide.calls == len(made.parts) + 1
    assert guide.paid == Paid("CNY", Decimal("0.0028") * guide.calls)
    assert {entry.purpose for entry in app.ledger.entries()} == {"guide"}


def test_every_passage_is_in_exactly_one_part(app: Assistant, chunks: list[Chunk]) -> None:
    made = planned(app, chunks, Says(SAID))

    assert [match.chunk for part in made.parts for match in part.matches] == chunks
    assert all(part.draft.preview.fits for part in made.parts)


def test_what_fits_into_one_call_needs_no_overview(app: Assistant, chunks: list[Chunk]) -> None:
    made = planned(app, chunks, Says(SAID), window=32_000)

    assert (len(made.parts), made.has_overview, made.calls(GuideParts(app.database))) == (1, False, 1)


def test_a_guide_that_failed_goes_on_where_it_stopped(app: Assistant, chunks: list[Chunk]) -> None:
    known = GuideParts(app.database)

    class Breaks(Says):
        def stream(self, request):  # type: ignore[no-untyped-def]
            if len(self.asked) == 1:
                self.asked.append(request)
                raise REFUSED
            yield from super().stream(request)

    first = planned(app, chunks, Breaks(SAID))
    with pytest.raises(PromptTooLong):
        carry_out(first, app.ledger, known)
    model = Says(SAID)
    again = planned(app, chunks, model)
    assert len(again.pending) == len(first.parts) - 1
    carry_out(again, app.ledger, known)

    assert len(model.asked) == len(first.parts)  # those that were missing, and the overview
    done = planned(app, chunks, model)
    cost = done.cost(known)
    assert (done.calls(known), cost.high if cost else None) == (0, 0)
    assert carry_out(done, app.ledger, known).calls == 0


def test_a_changed_passage_is_written_anew_and_another_model_too(app: Assistant, chunks: list[Chunk]) -> None:
    known = GuideParts(app.database)
    carry_out(planned(app, chunks, Says(SAID)), app.ledger, known)

    assert planned(app, chunks[1:], Says(SAID)).calls(known) > 0
    assert len(planned(app, chunks, Says(SAID, name="other")).pending) == len(planned(app, chunks, Says(SAID)).parts)


def test_invented_markers_go_and_markers_are_numbered_through(app: Assistant, chunks: list[Chunk]) -> None:
    guide = carry_out(planned(app, chunks, Says(SAID)), app.ledger, GuideParts(app.database))
    text = as_markdown(guide, "zh")

    assert "[99]" not in text
    assert [one["marker"] for one in citations_json(guide)] == list(range(1, len(guide.parts) + 1))
    assert all(f"[{number}]" in text for number in range(1, len(guide.parts) + 1))
    assert "（第 1 部分）" in text


def test_a_window_that_holds_no_passage_refuses_before_sending(app: Assistant, chunks: list[Chunk]) -> None:
    model = Says(SAID)
    made = planned(app, chunks, model, window=600)
    assert isinstance(made.refusal, PromptTooLong)
    with pytest.raises(PromptTooLong):
        carry_out(made, app.ledger, GuideParts(app.database))

    assert model.asked == []


def test_without_a_model_each_line_stands_in_its_passage_and_costs_nothing(app: Assistant, chunks: list[Chunk]) -> None:
    known = GuideParts(app.database)
    made = plan(chunks, "guide", "zh", offline(), known)
    cost = made.cost(known)
    guide = carry_out(made, app.ledger, known)

    assert (made.calls(known), cost.high if cost else None, guide.overview) == (0, 0, "")
    citations = [one for part in guide.parts for one in part.citations]
    assert citations
    assert all(one.verified for one in citations)
    assert app.ledger.entries() == []


@pytest.mark.parametrize("text", ["", "词", "[a](https://x.y)\n", "# 标题\n", "## 甲\n\n## 乙\n"])
def test_notes_that_say_nothing_make_an_empty_guide(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "notes", {"a.md": text})
    options = ["--notes", str(tmp_path / "notes"), "--data", str(tmp_path / "data")]
    assert main(["sync", *options]) == 0
    capsys.readouterr()

    assert main(["guide", "--json", *options]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["citations"], made["calls"]) == ([], 0)


def test_the_terminal_gives_guide_map_and_an_error_for_a_note_that_is_not_there(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--json", "--notes", str(notes), "--data", str(tmp_path / "data")]
    assert main(["sync", *options]) == 0
    capsys.readouterr()

    assert main(["guide", "--in", "attention.md", *options]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["kind"], made["notes"], made["provider"]) == ("guide", ["attention.md"], "offline")
    assert {one["note"] for one in made["citations"]} == {"attention.md"}
    assert main(["guide", "--map", "md", "--in", "attention.md", *options]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "# Attention\n\n- Scaling\n"
    assert main(["guide", "--in", "none.md", *options]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "not_found"
