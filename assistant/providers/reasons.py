"""What we say ourselves inside an error, in both languages: why a reply is none, or how it ended. Knows no reply."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.errors import Said

_REASONS: Mapping[str, Said] = {
    "broke_off": {"zh": "回答中途断了", "en": "the answer broke off"},
    "only_alive": {
        "zh": "{seconds} 秒里一个字也没有，只有保持连接的信号（keep-alives）",
        "en": "no word in {seconds} s, only keep-alives",
    },
    "no_answer": {"zh": "没有及时回答（{kind}）", "en": "no answer in time ({kind})"},
    "web_page": {"zh": "收到的是一个网页", "en": "a web page"},
    "empty": {"zh": "回复是空的", "en": "an empty reply"},
    "no_word": {"zh": "回答里没有一个字（{finish}）", "en": "an answer without a word ({finish})"},
    "no_models": {"zh": "没有收到模型列表", "en": "no list of models"},
    "no_version": {"zh": "没有收到版本号", "en": "no version"},
    "count": {"zh": "{texts} 段文字却有 {vectors} 个向量", "en": "{vectors} vectors for {texts} texts"},
    "scores": {"zh": "{texts} 段文字只有 {scores} 个可用的分数", "en": "{scores} usable scores for {texts} texts"},
    "uneven": {"zh": "各个向量的长度不一致，或不是数字", "en": "vectors that are not equally many numbers"},
    "shape": {
        "zh": "向量的形状是 {found}，应为 {wanted}",
        "en": "vectors of the shape {found} where {wanted} was expected",
    },
    "zeros": {
        "zh": "有的向量全是零，或含有不是数字的值",
        "en": "a vector of zeros, or one with a number that is none",
    },
    "length": {
        "zh": "每个向量有 {found} 个数，原来是 {kept} 个",
        "en": "{found} numbers a vector, where there were {kept}",
    },
}


def because(name: str, **values: object) -> Said:
    """Return a reason in both languages with its values, which are our own numbers and names and no foreign text."""
    return {language: text.format(**values) for language, text in _REASONS[name].items()}
