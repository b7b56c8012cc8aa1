"""What the commands print for people. Knows only the JSON that scripts get."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from assistant import cli_notices, cli_ocr
from assistant.cli_scope import told
from assistant.cli_terminal import printable
from assistant.errors import Language
from assistant.knowledge.kinds import OWN_LINES
from assistant.knowledge.notes import kind_of

_WORDS: dict[str, dict[Language, str]] = {
    "notes": {"zh": "篇笔记", "en": "notes"},
    "chunks": {"zh": "个片段", "en": "chunks"},
    "added": {"zh": "新增", "en": "added"},
    "changed": {"zh": "更新", "en": "changed"},
    "removed": {"zh": "移除", "en": "removed"},
    "renamed": {"zh": "改名", "en": "renamed"},
    "failed": {"zh": "失败", "en": "failed"},
    "missing": {"zh": "文件夹不在或是空的，原有索引保留", "en": "folder missing or empty; its index stays"},
    "weak": {"zh": "没有真正相关的内容；最接近的是：", "en": "Nothing really fits; the nearest passages:"},
    "nothing": {"zh": "没有找到。", "en": "Nothing found."},
    "also": {"zh": "同样的内容也在", "en": "the same text is in"},
    "lines": {"zh": "行", "en": "lines"},
    "page": {"zh": "页", "en": "page"},
    "slide": {"zh": "幻灯片", "en": "slide"},
    "sent": {"zh": "将发送", "en": "would send"},
    "cost": {"zh": "费用", "en": "cost"},
    "unknown": {"zh": "未知", "en": "unknown"},
    "calls": {"zh": "次调用", "en": "calls"},
    "billed": {"zh": "账单", "en": "billed"},
    "predicted": {"zh": "预计", "en": "predicted"},
    "unused": {"zh": "还没有调用过模型。", "en": "No model has been asked yet."},
    "output": {"zh": "输出", "en": "output"},
    "forecast": {"zh": "费用预计", "en": "forecast"},
    "total": {"zh": "合计", "en": "total"},
    "budget": {"zh": "预算", "en": "budget"},
    **{"day": {"zh": "今天", "en": "today"}, "month": {"zh": "本月", "en": "this month"}},
    "cut": {
        "zh": "被 Ollama 悄悄截短的调用（请调大 num_ctx）",
        "en": "calls whose prompt Ollama silently cut (raise num_ctx)",
    },
    **{"exact": {"zh": "精确", "en": "exact"}, "about": {"zh": "约", "en": "about"}},
    "compared": {"zh": "比较了", "en": "compared"},
    "differences": {"zh": "不同", "en": "differ"},
    "not_comparable": {"zh": "币种不同，无法比较", "en": "in another currency, not comparable"},
    "unpriced": {"zh": "我们没有价格", "en": "without a price of ours"},
    "not_in_file": {"zh": "文件里没有", "en": "not in the file"},
    "to_embed": {"zh": "送往嵌入模型的片段", "en": "chunks for the embedding model"},
    "known": {"zh": "已有向量、不再收费的片段", "en": "chunks that have a vector and cost nothing"},
    "minutes": {"zh": "分钟", "en": "minutes"},
    "searched": {
        "zh": "为检索已把问题发送给 {model}：{tokens} token",
        "en": "the question was sent to {model} to be searched: {tokens} tokens",
    },
    "keywords": {"zh": "只按关键词检索", "en": "searched by keywords alone"},
    "with_yes": {"zh": "加上 --yes 会再问一问模型：", "en": "With --yes the model is asked as well:"},
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
    cli_notices.show(report, language)
    for bad in report["failed"]:
        print(f"{_w('failed', language)}: {bad['message']}")
    cli_ocr.show(report, language)
    cost = report["cost"]
    if report["embedded_chunks"] and (cost is None or cost.get("high", cost.get("amount")) != "0"):
        _bill(report, language)
    for folder in report["missing_folders"]:
        print(f"{folder}: {_w('missing', language)}")


def search(result: dict[str, Any], language: Language) -> None:
    """Print matches, best first."""
    if not result["relevant"]:
        print(_w("weak" if result["matches"] else "nothing", language))
    _searched(result, language)
    for number, match in enumerate(result["matches"], start=1):
        print(f"[{number}] {match['score']:.2f}  {_place(match, language)}\n    {_short(match['text'])}")
        if match["also"]:
            print(f"    {_w('also', language)}: " + printable(", ".join(copy["note"] for copy in match["also"])))


def preview(result: dict[str, Any], language: Language) -> None:
    """Print the parts of a prompt, its cost, and the messages."""
    parts = result["parts"]
    kind = _w("exact" if result["exact"] else "about", language)
    print(f"{result['provider']} / {result['model']}: {_w('sent', language)} {result['prompt_tokens']} tokens ({kind})")
    for name in ("system", "history", "chunks", "question", "overhead"):
        print(f"  {name:9}{sum(parts[name]) if name == 'chunks' else parts[name]:>7}")
    print(f"{_w('cost', language)}: {_cost(result['cost'], language)}")
    _searched(result, language)
    print()
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
    for line in told(result, language):
        print(printable(line))
    _searched(result, language)
    if result["provider"] != "offline":
        cost = result["cost"]
        model = printable(f"{result['provider']} / {result['model']}")
        print(f"\n{model} · {_w('cost', language)} {_cost(cost, language)} · {result['seconds']} s")


def tokens(result: dict[str, Any], language: Language) -> None:
    """Print how many tokens a text has, and each of them with its number."""
    kind = _w("exact" if result["exact"] else "about", language)
    print(f"{result['count']} tokens ({kind}, {result['vocabulary']})")
    for token in result["tokens"]:
        print(f"{token['id']:>8}  {token['text']!r}")


def usage(result: dict[str, Any], language: Language) -> None:
    """Print the ledger, one line a group, predicted beside billed; then sums, budgets and what to look at."""
    if not result["groups"]:
        print(_w("unused", language))
    names = ("", "calls", "predicted", "billed", "output", "forecast", "cost")
    groups = [_group_row(group, language) for group in result["groups"]]
    _table([["" if name == "" else _w(name, language) for name in names], *groups] if groups else [])
    for total in sorted(result["totals"], key=lambda total: total["currency"] is None):
        print(f"{_w('total', language)}: {_spent(total, language)} ({total['calls']} {_w('calls', language)})")
    for budget in result["budgets"]:
        unknown = f", {_w('unknown', language)}: {budget['unpriced']}" if budget["unpriced"] else ""
        print(
            f"{_w('budget', language)} {_w(budget['period'], language)}: "
            f"{budget['currency']} {budget['spent']} / {budget['amount']}{unknown}"
        )
    if result["cut"]:
        print(f"{_w('cut', language)}: {result['cut']}")
    if result["csv"]:
        print(result["csv"])


def _group_row(group: dict[str, Any], language: Language) -> list[str]:
    forecast = group["forecast"]
    shown = f"{forecast['low']} – {forecast['typical']} – {forecast['high']}" if forecast else "–"
    tokens = (group["predicted_prompt_tokens"], group["prompt_tokens"], group["completion_tokens"])
    return [group["name"], str(group["calls"]), *map(str, tokens), shown, _spent(group, language)]


def _spent(group: dict[str, Any], language: Language) -> str:
    if not group["currency"]:
        return _w("unknown", language)
    return _cost(group, language)


def _table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns; the first and the last are words, numbers between them stand flush right."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            _padded(cell, width, 0 < place < len(row) - 1)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _padded(cell: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(cell))
    return blanks + cell if right else cell + blanks


def _width(text: str) -> int:
    """Count columns of a terminal, where a Chinese character takes two and an accent none."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else not unicodedata.combining(sign) for sign in text)


def doctor(result: dict[str, Any], language: Language) -> None:
    """Print each check, and after a failed one what to do."""
    for check in result["checks"]:
        mark = "–" if check["skipped"] else "✓" if check["ok"] else "✗"
        print(f"{mark} {check['name']}: {check['message']} ({check['seconds']:.2f} s)")
        if check["hint"]:
            print(f"    {check['hint']}")
    for spend in [] if result["asked"] else result["spend"]:
        print(
            f"{_w('with_yes', language)} {spend['model']}: {spend['calls']} {_w('calls', language)}, {_cost(spend['cost'], language)}"
        )


def evaluate(result: dict[str, Any], language: Language) -> None:
    """Print the figures of an evaluation, one a line."""
    for name, value in result.items():
        print(f"{name:20}{value}")


def prices(result: dict[str, Any], language: Language) -> None:
    """Print where the catalogue and a price file differ, one figure a line, then what could not be compared."""
    for row in result["differences"]:
        ours, theirs = (_w("unknown", language) if row[side] is None else row[side] for side in ("ours", "theirs"))
        print(f"{row['provider']} {row['region']} {row['model']}: {row['field']} {ours} ≠ {theirs}")
    counts = {name: len(result[name]) for name in ("differences", "not_comparable", "unpriced", "not_in_file")}
    said = " · ".join(f"{_w(name, language)} {count}" for name, count in counts.items())
    print(f"{result['shape']}, {result['currency']}: {_w('compared', language)} {result['compared']} · {said}")


def _bill(report: dict[str, Any], language: Language) -> None:
    """Print what embedding will take, or has taken."""
    cost, minutes = report["cost"], report["minutes"]
    print(f"{_w('to_embed', language)}: {report['embedded_chunks']} ({report['embedding_tokens']} tokens)")
    print(f"{_w('known', language)}: {report['known_chunks']}")
    print(f"{_w('minutes', language)}: {_w('unknown', language) if minutes is None else minutes}")
    print(f"{_w('cost', language)}: {_cost(cost, language)}")


def _searched(result: dict[str, Any], language: Language) -> None:
    """Print what the search has sent to the embedding model, or why it had to do without."""
    sent, failure = result["searched"]["sent"], result["searched"]["without_vectors"]
    if sent and not sent["local"]:
        said = _w("searched", language).format(model=f"{sent['provider']} / {sent['model']}", tokens=sent["tokens"])
        print(f"{said}, {_cost(sent['cost'], language)}")
    if failure:
        print(f"{_w('keywords', language)}: {failure['message']} {failure['hint']}")


def _models(models: list[dict[str, Any]], language: Language) -> None:
    """Print a comparison as a table."""
    names = ("model", "prompt", "cost", "window", "fits")
    _table([tuple(_w(name, language) for name in names), *(_model_row(model, language) for model in models)])


def _model_row(model: dict[str, Any], language: Language) -> tuple[str, ...]:
    name = f"{model['provider']} / {model['model']}"
    if "error" in model:
        return (name, "", "", "", model["error"]["message"])
    window = model["context_window"]
    over = 0 if model["fits"] else model["prompt_tokens_high"] + model["output_tokens"]["high"] - window
    free = model["cost"] is not None and model["cost"]["high"] == "0"
    return (
        name,
        f"{'' if model['exact'] else '≈'}{model['prompt_tokens']}",
        _w("free", language) if free else _cost(model["cost"], language),
        _w("unknown", language) if window is None else str(window),
        _w("yes", language) if model["fits"] else f"{_w('no', language)} (+{over})",
    )


def _place(passage: dict[str, Any], language: Language) -> str:
    kind = passage.get("kind") or kind_of(passage["note"]) or ""
    parts = [passage["note"], *passage["heading"]]
    if passage["page"] is not None:
        parts.append(f"{_w('slide' if kind == 'slides' else 'page', language)} {passage['page']}")
    elif kind in OWN_LINES:
        parts.append(f"{_w('lines', language)} {passage['lines'][0]}-{passage['lines'][1]}")
    return " › ".join(parts)


def _cost(cost: dict[str, Any] | None, language: Language) -> str:
    """Write a forecast, or a bill: ≈ where it rests on our own count, ≤ where quiet hours may have made it less."""
    if cost is None:
        return _w("unknown", language)
    if "amount" in cost:
        mark = "≈ " if cost.get("about") else "≤ " if cost.get("at_most") else ""
        return f"{mark}{cost['currency']} {cost['amount']}"
    return f"{cost['currency']} {cost['low']} – {cost['typical']} – {cost['high']}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159] + "…"


def _w(name: str, language: Language) -> str:
    return _WORDS[name][language]
