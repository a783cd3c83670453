"""ISO 639-3, in which Azure Content Moderator names languages."""

from __future__ import annotations

UNDETERMINED = "und"  # ISO 639-2's code for an undetermined language

# Languages that can be detected: ISO 639-1 to 639-3. Source: iso639-3.sil.org (read
# 2026-11); of macrolanguages, the code that Azure's list of languages had.
_CODES = """
af:afr ar:ara be:bel bg:bul bn:ben ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng
eo:epo es:spa et:est eu:eus fa:fas fi:fin fr:fra ga:gle gl:glg gu:guj he:heb hi:hin
hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz kn:kan ko:kor lt:lit
lv:lav mk:mkd ml:mal mr:mar ms:msa mt:mlt nl:nld no:nor pa:pan pl:pol pt:por ro:ron
ru:rus sk:slk sl:slv sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel th:tha tl:tgl tr:tur
uk:ukr ur:urd uz:uzb vi:vie zh:zho
"""
LONG = dict(pair.split(":") for pair in _CODES.split())
_SHORT = {long: short for short, long in LONG.items()}


def to_long(language: str | None) -> str:
    """Return the ISO 639-3 code of a detected language.

    >>> to_long("en"), to_long(None)
    ('eng', 'und')
    """
    return LONG.get(language or "", UNDETERMINED)


def to_short(language: str) -> str:
    """Return the ISO 639-1 code of a language as a caller names it.

    >>> to_short("deu"), to_short("de"), to_short("xxx")
    ('de', 'de', 'xxx')
    """
    return _SHORT.get(language, language)
