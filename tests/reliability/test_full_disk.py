"""A disk without room: what was there stays and works, the sentence says how much is free, and after making room it goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NOTES, do_without, write

ROOT = Path(__file__).parents[2]

# Runs a command with its first argument as a disk of a few megabytes, which only that command sees.
SMALL_DISK = """
set -e
mount -t tmpfs -o size=3m none "$1"
shift
"$@"
"""

FILLS = """
import json, sys
from pathlib import Path
from assistant.bootstrap import open_assistant
from assistant.errors import DiskFull
from assistant.knowledge.consistency import contradictions
from assistant.settings import Settings

disk, notes = Path(sys.argv[1]), Path(sys.argv[2])
app = open_assistant(Settings(notes=(notes,), data=disk / "data"))
app.sync().run()
before = sorted(note.place.path for note in app.store.notes())
ballast = disk / "ballast"
with ballast.open("wb", buffering=0) as file:
    try:
        while file.write(b"0" * 65536):
            pass
    except OSError:
        pass
(notes / "new.md").write_text("# New\\n\\n" + "\\n\\n".join(f"Passage {n} of many." * 20 for n in range(200)))
said = []
for attempt in (app.sync().run, lambda: app.uploads.add("a.md", b"# A" * 100_000), lambda: app.conversations.ask(None, "q" * 100_000)):
    try:
        attempt()
        said.append("done")
    except DiskFull as error:
        said.append([error.kind, error.message("en")])
matches = [match.chunk.note for match in app.search.find("Self-attention", 3).matches]
during = sorted(note.place.path for note in app.store.notes())
app.database.close()
ballast.unlink()
again = open_assistant(Settings(notes=(notes,), data=disk / "data"))
wrong = contradictions(again.database, again.embedder.key)
added = again.sync().run().added
print(json.dumps({"before": before, "during": during, "said": said, "matches": matches, "wrong": wrong, "added": added}))
"""


@pytest.mark.case(84)
def test_on_a_full_disk_the_library_still_answers_and_goes_on_when_there_is_room(notes: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    probe = [*_alone(SMALL_DISK), str(disk), "true"]
    if not shutil.which("unshare") or subprocess.run(probe, check=False, capture_output=True).returncode:
        do_without("small disks", "this system gives no disk of one's own to a test (unshare, mount)")
    command = [*_alone(SMALL_DISK), str(disk), sys.executable, "-c", FILLS, str(disk), str(notes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ)
    told = json.loads(done.stdout)

    assert told["before"] == told["during"] == sorted(NOTES)
    assert [one[0] for one in told["said"]] == ["disk_full"] * 3
    assert all("MB are free" in one[1] for one in told["said"])
    assert told["matches"][0] == "attention.md"
    assert told["wrong"] == []
    assert told["added"] == ["new.md"]


def _alone(script: str) -> list[str]:
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"]


@pytest.mark.case(84)
def test_a_command_on_a_full_disk_says_so_in_json(notes: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    write(notes, {f"many/{number}.md": f"# Note {number}\n\n" + "一句话。" * 500 for number in range(30)})
    command = [
        sys.executable,
        "-m",
        "assistant",
        "sync",
        "--json",
        "--notes",
        str(notes),
        "--data",
        str(tmp_path / "d"),
    ]
    done = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)),
    )  # fmt: skip

    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["kind"] in {"disk_full", "data_folder"}
    assert error["hint"]
    assert "Traceback" not in done.stderr
