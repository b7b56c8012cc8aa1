"""Conversations that never were, the same for the same seed: everything that learners' notes and questions are made of.

Knows no model. Each kind of text is one of the things at which token counts go wrong.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

from assistant.providers.base import Message


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CHINESE = _words(
    "梯度 下降 学习率 过拟合 正则项 向量 检索 注意力 损失函数 模型 训练集 测试 归一化 缓存 线程 数据库 索引 句子 我们 因此 "
    "可以 但是 如果 其中 的 了 在 与 和 把 被 之后 例如 第一 非常 需要 证明 定理 概率 分布 矩阵 龘 彧 囍 鑫 𠮷野家 〇"
)
_ENGLISH = _words(
    "gradient descent learning rate overfitting regularisation vector retrieval attention loss the of and because "
    "which however therefore isn't we'll they've don't I'm DON'T cache thread database index naïve café coöperate "
    "supercalifragilistic 3.14159 2026 1,000,000 x86-64 e.g. state-of-the-art CamelCaseName snake_case_name"
)
_FORMULAS = (
    r"$\lambda \lVert w \rVert_2^2$",
    r"$$\frac{\partial L}{\partial w_{ij}} = \sum_{k=1}^{n} (y_k - \hat{y}_k)\,x_k$$",
    r"\begin{aligned} a &= b \\ c &\ge d \end{aligned}",
    r"$\mathbb{E}_{x\sim p}[f(x)] = \int f(x)\,p(x)\,\mathrm{d}x$",
    "∀ε>0 ∃δ>0: |x−a|<δ ⇒ |f(x)−f(a)|<ε",
    "∑ᵢ xᵢ² ≤ ‖x‖₂ · √n",
)
_CODE = (
    "def f(x: int) -> int:\n    if x <= 1:\n        return 1\n    return x * f(x - 1)\n",
    "for (int i = 0; i < n; ++i) {\n\tsum += a[i];\n}\n",
    'SELECT note, COUNT(*) FROM chunks WHERE text LIKE "%过拟合%" GROUP BY note;\n',
    '{"模型": "qwen", "n": [1, 2, 3], "ok": true, "nested": {"a": null}}\n',
    "$ grep -rn 'TODO' --include='*.py' . | wc -l\n",
    "λ x → x ++ [x | y ← ys, y ≠ x]\n",
)
_EMOJI = ("👍🏽", "👩‍👩‍👧‍👦", "🇨🇳", "🏳️‍🌈", "1️⃣", "☺️", "🤖🎉", "👨🏿‍💻", "✅", "❤️‍🔥")
_ODD = (
    "e\u0301a\u0300o\u0308 vs. éàö",
    "ก็ ที่ नमस्ते السلام שָׁלוֹם",
    "Z͑ͫ̓ͪ̂ͫ̽a̴l̷g̸o̵",
    "\u00a0\u2003\u3000\u200b\u200d\ufeff",
    "　全角　ＡＢＣ１２３，。！？",
    "한국어 가나다 ひらがな カタカナ",
    "\t\t  \t trailing   \n\n\n   leading",
    "… — – ‘’ “” «» ‹› ¿¡ ™ ½ ﬁ Å K",
    "a" * 300,
    "哈" * 400,
    "ab" * 250 + "，" * 120,
    "\n" * 90 + "\r\n" * 40,
    "-+-" * 150,
    "0123456789" * 30,
    "\ufdd0\uffff\U0010ffff\ue000\u2028\u2029\x85\x1c",
    "\u202eright to left\u202c \u2067\u2069 \u0338<\u0338>",
    "<｜User｜> <|turn> <start_of_turn>user [INST] [/AVAILABLE_TOOLS] ｜DSML｜ <dsml: <tool_call>",
    "=" * 200,
    " " * 150,
    # No real control token: the prompt takes those out before anything is counted or sent.
    "<s> <|not_a_token|> <| im_end |> <|im_end> </ s> <think>",
)


def conversation(seed: int) -> tuple[Message, ...]:
    """Return messages of 1 to 20 turns that end with a question; every seventh holds a long passage."""
    random = Random(seed)
    turns = 1 + min(19, int(random.expovariate(0.25)))
    messages = [Message("system", _text(random, 1, 4))] if random.random() < 0.8 else []
    for _ in range(turns - 1):
        messages += [Message("user", _text(random, 1, 3)), Message("assistant", _text(random, 1, 5))]
    return (*messages, Message("user", _text(random, 40, 60) if seed % 7 == 0 else _text(random, 1, 6)))


def long_text(seed: int, characters: int) -> str:
    """Return prose of about so many characters, Chinese for even seeds and English for odd ones."""
    random = Random(seed)
    text = ""
    while len(text) < characters:
        text += _chinese(random) if seed % 2 == 0 else _english(random)
    return text


def _text(random: Random, least: int, most: int) -> str:
    pieces = [random.choice(_KINDS)(random) for _ in range(random.randint(least, most))]
    text = random.choice(("\n\n", "\n", " ", "")).join(pieces)
    if random.random() < 0.15:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    if random.random() < 0.15:
        text = unicodedata.normalize("NFD", text)
    return text


def _chinese(random: Random) -> str:
    said = "".join(random.choice(_CHINESE) for _ in range(random.randint(4, 25)))
    return said + random.choice("，。；：？！、\n")


def _english(random: Random) -> str:
    said = " ".join(random.choice(_ENGLISH) for _ in range(random.randint(4, 25)))
    return said[0].upper() + said[1:] + random.choice((". ", "? ", "! ", ";\n", ".\n\n", ") "))


def _mixed(random: Random) -> str:
    return f"{_chinese(random)}{random.choice(_ENGLISH)}（{random.choice(_ENGLISH)}）{random.choice(_CHINESE)} [{random.randint(1, 30)}]"


def _formula(random: Random) -> str:
    return f"{random.choice(_CHINESE)} {random.choice(_FORMULAS)} {random.choice(_ENGLISH)}"


def _code(random: Random) -> str:
    return f"```{random.choice(('python', 'c', '', 'sql'))}\n{random.choice(_CODE)}```"


def _emoji(random: Random) -> str:
    return "".join(random.choice((*_EMOJI, *_CHINESE[:9], " ")) for _ in range(random.randint(2, 12)))


def _table(random: Random) -> str:
    rows = ["| 术语 | term | n |", "|---|:---:|---:|"]
    for _ in range(random.randint(1, 6)):
        rows.append(
            f"| {random.choice(_CHINESE)} | {random.choice(_ENGLISH)} | {random.random():.{random.randint(0, 9)}f} |"
        )
    return "\n".join(rows)


def _listing(random: Random) -> str:
    return "\r\n".join(
        f"{'  ' * random.randint(0, 3)}- [ ] {random.choice(_CHINESE)}\t{n}" for n in range(random.randint(2, 7))
    )


def _odd(random: Random) -> str:
    return random.choice(_ODD)


def _any_characters(random: Random) -> str:
    """Characters from everywhere, assigned or not, but no surrogates: those cannot be sent."""
    points = (random.choice((0x20, 0x100, 0x300, 0x600, 0x2000, 0x3000, 0xFF00, 0x1F300, 0x20000)) for _ in range(30))
    return "".join(chr(point + random.randint(0, 0xFF)) for point in points)


_KINDS: tuple[Callable[[Random], str], ...] = (
    _chinese,
    _english,
    _mixed,
    _formula,
    _code,
    _emoji,
    _table,
    _listing,
    _odd,
    _any_characters,
)
