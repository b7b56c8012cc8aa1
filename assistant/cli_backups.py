"""Backups for a terminal: made, listed, gone back to, everything exported. Also where the database cannot be opened any more."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant import restoring
from assistant.backups import Backup, Backups
from assistant.bootstrap import Assistant
from assistant.database import FILE_NAME
from assistant.errors import Language, NotFound, RestoreUnconfirmed, Said
from assistant.export_all import export_all as _export
from assistant.settings import Settings

_EMPTY: Said = {"zh": "空的数据库", "en": "an empty database"}
_LINES: dict[str, Said] = {
    "made": {"zh": "已备份：{}", "en": "Backed up: {}"},
    "restored": {"zh": "已恢复：{}", "en": "Restored: {}"},
    "kept": {"zh": "之前的数据已备份为：{}", "en": "What was there before is kept as: {}"},
    "aside": {"zh": "损坏的文件放在：{}", "en": "The damaged file lies in: {}"},
    "none": {"zh": "还没有备份。", "en": "There is no backup yet."},
    "exported": {"zh": "已导出到：{}", "en": "Exported to: {}"},
}


def backup(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Back up now, or only list the backups there are."""
    made = None if given.list else assistant.database.backups.make("hand")
    return {
        "backup": _as_json(made) if made else None,
        "backups": [_as_json(one) for one in assistant.database.backups.all()],
    }


def restore(settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    """Go back to a backup, by name or file, or to the newest; without ``--yes`` nothing is done. ``--empty`` begins anew."""
    backups = Backups(settings.data, FILE_NAME)
    if given.empty:
        chosen = None
    elif given.backup:
        named = backups.folder / given.backup
        chosen = named if named.is_file() else Path(given.backup)
    else:
        chosen = next((one.file for one in backups.all()), None)
        if chosen is None:
            raise NotFound(what={"zh": "备份", "en": "A backup"})
    if not given.yes:
        raise RestoreUnconfirmed(name=chosen.name if chosen else _EMPTY)
    former = restoring.begin_anew(settings.data) if chosen is None else restoring.restore(settings.data, chosen)
    aside = sorted(backups.folder.glob("damaged-*"))
    return {
        "restored": chosen.name if chosen else None,
        "former": _as_json(former) if former else None,
        "damaged": str(aside[-1]) if aside and not former else None,
    }


def export_all(assistant: Assistant, given: argparse.Namespace) -> dict[str, Any]:
    """Write everything into one zip."""
    names = _export(assistant, given.file, assistant.settings.language or "zh")
    return {"file": str(given.file), "names": names}


def show(result: dict[str, Any], language: Language) -> None:
    """Print what was done, in a line each, and the backups."""
    lines = []
    if "file" in result:
        lines.append(_LINES["exported"][language].format(result["file"]))
    elif "restored" in result:
        lines.append(_LINES["restored"][language].format(result["restored"] or "—"))
        if result["former"]:
            lines.append(_LINES["kept"][language].format(result["former"]["name"]))
        if result["damaged"]:
            lines.append(_LINES["aside"][language].format(result["damaged"]))
    else:
        if result["backup"]:
            lines.append(_LINES["made"][language].format(result["backup"]["name"]))
        lines += [f"{one['name']}  {one['size'] / 1e6:8.1f} MB" for one in result["backups"]]
        lines += [] if result["backups"] else [_LINES["none"][language]]
    sys.stdout.writelines(f"{line}\n" for line in lines)


def add_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add these commands to the parser."""
    command = add("backup", backup, show, "Back up the database now.")
    command.add_argument("--list", action="store_true", help="only list the backups")
    command = add("restore", restore, show, "Go back to a backup; the present data is backed up first.")
    command.add_argument(
        "backup", nargs="?", metavar="NAME", help="as backup --list names it, or a file; left out: the newest"
    )
    command.add_argument("--empty", action="store_true", help="to an empty database; notes are read again")
    command.add_argument("--yes", action="store_true", help="really do it")
    command = add(
        "export-all", export_all, show, "Write chats, cards, ledger, settings and a copy of the database into one zip."
    )
    command.add_argument("file", type=Path, metavar="FILE")


def _as_json(one: Backup) -> dict[str, Any]:
    return {
        "name": one.file.name,
        "at": one.at.isoformat(timespec="seconds"),
        "reason": one.reason,
        "size": one.size,
        "version": one.version,
    }
