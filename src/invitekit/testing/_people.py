"""Invented people: every name is combined from invented syllables, every profile says "example".

A person is a number. Name, profile slug, company and the rest are pure functions of the number and a seed, so a
million of them need no memory, and the truth about an export and its files cannot drift apart.

Some traits come more often than in life, so that small exports show them too: about 8 % of the slugs are not
ASCII (4 to 7 % measured on member exports), some people share a display name, some names carry credentials.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TypeAlias
from urllib.parse import quote, unquote

__all__ = ["People", "slug_key"]

_MASK = 0xFFFF_FFFF_FFFF_FFFF
# Coprime to the number of names in every script, so that counting people walks through all names.
_STRIDE = 2_654_435_761

# Each entry is "written:transliterated", or only one word where a transliteration follows by itself.
_SYLLABLES: dict[str, tuple[str, str, str, str, str]] = {
    "plain": (
        "Bro Cly Dwu Fli Gwi Hoz Jex Kly Lum Mox Nyb Orq Plo Quz Rhu Skw Tov Ulx Vex Zub",
        "bex dorn fimo golu hix kamo lorn mivu nax plen quo sevu tolp vam wexo xil yado zort",
        "Ab Bril Crov Dunz Ebb Fral Grix Holv Ixt Jorv Kelb Lint Murq Nolv Ompl Prav Quil O'Strol Twim Zand",
        "a be co du e fi go hu i ka lo mu na o pi qua re su",
        "lix morn nard pelt quist rond sby tand vold wick xen yard-Oxlimp zell dram",
    ),
    "diacritics": (
        "Zö Çé Šu Ñí Éda Ård Ölu Vý Žy Błę Kø Ñó",
        "lë ñor ší vaç žim tåg dûr gíx pëlt mõv",
        "Brü Crö Dvě Glå Høv Jîx Kçe Lłu Mñe Přa",
        "ba cë dø fí gõ hå",
        "lix møß nård pëlt ßand röndt vöĺd",
    ),
    "cyrillic": (
        "Бро:bro Жум:zhum Вёл:vyol Кый:kyy Плё:plyo Зуг:zug Дры:dry Хой:khoy",
        "бек:bek дон:don фим:fim гой:goy мив:miv вам:vam лёр:lyor",
        "Брил:bril Кров:krov Дуй:duy Гриж:grizh Муп:mup Штоль:shtol Квим:kvim Жель:zhel",
        "а:a бе:be ко:ko ду:du фи:fi го:go",
        "ликс:liks морд:mord нарт:nart пелт:pelt зум:zum вик:vik",
    ),
    "greek": (
        "Βρό:vro Ζού:zou Ξέλ:xel Πλί:pli Κώμ:kom Θρά:thra Ψή:psi",
        "βεξ:vex δορ:dor φιμ:fim γολ:gol μιβ:miv ναξ:nax",
        "Μπρι:bri Κρο:kro Ντου:dou Φρα:fra Γκρι:gri Ξολ:xol",
        "βα:va κο:ko δυ:dy φι:fi γο:go λο:lo",
        "λίξος:lixos μόρνης:mornis νάρδος:nardos πέλτης:peltis ζέλλας:zellas",
    ),
    "han": (
        "霧:wu 苔:tai 硯:yan 鯨:jing 琥:hu 紬:chou 雫:na 凪:zhi",
        "灯:deng 葉:ye 羽:yu 糸:si 筆:bi 帆:fan 渦:wo",
        "硝:xiao 霞:xia 藻:zao 錆:qiang 雹:bao 蔦:niao 蕗:lu",
        "箱:xiang 窓:chuang 瓶:ping 鍵:jian 傘:san 匙:chi",
        "",
    ),
    "kana": (
        "ゾル:zoru ミボ:mibo グフ:gufu ペラ:pera ヌク:nuku ザモ:zamo",
        "ベク:beku ドン:don フィ:fi ゴル:goru ヴァ:va",
        "ブリ:buri クロ:kuro ドゥ:du グリ:guri ムポ:mupo",
        "バ:ba コ:ko ドゥ:du フィ:fi ゴ:go",
        "リクス:rikusu モルン:morun ペルト:peruto ゼル:zeru",
    ),
    "hangul": (
        "뽐:ppom 쿱:kup 찹:chap 뭅:mup 펠:pel 둡:dup",
        "뷕:bwik 돗:dot 핌:pim 곯:gol 믑:meup",
        "쁠:ppeul 크롭:keurop 듕:dyung 갉:galg",
        "바:ba 콯:ko 듀:dyu 핗:pi",
        "",
    ),
}

# How many of 128 people write their name in which script.
_SHARES = {"plain": 88, "diacritics": 18, "cyrillic": 6, "greek": 5, "han": 4, "kana": 4, "hangul": 3}

_CREDENTIALS = (", PhD", ", MBA", ", CPA", ", PMP®", ", M.D.", ", PhD, FRSE", ", MSc", ", CFA")

_STEMS = (
    *("Brunvo", "Quillmar", "Drovik", "Zellimp", "Oxtrand", "Fimbolt", "Gwixen", "Plorqua", "Muvard", "Hixtol"),
    *(
        "Kelbrund",
        "Wexlo",
        "Jorvimp",
        "Nabquist",
        "Trolvex",
        "Ulxmore",
        "Skwimble",
        "Zubrond",
        "Clydram",
        "Vexpelt",
    ),
)
_COMPANIES = tuple(
    form.format(stem)
    for form in (
        "{} Example Works",
        "{} Example, Inc.",
        "Example {} Ltd",
        '"{}" Example Bureau',
        "{} & Example Söhne GmbH",
        "Studio {} (Example)",
        "{} Example, Sons & Daughters, LLC",
        "Université Exemple de {}",
        "{} Example™ <Labs>",
        "{} Example, S.A. de C.V.",
        "{}-Example株式会社",
        "Fundación {} Ejemplo",
    )
    for stem in _STEMS
)
_POSITIONS = (
    "Head of Data",
    "Software Engineer",
    "Recruiter",
    "Founder & CEO",
    "Product Manager",
    "Senior Software Engineer, Platform",
    "Technical Recruiter",
    "Account Executive",
    "Marketing Lead, EMEA",
    "Consultant",
    "Data Scientist",
    "Director of Operations",
    "Student",
    "Talent Acquisition Partner",
    "Sales Development Representative",
    "Chief of Staff",
    "Ingénieure qualité",
    "VP, Partnerships",
    "Designer",
    "Professor",
    'Editor, "The Example Times"',
    "Nurse",
    "Teacher",
    "Advisor\nBoard member",  # a quoted line break, which companies and positions do contain
)

_NOT_DECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "ĺ": "l"})


def slug_key(slug: str) -> str:
    """What identifies a profile whatever its spelling: percent-decoded, composed (NFC), case-folded."""
    return unicodedata.normalize("NFC", unquote(slug)).casefold()


# Plain tuples, which unpack faster than named ones: as written, as in a slug that is not ASCII, as in one
# that is.
_Name: TypeAlias = tuple[str, str, str]
# Given names, family names, how many given names, how many combinations, whether all of them are ASCII.
_Script: TypeAlias = tuple[tuple[_Name, ...], tuple[_Name, ...], int, int, bool]


def _ascii(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.lower().translate(_NOT_DECOMPOSED))
    return "".join(letter for letter in decomposed if letter.isascii() and (letter.isalnum() or letter == "-"))


def _syllables(text: str) -> tuple[tuple[str, str], ...]:
    pairs = tuple(entry.partition(":") for entry in text.split())
    return tuple((written, latin or _ascii(written)) for written, _, latin in pairs) or (("", ""),)


def _names(*tables: str) -> tuple[_Name, ...]:
    combined = [("", "")]
    for table in tables:
        syllables = _syllables(table)
        combined = [
            (word + more, latin + more_latin) for word, latin in combined for more, more_latin in syllables
        ]
    return tuple((word, word.lower().replace("'", ""), latin) for word, latin in combined)


@cache
def _scripts() -> tuple[_Script, ...]:
    """One script for each of 128 numbers, so that choosing one is a look-up."""
    chosen: list[_Script] = []
    for script, share in _SHARES.items():
        tables = _SYLLABLES[script]
        given, family = _names(*tables[:2]), _names(*tables[2:])
        chosen += [(given, family, len(given), len(given) * len(family), script == "plain")] * share
    return tuple(chosen)


class People:
    """All the invented people of one seed.

    Args:
        seed: Any integer; another seed gives other people the same numbers.
    """

    __slots__ = ("_offset", "_scripts", "_start")

    def __init__(self, seed: int) -> None:
        self._offset = _mixed(_mixed(seed & _MASK, 1), 1)
        self._start = self._offset >> 33
        self._scripts = _scripts()

    def lookup(self, person: int) -> tuple[str, str, str]:
        """First name, last name (with credentials) and slug as ``Invitations.csv`` spells it.

        Slugs are unique, because they end in the person's number. Display names are not: about one person in
        sixty has the name of somebody else.
        """
        return self._lookup(person, _mixed(person, self._offset))

    def name(self, person: int) -> str:
        """The display name, as ``From`` and ``To`` show it."""
        first, last, _ = self.lookup(person)
        return f"{first} {last}"

    def connection(self, person: int) -> tuple[str, str, str, str, str, str]:
        """First name, last name, slug, e-mail address, company, position, as ``Connections.csv`` shows them.

        The slug is percent-encoded. Of the slugs that are not ASCII one in eight is decomposed (NFD) and one in
        eight in capitals before that; of the others one in 128 has a capital initial. `slug_key` does not mind.
        About 3 % have an e-mail address, about 94 % a company and about 94 % a position; the others are empty.
        """
        bits = _mixed(person, self._offset)
        first, last, slug = self._lookup(person, bits)
        variant = (bits >> 32) & 127
        if not slug.isascii():
            if variant & 7 == 0:
                slug = unicodedata.normalize("NFD", slug)
            elif variant & 7 == 1:
                slug = slug.upper()
            slug = quote(slug, safe="")
        elif not variant:
            slug = slug.capitalize()
        rank = (bits >> 39) & 1023  # squared below: some companies employ many, most employ few
        company = _COMPANIES[rank * rank * len(_COMPANIES) >> 20] if (bits >> 49) & 15 else ""
        position = _POSITIONS[((bits >> 53) & 255) * len(_POSITIONS) >> 8] if (bits >> 50) & 15 else ""
        email = "" if (bits >> 58) & 31 else f"person-{person}@mail.example"
        return first, last, slug, email, company, position

    def urn(self, person: int) -> str:
        """The member URN, ``urn:li:member:<digits>``."""
        return f"urn:li:member:{900_000_000 + person * 37}"

    def _lookup(self, person: int, bits: int) -> tuple[str, str, str]:
        native = not bits >> 7 & 3
        bearer = person
        if bits >> 9 & 63 == 5 and person > 16:
            bearer = person - 8
            bits = _mixed(bearer, self._offset)
        given, family, given_count, combinations, is_ascii = self._scripts[bits & 127]
        combination = (bearer * _STRIDE + self._start) % combinations
        first, first_native, first_ascii = given[combination % given_count]
        last, last_native, last_ascii = family[combination // given_count]
        if bits >> 15 & 63 < 2:
            last += _CREDENTIALS[bits >> 21 & 7]
        ornament = bits >> 24 & 255
        if ornament < 6:
            first += " Q." if ornament else " 🌱"
        if native and not is_ascii:
            return first, last, f"{first_native}-{last_native}-example-{person}"
        return first, last, f"{first_ascii}-{last_ascii}-example-{person}"


def _mixed(number: int, offset: int) -> int:
    """64 well-mixed bits from a number: multiplications by odd numbers and shifts onto itself lose none."""
    bits = number * 0x9E37_79B9_7F4A_7C15 + offset & _MASK
    bits = (bits ^ bits >> 31) * 0xD6E8_FEB8_6659_FD93 & _MASK
    return bits ^ bits >> 32
