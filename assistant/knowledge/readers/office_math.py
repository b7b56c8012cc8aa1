"""Writes the formulas of Office files (OMML) as TeX, so that they can be searched, quoted and drawn. Knows no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DEEPEST = 60
_NEXT_LINE = " \\\\ "
_HAT = "\\hat"
_LARGE = {
    "∑": "\\sum", "∏": "\\prod", "∫": "\\int", "∬": "\\iint", "∭": "\\iiint", "∮": "\\oint", "⋃": "\\bigcup", "⋂": "\\bigcap",
}  # fmt: skip
_ACCENTS = {
    "̂": "\\hat", "̃": "\\tilde", "̅": "\\bar", "⃗": "\\vec", "̇": "\\dot", "̈": "\\ddot", "̌": "\\check", "́": "\\acute",
}  # fmt: skip
_FENCES = {"{": "\\{", "}": "\\}", "⟨": "\\langle ", "⟩": "\\rangle ", "‖": "\\|", "": "."}
_SIGNS = {
    "≤": "\\le ", "≥": "\\ge ", "≠": "\\ne ", "≈": "\\approx ", "×": "\\times ", "·": "\\cdot ", "∈": "\\in ", "→": "\\to ",
    "∞": "\\infty ", "∂": "\\partial ", "∇": "\\nabla ", "±": "\\pm ", "⋅": "\\cdot ", "∀": "\\forall ", "∃": "\\exists ",
    "α": "\\alpha ", "β": "\\beta ", "γ": "\\gamma ", "δ": "\\delta ", "ε": "\\varepsilon ", "ϵ": "\\epsilon ", "η": "\\eta ",
    "θ": "\\theta ", "λ": "\\lambda ", "μ": "\\mu ", "π": "\\pi ", "ρ": "\\rho ", "σ": "\\sigma ", "τ": "\\tau ",
    "φ": "\\varphi ", "ϕ": "\\phi ", "ψ": "\\psi ", "ω": "\\omega ", "Δ": "\\Delta ", "Σ": "\\Sigma ", "Ω": "\\Omega ",
    "Θ": "\\Theta ", "Λ": "\\Lambda ", "Φ": "\\Phi ", "Γ": "\\Gamma ", "−": "-", "%": "\\%", "#": "\\#", "&": "\\&", "$": "\\$",
}  # fmt: skip
_FUNCTIONS = {"sin", "cos", "tan", "log", "ln", "exp", "lim", "max", "min", "det", "sup", "inf", "arg", "gcd", "cot"}


def tex_of(formula: Element) -> str:
    """Return an ``m:oMath`` as one line of TeX."""
    return " ".join(_row(formula, 0).split())


def _row(element: Element, depth: int) -> str:
    """Write what stands side by side."""
    if depth > _DEEPEST:
        return "".join(one.text or "" for one in element.iter() if _name(one) == "t")
    return "".join(_one(child, depth + 1) for child in element)


def _one(element: Element, depth: int) -> str:
    name = _name(element)
    if name == "r":
        return "".join(_SIGNS.get(sign, sign) for one in element if _name(one) == "t" for sign in one.text or "")
    if name.endswith("Pr"):
        return ""
    write = _WRITTEN.get(name, _row)
    return write(element, depth)


def _fraction(element: Element, depth: int) -> str:
    bar = "\\frac" if _value(element, "type") != "noBar" else "\\binom"
    return f"{bar}{_braced(element, 'num', depth)}{_braced(element, 'den', depth)}"


def _scripted(element: Element, depth: int) -> str:
    """Write what has something below or above its right side."""
    written = _base(element, depth)
    for name, mark in (("sub", "_"), ("sup", "^")):
        if any(_name(one) == name for one in element):
            written += f"{mark}{_braced(element, name, depth)}"
    return written


def _root(element: Element, depth: int) -> str:
    degree = _inner(element, "deg", depth)
    return f"\\sqrt{f'[{degree}]' if degree else ''}{_braced(element, 'e', depth)}"


def _applied(element: Element, depth: int) -> str:
    return f"{_function(_inner(element, 'fName', depth))} {_braced(element, 'e', depth)}"


def _accented(element: Element, depth: int) -> str:
    return f"{_ACCENTS.get(_value(element, 'chr') or '', _HAT)}{_braced(element, 'e', depth)}"


def _barred(element: Element, depth: int) -> str:
    return f"\\overline{_braced(element, 'e', depth)}"


def _lines(element: Element, depth: int) -> str:
    lines = _NEXT_LINE.join(_row(one, depth) for one in element if _name(one) == "e")
    return f"\\begin{{aligned}}{lines}\\end{{aligned}}"


def _large(element: Element, depth: int) -> str:
    sign = _value(element, "chr")
    written = _LARGE.get("∫" if sign is None else sign, sign or "\\int")
    for name, mark in (("sub", "_"), ("sup", "^")):
        if limit := _inner(element, name, depth):
            written += f"{mark}{{{limit}}}"
    return f"{written} {_braced(element, 'e', depth)}"


def _delimited(element: Element, depth: int) -> str:
    opening, closing = _value(element, "begChr"), _value(element, "endChr")
    first = "(" if opening is None else _FENCES.get(opening, opening)
    last = ")" if closing is None else _FENCES.get(closing, closing)
    inside = ", ".join(_row(one, depth) for one in element if _name(one) == "e")
    return f"\\left{first}{inside}\\right{last}"


def _matrix(element: Element, depth: int) -> str:
    rows = (
        " & ".join(_row(cell, depth) for cell in row if _name(cell) == "e") for row in element if _name(row) == "mr"
    )
    return f"\\begin{{matrix}}{_NEXT_LINE.join(rows)}\\end{{matrix}}"


def _limited(element: Element, depth: int) -> str:
    """Write what has something right below or above it, as a limit has."""
    name = _inner(element, "e", depth)
    written = _function(name) if name in _FUNCTIONS else f"{{{name}}}"
    mark = "_" if _name(element) == "limLow" else "^"
    return f"{written}{mark}{_braced(element, 'lim', depth)}"


def _function(name: str) -> str:
    return f"\\{name}" if name in _FUNCTIONS else name


def _base(element: Element, depth: int) -> str:
    """What has an index: one sign as it is, more of them held together."""
    base = _inner(element, "e", depth).strip()
    return base if len(base) == 1 or base.startswith("\\left") else f"{{{base}}}"


def _braced(element: Element, name: str, depth: int) -> str:
    return f"{{{_inner(element, name, depth)}}}"


def _inner(element: Element, name: str, depth: int) -> str:
    return next((_row(one, depth) for one in element if _name(one) == name), "").strip()


def _value(element: Element, name: str) -> str | None:
    """Return the ``m:val`` of a property, None where it is not given."""
    for properties in element:
        if _name(properties).endswith("Pr"):
            for one in properties:
                if _name(one) == name:
                    return next((value for key, value in one.attrib.items() if key.endswith("val")), "")
    return None


def _name(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


_WRITTEN = {
    "f": _fraction, "sSup": _scripted, "sSub": _scripted, "sSubSup": _scripted, "rad": _root, "nary": _large,
    "d": _delimited, "func": _applied, "limLow": _limited, "limUpp": _limited, "acc": _accented, "bar": _barred,
    "m": _matrix, "eqArr": _lines,
}  # fmt: skip
