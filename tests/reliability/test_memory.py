"""A process that gets no more memory: the work that wanted it ends with a sentence, the app goes on and answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.knowledge.readers import pdf_process
from tests.answers.speaking import LONGEST, drafted

ROOT = Path(__file__).parents[2]

# With almost no room above what the process holds already, a background job asks for more than there is.
SHORT = """
import json, resource, sys
from pathlib import Path
from assistant.bootstrap import open_assistant
from assistant.settings import Settings

app = open_assistant(Settings(notes=(Path(sys.argv[1]),), data=Path(sys.argv[2])))
app.sync().run()
app.search.find("Self-attention", 3)
(Path(sys.argv[1]) / "big.md").write_text("# Big\\n\\n" + "\\n\\n".join(f"Passage {n} of a long note." for n in range(30_000)))
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
soft, hard = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (held + 24_000_000, hard))
job = app.start_sync()
job.wait(120)
matches = [match.chunk.note for match in app.search.find("Self-attention", 3).matches]
draft = app.prepare("Self-attention?")
resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
(Path(sys.argv[1]) / "big.md").write_text("# No longer big\\n\\nShort.\\n")
from assistant.knowledge.consistency import contradictions
print(json.dumps({
    "state": job.state, "kind": job.error.kind if job.error else None, "matches": matches, "tokens": len(draft.request.messages),
    "wrong": contradictions(app.database, app.embedder.key), "notes": len(app.store.notes()),
    "later": app.sync().run().added,
}))
"""


@pytest.mark.case(89)
@pytest.mark.skipif(sys.platform != "linux", reason="the address space is limited where /proc tells how much is in use")
def test_a_sync_that_runs_out_of_memory_ends_alone(notes: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHORT, str(notes), str(tmp_path / "data")]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert (told["state"], told["kind"]) == ("failed", "memory")
    assert told["matches"][0] == "attention.md"
    assert told["tokens"]
    assert (told["wrong"], told["notes"]) == ([], 3)
    assert told["later"] == ["big.md"]


class Swells:
    """Asks for more memory than any machine has, in the middle of an answer."""

    provider = "test"
    name = "swells"

    def stream(self, request: object) -> object:
        from assistant.providers.base import Delta

        yield Delta("模型")
        bytearray(1 << 60)


@pytest.mark.case(89)
def test_an_answer_that_runs_out_of_memory_keeps_its_words_and_the_next_one_works(app: Assistant) -> None:
    draft = drafted(app, Swells())  # type: ignore[arg-type]
    id_, turn_id = app.conversations.ask(None, draft.question)
    turn = app.answer(id_, turn_id, draft)
    turn.wait(LONGEST)

    assert turn.error is not None
    assert turn.error.kind == "memory"
    (saved,) = app.conversations.turns(id_)
    assert (saved.state, saved.answer) == ("failed", "模型")
    again = app.answer(*app.conversations.ask(id_, "什么是过拟合？"), app.prepare("什么是过拟合？"))
    again.wait(LONGEST)
    assert again.state == "complete"


@pytest.mark.case(89)
def test_a_reading_process_that_takes_too_much_is_ended_and_the_other_notes_are_read(
    app: Assistant, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(notes / "big.pdf"))
    canvas.drawString(72, 700, "A page of a PDF.")
    canvas.save()
    (notes / "other.md").write_text("# Other\n\nIs read as ever.\n")
    monkeypatch.setattr(pdf_process, "MAX_MEMORY", 1)
    report = app.sync().run()

    assert [(path, error.kind) for path, error in report.failed] == [("big.pdf", "too_big")]
    assert "other.md" in report.added
    monkeypatch.undo()
    assert app.search.find("Is read as ever", 1).matches[0].chunk.note == "other.md"
