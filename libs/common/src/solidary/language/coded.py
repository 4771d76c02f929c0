"""Coded values as spreadsheets and people write them: truths, sexes and dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from solidary.language.codes.people import Sex

_TRUE = frozenset(
    {"true", "verdadero", "verdadera", "yes", "y", "sí", "si", "s", "1", "x", "oui", "vrai", "sim"}
)
_FALSE = frozenset({"false", "falso", "falsa", "no", "n", "0", "non", "faux", "não", "nao"})

_SEX_WORDS = {
    Sex.FEMALE: ("f", "fem", "femenino", "femenina", "feminino", "female", "woman", "mujer", "niña", "femme"),
    Sex.MALE: ("h", "masc", "masculino", "masculina", "male", "man", "hombre", "niño", "homme"),
    Sex.OTHER: ("x", "otro", "otra", "other", "intersex", "intersexual"),
}
_SEXES: Mapping[str, Sex] = {word: sex for sex, words in _SEX_WORDS.items() for word in words}
_NO_SEX = frozenset(
    [
        "",
        "u",
        "unknown",
        "desconocido",
        "n/a",
        "na",
        "-",
        "?",
        "nd",
        "sin dato",
        "no responde",
        "indeterminado",
    ]
)
_ISO_5218 = {"1": Sex.MALE, "2": Sex.FEMALE, "0": Sex.UNKNOWN, "9": Sex.UNKNOWN}


def parse_truth(text: str) -> bool:
    """Read yes or no as spreadsheets and people write it (TRUE, Verdadero, Sí, 1). Raises ValueError."""
    word = text.strip().casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{text!r} is neither yes nor no. Write true or false.")


def parse_sexes(written: Collection[str]) -> dict[str, Sex]:
    """Return the sex that each text of one column means. Raises ValueError, with an example, for what has no meaning.

    M is *masculino* and *male*, as in passports, unless the column has an H too: then it is *mujer*. With F, H and M in
    one column nobody knows. Digits are those of ISO/IEC 5218 (1 male, 2 female) where the column has nothing else.
    """
    words = {text: text.strip().casefold() for text in written}
    found = set(words.values())
    codes = dict(_SEXES) | dict.fromkeys(_NO_SEX, Sex.UNKNOWN)
    if found <= _ISO_5218.keys() | _NO_SEX:
        codes |= _ISO_5218
    if not {"f", "h", "m"} <= found:
        codes["m"] = Sex.FEMALE if "h" in found else Sex.MALE
    for text, word in words.items():
        if word == "m" and "m" not in codes:
            raise ValueError("The column has F, H and M: M may be male or «mujer». Write each sex as a word.")
        if word not in codes:
            raise ValueError(f"{text!r} is no sex that can be read. Write F, M, «mujer» or «hombre».")
    return {text: codes[word] for text, word in words.items()}
