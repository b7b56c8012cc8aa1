"""What can be wrong with what lies in the data folder: the database, and its backups. Knows no file."""

from __future__ import annotations

from assistant.errors.base import AssistantError, DataFolderError


class DamagedData(DataFolderError):
    """The database cannot be read, or not all of it; details: path, reason."""

    kind = "damaged_data"
    texts = {"zh": "数据库 {path} 已损坏：{reason}。", "en": "The database {path} is damaged: {reason}."}
    hints = {
        "zh": "笔记文件夹没有被动过。打开应用选一个备份恢复，或运行 python -m assistant restore；损坏的文件会留在 backups 文件夹里。",
        "en": "Your notes folder was not touched. Open the app and choose a backup, or run python -m assistant restore;"
        " the damaged file will be kept in the folder backups.",
    }


class NewerData(DataFolderError):
    """A later version of the app has written this database; details: path, version, known."""

    kind = "newer_data"
    texts = {
        "zh": "数据库 {path} 是更新版本的应用写的（第 {version} 版，本应用只认识到第 {known} 版），没有改动它。",
        "en": "The database {path} was written by a later version of this app ({version}; this one knows {known}); it was left as it is.",
    }
    hints = {
        "zh": "请升级应用。或者恢复升级前自动做的备份（python -m assistant restore）：现在的数据库也会先备份。",
        "en": "Update the app. Or go back to the backup made before that update (python -m assistant restore):"
        " the present database is backed up first.",
    }


class DataFolderGone(DataFolderError):
    """The database vanished while the app was running: deleted, moved, or its disk was taken away; details: path."""

    kind = "data_folder_gone"
    texts = {
        "zh": "数据文件夹 {path} 在应用运行时不见了，所以什么都没有保存。",
        "en": "The data folder {path} went away while the app was running, so nothing was saved.",
    }
    hints = {
        "zh": "把它放回原处（或重新接上磁盘）再试；确实要从头开始，就重启应用。",
        "en": "Put it back (or connect its disk) and try again; to begin anew, restart the app.",
    }


class BackupRefused(AssistantError):
    """A file that cannot be restored from; details: name, reason."""

    kind = "backup"
    texts = {"zh": "备份 {name} 不能用来恢复：{reason}。", "en": "The backup {name} cannot be restored: {reason}."}
    hints = {
        "zh": "请选另一个备份；现在的数据没有改动。",
        "en": "Choose another backup; the present data was left alone.",
    }


class RestoreUnconfirmed(AssistantError):
    """Going back to a backup from a terminal wants a yes; details: name."""

    kind = "needs_yes"
    texts = {
        "zh": "这会用 {name} 替换现在的数据；现在的数据会先备份，笔记文件夹不动。",
        "en": "This would put {name} in the place of the present data, which is backed up first; notes folders are not touched.",
    }
    hints = {"zh": "确认后加上 --yes 再运行。", "en": "Run it again with --yes if you want that."}
