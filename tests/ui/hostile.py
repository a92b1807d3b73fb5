"""Names that somebody may send on purpose: controls, direction marks, markup, towers, endless ones."""

from __future__ import annotations

NAMES: tuple[str, ...] = (
    "Budi\x00\x07\x1b[31m merah",
    "baris satu\nbaris dua\r\n2026-01-01 ERROR forged",
    "\u202egpj.exe\u202c kanan ke kiri",
    "\u2066\u2067\u2068isolat\u2069",
    "zero\u200bwidth\u200djoin\ufeff",
    "<b>tebal</b><img src=x onerror=alert(1)>",
    "<a href='https://example.invalid'>klik</a>",
    "&amp;&lt;&gt; & && &File",
    "Z̴̡̛͚̘͓̱̗̻̗̺͖̑̅̒͊͊a̸̢̼̻̗̼̜̪͒̀̊̑l̷͍͎͕̳̫͒͌̈́g̸̢̘͔̞̃̌͂͝ö̷͖̳̹̦́͌",
    "x" * 5000,
    "👩‍👩‍👧‍👦🏳️‍🌈" * 40,
    "\ud800lone surrogate",
    "%1 %n {name} {0} %s",
    "   \t  ",
    "",
    "السلام عليكم",
    "漢字" * 300,
)
