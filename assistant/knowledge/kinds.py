"""Which suffixes are worth opening, and the kind each promises. What a file really is, its content decides later."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePath
from typing import Final

READERS: Final = "study_assistant.readers"  # entry points of other people's readers, named by their suffix

# Their stored text is the file's own, line by line; that of the others was written from it.
OWN_LINES: Final = frozenset({"markdown", "text", "code"})

# What a block of such code is called after its fence; the suffix where both are the same.
CODE: Final[dict[str, str]] = {
    ".py": "python", ".pyw": "python", ".pyi": "python", ".js": "javascript", ".mjs": "javascript",
    ".cjs": "javascript", ".jsx": "jsx", ".ts": "typescript", ".tsx": "tsx", ".java": "java", ".c": "c", ".h": "c",
    ".cpp": "cpp", ".cc": "cpp", ".cxx": "cpp", ".hpp": "cpp", ".hh": "cpp", ".cu": "cpp", ".cs": "csharp",
    ".go": "go", ".rs": "rust", ".sql": "sql", ".sh": "bash", ".bash": "bash", ".zsh": "bash", ".ps1": "powershell",
    ".r": "r", ".m": "matlab", ".jl": "julia", ".kt": "kotlin", ".kts": "kotlin", ".swift": "swift",
    ".scala": "scala", ".rb": "ruby", ".php": "php", ".pl": "perl", ".lua": "lua", ".hs": "haskell",
    ".ml": "ocaml", ".dart": "dart", ".f90": "fortran", ".asm": "text", ".v": "verilog", ".vhd": "vhdl",
}  # fmt: skip

DOCUMENTS: Final[dict[str, str]] = {
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".docx": "word", ".docm": "word", ".dotx": "word",
    ".pptx": "slides", ".pptm": "slides", ".ppsx": "slides",
    ".xlsx": "table", ".xlsm": "table", ".xlsb": "table", ".xls": "table", ".ods": "table",
    ".csv": "table", ".tsv": "table",
    ".epub": "book",
    ".ipynb": "notebook",
    ".srt": "subtitles", ".vtt": "subtitles",
    **dict.fromkeys(CODE, "code"),
}  # fmt: skip


@cache
def registered() -> dict[str, EntryPoint]:
    """Find the readers of other packages by the suffix they are named after, without importing one."""
    return {f".{entry.name.strip('.').lower()}": entry for entry in entry_points(group=READERS)}


def document_kind(name: str) -> str | None:
    """Return the kind that a name promises, one of ours or ``.suffix`` for another package's reader."""
    suffix = PurePath(name).suffix.lower()
    return DOCUMENTS.get(suffix) or (suffix if suffix in registered() else None)


def fence_of(path: str) -> str:
    """Name the language of a file of code, as it is written after a fence."""
    return CODE.get(PurePath(path).suffix.lower(), "text")
