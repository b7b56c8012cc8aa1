"""Formulas of Office files as TeX."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from assistant.knowledge.readers.office_math import tex_of
from tests.formats import MATH


def run(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("omml", "tex"),
    [
        (f"<m:rad><m:deg/><m:e>{run('d')}</m:e></m:rad>", "\\sqrt{d}"),
        (f"<m:rad><m:deg>{run('3')}</m:deg><m:e>{run('x')}</m:e></m:rad>", "\\sqrt[3]{x}"),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{run("i=1")}</m:sub><m:sup>{run("n")}</m:sup>'
            f"<m:e>{run('i')}</m:e></m:nary>",
            "\\sum_{i=1}^{n} {i}",
        ),
        (
            f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>{run("a")}</m:e><m:e>{run("b")}</m:e></m:d>',
            "\\left[a, b\\right]",
        ),
        (f"<m:func><m:fName>{run('log')}</m:fName><m:e>{run('p')}</m:e></m:func>", "\\log {p}"),
        (
            f"<m:m><m:mr><m:e>{run('1')}</m:e><m:e>{run('0')}</m:e></m:mr><m:mr><m:e>{run('0')}</m:e><m:e>{run('1')}</m:e></m:mr></m:m>",
            "\\begin{matrix}1 & 0 \\\\ 0 & 1\\end{matrix}",
        ),
        (f"<m:sSubSup><m:e>{run('W')}</m:e><m:sub>{run('i')}</m:sub><m:sup>{run('T')}</m:sup></m:sSubSup>", "W_{i}^{T}"),
        (f"<m:limLow><m:e>{run('lim')}</m:e><m:lim>{run('n→∞')}</m:lim></m:limLow>", "\\lim_{n\\to \\infty}"),
        (run("θ≤5%"), "\\theta \\le 5\\%"),
    ],
)  # fmt: skip
def test_a_formula_is_written_as_tex(omml: str, tex: str) -> None:
    assert tex_of(fromstring(f'<m:oMath xmlns:m="{MATH}">{omml}</m:oMath>')) == tex


def test_a_formula_that_is_too_deep_keeps_its_signs() -> None:
    deep = "<m:e>" * 200 + run("x") + "</m:e>" * 200

    assert tex_of(fromstring(f'<m:oMath xmlns:m="{MATH}">{deep}</m:oMath>')) == "x"
