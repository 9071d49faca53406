"""CASEI and ACCENTI, the same in Python and in SQL whatever the collation of the database.

CASEI folds case (Unicode CaseFolding, simple; and ß to ss). ACCENTI takes the marks U+0300-036F
off the decomposed text and the strokes off ø, đ, ħ and ł. Accents go first, whatever the order.
"""

import unicodedata
from functools import cache

from earthcode_common.ogc.cql2.template import Sql, sql, text_value

_MARKS = "".join(map(chr, range(0x300, 0x370)))
_STROKES = ("øØđĐħĦłŁ", "oOdDhHlL")
_NO_ACCENTS = str.maketrans(*_STROKES, _MARKS)
_LAST_CASED = 0x1F000


def folded(text: str, case: bool, accent: bool) -> str:
    if accent:
        plain = unicodedata.normalize("NFD", text).translate(_NO_ACCENTS)
        text = unicodedata.normalize("NFC", plain)
    return text.translate(_case_table()).replace("ß", "ss") if case else text


def sql_folded(text: Sql, case: bool, accent: bool) -> Sql:
    """``text`` is written several times: let it be small."""
    simple, full, parts = "{0}", "{0}", [text]
    if accent:
        full = "normalize(translate(normalize({0}, NFD), {1}, {2}), NFC)"
        parts += map(text_value, (_STROKES[0] + _MARKS, _STROKES[1]))
    if case:
        simple = 'lower({0} collate "C")'
        full = f"replace(translate({full}, {{{len(parts)}}}, {{{len(parts) + 1}}}), 'ß', 'ss')"
        parts += map(text_value, _case_strings())
    ascii_only = "octet_length({0}) = char_length({0})"
    return sql(f"(case when {ascii_only} then {simple} else {full} end)", *parts)


@cache
def _case_table() -> dict[int, str]:
    found = {}
    for number in range(_LAST_CASED):
        letter = chr(number)
        other = letter.casefold() if letter != "ẞ" else "ß"
        if len(other) == 1 and other != letter:
            found[number] = other
    return found


@cache
def _case_strings() -> tuple[str, str]:
    """For ``translate``, which looks a character up from the left: the common ones first."""
    alike = "".join(map(chr, range(0x20, 0x7F)))
    table = {ord(c): c for c in alike if not c.isupper()} | _case_table()
    ordered = dict(sorted(table.items(), key=lambda pair: pair[0] >= 0x7F))
    return "".join(map(chr, ordered)), "".join(ordered.values())
