"""What the commands print for people. Knows only the JSON that scripts get."""

from __future__ import annotations

import unicodedata
from typing import Any

from assistant.errors import Language

_WORDS: dict[str, dict[Language, str]] = {
    "notes": {"zh": "篇笔记", "en": "notes"},
    "chunks": {"zh": "个片段", "en": "chunks"},
    "added": {"zh": "新增", "en": "added"},
    "changed": {"zh": "更新", "en": "changed"},
    "removed": {"zh": "移除", "en": "removed"},
    "renamed": {"zh": "改名", "en": "renamed"},
    "failed": {"zh": "失败", "en": "failed"},
    "missing": {
        "zh": "找不到文件夹或其中没有文件，原有索引保留",
        "en": "folder missing or empty; what was indexed stays",
    },
    "weak": {"zh": "没有真正相关的内容；最接近的是：", "en": "Nothing really fits; the nearest passages:"},
    "nothing": {"zh": "没有找到。", "en": "Nothing found."},
    "lines": {"zh": "行", "en": "lines"},
    "page": {"zh": "页", "en": "page"},
    "sent": {"zh": "将发送", "en": "would send"},
    "cost": {"zh": "费用", "en": "cost"},
    "unknown": {"zh": "未知", "en": "unknown"},
    "calls": {"zh": "次调用", "en": "calls"},
    "billed": {"zh": "账单", "en": "billed"},
    "predicted": {"zh": "预计", "en": "predicted"},
    "unused": {"zh": "还没有调用过模型。", "en": "No model has been asked yet."},
    "exact": {"zh": "精确", "en": "exact"},
    "about": {"zh": "约", "en": "about"},
    **{"model": {"zh": "模型", "en": "model"}, "prompt": {"zh": "提示词", "en": "prompt"}},
    **{"window": {"zh": "窗口", "en": "window"}, "fits": {"zh": "放得下", "en": "fits"}},
    **{"yes": {"zh": "是", "en": "yes"}, "no": {"zh": "否", "en": "no"}},
    "free": {"zh": "不收费", "en": "no charge"},
}


def sync(report: dict[str, Any], language: Language) -> None:
    """Print a sync report, one line per file that needs attention."""
    print(
        f"{report['notes']} {_w('notes', language)} · {report['chunks']} {_w('chunks', language)} · {report['seconds']} s"
    )
    for name in ("added", "changed", "removed"):
        if report[name]:
            print(
                f"{_w(name, language)} {len(report[name])}: {', '.join(report[name][:8])}{' …' if len(report[name]) > 8 else ''}"
            )
    for move in report["renamed"]:
        print(f"{_w('renamed', language)}: {move['from']} → {move['to']}")
    for bad in report["failed"]:
        print(f"{_w('failed', language)}: {bad['message']}")
    if report["cost"] is None or report["cost"]["high"] != "0":
        print(f"{_w('cost', language)}: {_cost(report['cost'], language)}")
    for folder in report["missing_folders"]:
        print(f"{folder}: {_w('missing', language)}")


def search(result: dict[str, Any], language: Language) -> None:
    """Print matches, best first."""
    if not result["relevant"]:
        print(_w("weak" if result["matches"] else "nothing", language))
    for number, match in enumerate(result["matches"], start=1):
        print(f"[{number}] {match['score']:.2f}  {_place(match, language)}\n    {_short(match['text'])}")


def preview(result: dict[str, Any], language: Language) -> None:
    """Print the parts of a prompt, its cost, and the messages."""
    parts = result["parts"]
    kind = _w("exact" if result["exact"] else "about", language)
    print(f"{result['provider']} / {result['model']}: {_w('sent', language)} {result['prompt_tokens']} tokens ({kind})")
    for name in ("system", "history", "chunks", "question", "overhead"):
        print(f"  {name:9}{sum(parts[name]) if name == 'chunks' else parts[name]:>7}")
    print(f"{_w('cost', language)}: {_cost(result['cost'], language)}\n")
    if "models" in result:
        _models(result["models"], language)
        return
    for message in result["messages"]:
        print(f"--- {message['role']}\n{message['content']}")


def ask(result: dict[str, Any], language: Language) -> None:
    """Print an answer and where its statements stand."""
    print(result["answer"] + "\n")
    said = set()
    for citation in result["citations"]:
        if citation["marker"] not in said:
            said.add(citation["marker"])
            print(f"[{citation['marker']}] {_place(citation, language)}")
    if result["provider"] != "offline":
        cost = result["cost"]
        spent = f"{cost['currency']} {cost['amount']}" if cost else _w("unknown", language)
        print(f"\n{result['provider']} / {result['model']} · {_w('cost', language)} {spent} · {result['seconds']} s")


def tokens(result: dict[str, Any], language: Language) -> None:
    """Print how many tokens a text has, and each of them with its number."""
    kind = _w("exact" if result["exact"] else "about", language)
    print(f"{result['count']} tokens ({kind}, {result['vocabulary']})")
    for token in result["tokens"]:
        print(f"{token['id']:>8}  {token['text']!r}")


def usage(result: dict[str, Any], language: Language) -> None:
    """Print the ledger, one line a group, predicted beside billed."""
    if not result["groups"]:
        print(_w("unused", language))
    for group in result["groups"]:
        spent = f"{group['currency']} {group['amount']}" if group["currency"] else _w("unknown", language)
        said = f"{_w('predicted', language)} {group['predicted_prompt_tokens']}, {_w('billed', language)} {group['prompt_tokens']}"
        print(
            f"{group['name']}: {group['calls']} {_w('calls', language)}, {said} + {group['completion_tokens']}, {spent}"
        )


def doctor(result: dict[str, Any], language: Language) -> None:
    """Print each check, and after a failed one what to do."""
    for check in result["checks"]:
        print(f"{'✓' if check['ok'] else '✗'} {check['name']}: {check['message']}")
        if check["hint"]:
            print(f"    {check['hint']}")


def evaluate(result: dict[str, Any], language: Language) -> None:
    """Print the figures of an evaluation, one a line."""
    for name, value in result.items():
        print(f"{name:20}{value}")


def _models(models: list[dict[str, Any]], language: Language) -> None:
    """Print a comparison as a table: the columns stand under each other also where their words are Chinese."""
    names = ("model", "prompt", "cost", "window", "fits")
    rows = [tuple(_w(name, language) for name in names), *(_model_row(model, language) for model in models)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip())


def _model_row(model: dict[str, Any], language: Language) -> tuple[str, ...]:
    name = _visible(f"{model['provider']} / {model['model']}")
    if "error" in model:
        return (name, "", "", "", _visible(model["error"]["message"]))
    window = model["context_window"]
    over = 0 if model["fits"] else model["prompt_tokens"] + model["output_tokens"]["high"] - window
    free = model["cost"] is not None and model["cost"]["high"] == "0"
    return (
        name,
        f"{'' if model['exact'] else '≈'}{model['prompt_tokens']}",
        _w("free", language) if free else _cost(model["cost"], language),
        _w("unknown", language) if window is None else str(window),
        _w("yes", language) if model["fits"] else f"{_w('no', language)} (+{over})",
    )


def _visible(text: str) -> str:
    """Take out what would act on a terminal: names of models come from servers."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _width(text: str) -> int:
    """Say how many cells of a terminal a text takes: Chinese signs take two, marks over a letter none."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _place(passage: dict[str, Any], language: Language) -> str:
    where = f"{_w('lines', language)} {passage['lines'][0]}-{passage['lines'][1]}"
    if passage["page"] is not None:
        where = f"{_w('page', language)} {passage['page']}"
    return " › ".join([passage["note"], *passage["heading"], where])


def _cost(cost: dict[str, str] | None, language: Language) -> str:
    if cost is None:
        return _w("unknown", language)
    return f"{cost['currency']} {cost['low']} – {cost['typical']} – {cost['high']}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159] + "…"


def _w(name: str, language: Language) -> str:
    return _WORDS[name][language]
