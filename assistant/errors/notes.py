"""What can be wrong with one file of the learner; the run goes on without it."""

from __future__ import annotations

from assistant.errors.base import AssistantError, Language

_OCR_HINTS: dict[Language, str] = {
    "zh": "在资料库中打开它，点「用 OCR 识别」；或在终端运行 python -m assistant sync --ocr。",
    "en": "Open it in the library and choose “Read with OCR”, or run python -m assistant sync --ocr in a terminal.",
}


class NoteError(AssistantError):
    """One file that could not be read; details always hold the path shown to the learner."""

    kind = "note"
    texts = {"zh": "{path} 无法读取。", "en": "{path} could not be read."}


class UnreadableNote(NoteError):
    """The operating system refused; details: path, reason."""

    kind = "unreadable"
    texts = {"zh": "{path} 打不开：{reason}。", "en": "{path} could not be opened: {reason}."}
    hints = {
        "zh": "检查文件权限，或关闭正在占用它的程序，然后重新同步。",
        "en": "Check its permissions, or close the program that holds it, then sync again.",
    }


class NotText(NoteError):
    """The bytes are not what the suffix promises; details: path, found."""

    kind = "not_text"
    texts = {
        "zh": "{path} 的内容不是它后缀所说的格式（像是 {found}）。",
        "en": "{path} is not what its suffix says (it looks like {found}).",
    }
    hints = {"zh": "改成正确的后缀，或另存为 UTF-8 文本。", "en": "Give it the right suffix, or save it as UTF-8 text."}


class EmptyNote(NoteError):
    """A file without content; details: path."""

    kind = "empty"
    texts = {"zh": "{path} 是空的。", "en": "{path} is empty."}
    hints = {"zh": "写上内容后会自动读入。", "en": "It will be read once there is something in it."}


class TooBig(NoteError):
    """Over a limit of ours; details: path, limit."""

    kind = "too_big"
    texts = {"zh": "{path} 超过上限（{limit}）。", "en": "{path} is over the limit ({limit})."}
    hints = {"zh": "把它拆成几个较小的文件。", "en": "Split it into smaller files."}


class DamagedNote(NoteError):
    """The parser could not make sense of the file; details: path, reason."""

    kind = "damaged"
    texts = {"zh": "{path} 已损坏或不完整（{reason}）。", "en": "{path} is damaged or incomplete ({reason})."}
    hints = {
        "zh": "重新下载，或用别的程序打开后另存一份。",
        "en": "Download it again, or save a fresh copy from another program.",
    }


class PasswordNeeded(NoteError):
    """An encrypted PDF; details: path."""

    kind = "password"
    texts = {"zh": "{path} 需要密码才能打开。", "en": "{path} needs a password."}
    hints = {"zh": "另存一份没有密码的副本再添加。", "en": "Save a copy without a password and add that."}


class NoTextLayer(NoteError):
    """A scan, or pages whose letters mean nothing to a program; details: path, pages."""

    kind = "no_text"
    texts = {
        "zh": "{path} 共 {pages} 页，都没有可用的文字，需要 OCR。",
        "en": "None of the {pages} pages of {path} has usable text: they need OCR.",
    }
    hints = _OCR_HINTS


class MissingPackage(NoteError):
    """A reader needs a package that is not installed; details: path, package, install (the line that installs it)."""

    kind = "missing_package"
    texts = {
        "zh": "读取 {path} 需要的组件 {package} 没有安装。",
        "en": "{path} needs the package {package}, which is not installed.",
    }
    hints = {"zh": "运行 {install}，然后重新同步。", "en": "Run {install}, then sync again."}


class NeedsOcr(NoteError):
    """A picture whose text has to be recognised; details: path."""

    kind = "needs_ocr"
    texts = {"zh": "{path} 是图片，需要 OCR。", "en": "{path} is a picture: it needs OCR."}
    hints = _OCR_HINTS


class OcrMissing(NoteError):
    """OCR was asked for and its packages are not installed; details: path, install."""

    kind = "ocr_missing"
    texts = {
        "zh": "{path} 需要 OCR，但没有安装识别文字的组件。",
        "en": "{path} needs OCR, and the packages for it are not installed.",
    }
    hints = {"zh": "运行 {install} ，再重试。", "en": "Run {install} and try again."}
