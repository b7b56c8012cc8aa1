"""Makes true and false sentences out of real passages, for bench/verification.py. Knows nothing of the app that is measured."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

HAN = re.compile("[\u4e00-\u9fff]")
_ENDS = {"zh": re.compile(r"[^。！？\n]+[。！？]"), "en": re.compile(r"[A-Z][^\n.!?]*(?:\.\d[^\n.!?]*)*[.!?](?=\s|$)")}
_NUMBER = re.compile(r"(?<![\d.A-Za-z])\d+(?:[.,]\d+)*(?![\d.])")

_DENY = {
    "zh": [("可以", "不可以"), ("能够", "不能够"), ("需要", "不需要"), ("应该", "不应该"), ("是", "并不是"), ("会", "不会"), ("有", "没有"),
           ("能", "不能"), ("为", "并非为"), ("使用", "从不使用"), ("在", "不在")],
    "en": [(" can ", " cannot "), (" is ", " is not "), (" are ", " are not "), (" was ", " was not "), (" were ", " were never "),
           (" will ", " will not "), (" should ", " should not "), (" must ", " must not "), (" may ", " may not "),
           (" has been ", " has never been "), (" have been ", " have never been "), (" has ", " never has "), (" have ", " never have ")],
}  # fmt: skip
_AFFIRM = {
    "zh": [("并不是", "是"), ("不是", "是"), ("没有", "有"), ("不会", "会"), ("不能", "能"), ("无法", "可以"), ("不需要", "需要"), ("并非", "是")],
    "en": [(" cannot ", " can "), (" is not ", " is "), (" are not ", " are "), (" do not ", " do "), (" does not ", " does "),
           (" did not ", " did "), (" was not ", " was "), (" were not ", " were "), (" will not ", " will "), (" never ", " always ")],
}  # fmt: skip
_SYNONYMS = {
    "zh": [("因此", "所以"), ("但是", "不过"), ("然而", "但"), ("例如", "比如"), ("通常", "一般"), ("使用", "采用"), ("由于", "因为"), ("我们", "人们"),
           ("可以", "能够"), ("问题", "难题"), ("方法", "办法"), ("得到", "获得"), ("开始", "起初"), ("之后", "以后"), ("并且", "而且"), ("重要", "关键"),
           ("进行", "开展"), ("目前", "如今"), ("许多", "很多"), ("非常", "十分"), ("以及", "和"), ("没有", "未"), ("不能", "无法"), ("不需要", "无需"),
           ("大约", "约"), ("为了", "为"), ("如果", "若"), ("这个", "该"), ("拥有", "具有"), ("成立", "创立"), ("位于", "坐落于"), ("主要", "主体")],
    "en": [("however", "but"), ("because", "since"), ("often", "frequently"), ("usually", "typically"), ("big", "large"), ("begin", "start"),
           ("use ", "employ "), ("uses", "employs"), ("used", "employed"), ("show", "demonstrate"), ("many", "numerous"), ("need", "require"),
           ("called", "named"), ("also", "additionally"), ("such as", "like"), ("important", "significant"), ("about", "approximately"),
           ("can ", "is able to "), ("get", "obtain"), ("help", "assist"), ("part", "portion"), ("large", "sizeable"), ("different", "distinct"),
           ("first", "initially"), ("cannot", "can not"), ("do not", "don't"), ("does not", "doesn't"), ("is not", "isn't"), ("several", "a number of"),
           ("known as", "referred to as"), ("while", "whereas"), ("made", "produced"), ("given", "provided"), ("problem", "issue"),
           ("method", "approach"), ("increase", "rise"), ("found", "discovered"), ("people", "persons"), ("began", "started")],
}  # fmt: skip
_FRAME = {
    "zh": ["也就是说，{}", "简单来说，{}", "可以看到，{}"],
    "en": ["In other words, {}", "Put simply, {}", "As described there, {}"],
}


@dataclass(frozen=True)
class Passage:
    """A passage of a set; neighbours in its list stand close to it in the source."""

    id: str
    text: str


@dataclass(frozen=True)
class Item:
    """One sentence of an answer, what was done to it, and the numbers of the markers that follow it."""

    kind: str
    text: str
    markers: tuple[int, ...]


def sentences_of(text: str, language: str) -> list[str]:
    """Cut out the sentences that stand by themselves, of a usual length."""
    found = [one.strip() for one in _ENDS[language].findall(text)]
    longest, shortest = (90, 14) if language == "zh" else (220, 40)
    plain = [one for one in found if shortest <= len(one) <= longest and not re.search(r"[\[\]|`$#*「」“”\"？?]", one)]
    return [one for one in plain if bool(HAN.search(one)) == (language == "zh")]


def changed_digit(sentence: str, language: str, rng: random.Random) -> str | None:
    """Change one digit of a figure into another one."""
    numbers = list(_NUMBER.finditer(sentence))
    if not numbers:
        return None
    number = rng.choice(numbers)
    places = [at for at in range(number.start(), number.end()) if sentence[at].isdigit()]
    at = rng.choice(places)
    allowed = [digit for digit in "123456789" if digit != sentence[at]]
    return sentence[:at] + rng.choice(allowed) + sentence[at + 1 :]


def denied(sentence: str, language: str, rng: random.Random) -> str | None:
    """Put one negation into a sentence that has none."""
    if re.search(
        r"不|没|未|无|非|别" if language == "zh" else r"\b(?:not|no|never|nor|none|cannot|without|neither)\b|n['’]t",
        sentence,
    ):
        return None
    fitting = [(old, new) for old, new in _DENY[language] if old in sentence]
    if not fitting:
        return None
    old, new = fitting[0]
    return sentence.replace(old, new, 1)


def affirmed(sentence: str, language: str, rng: random.Random) -> str | None:
    """Take the one negation out of a sentence."""
    fitting = [(old, new) for old, new in _AFFIRM[language] if sentence.count(old) == 1]
    return sentence.replace(*fitting[0]) if len(fitting) == 1 else None


def reworded(sentence: str, language: str, rng: random.Random) -> str | None:
    """Say the same in other words: synonyms from the list, clauses in another order, figures written differently."""
    said = sentence
    for old, new in rng.sample(_SYNONYMS[language], len(_SYNONYMS[language])):
        pattern = re.escape(old) if language == "zh" else rf"\b{re.escape(old)}" + (r"\b" if old[-1].isalpha() else "")
        said = re.sub(pattern, new, said)
    said = (
        re.sub(r"(?<!\d)(\d)(\d{3})(?![\d年.])", r"\1,\2", said)
        if language == "zh"
        else re.sub(r"(\d),(\d{3})", r"\1\2", said)
    )
    body, stop = said[:-1], said[-1]
    parts = re.split(r"[，,]\s*" if language == "zh" else r",\s+", body)
    if len(parts) == 2 and min(map(len, parts)) > 6:
        body = ("，" if language == "zh" else ", ").join(reversed(parts))
    elif said == sentence or rng.random() < 0.3:
        body = rng.choice(_FRAME[language]).format(body)
    return body[0].upper() + body[1:] + stop


def form_only(quote: str, language: str, rng: random.Random) -> str | None:
    """Change nothing but the form: width, spacing, punctuation, case."""
    wide = quote.translate({ord(sign): chr(ord(sign) + 0xFEE0) for sign in "0123456789"})
    return wide.replace("，", ", ") if language == "zh" else wide.replace(" ", "  ", 2).upper()


def altered(quote: str, language: str, rng: random.Random) -> str | None:
    """Replace one word, or for Chinese two characters, in the middle of a quotation."""
    if language == "zh":
        places = [at for at in range(2, len(quote) - 3) if HAN.match(quote[at]) and HAN.match(quote[at + 1])]
        at = rng.choice(places) if places else 0
        return quote[:at] + "某物" + quote[at + 2 :] if places else None
    words = quote.split(" ")
    at = rng.randrange(1, len(words) - 1) if len(words) > 4 else 0
    return " ".join([*words[:at], "purple", *words[at + 1 :]]) if at else None


CHANGES: dict[str, Callable[[str, str, random.Random], str | None]] = {
    "changed digit": changed_digit,
    "negation put in": denied,
    "negation taken out": affirmed,
    "paraphrase": reworded,
}
QUOTED = {"quotation, other form": form_only, "quotation, altered": altered}
