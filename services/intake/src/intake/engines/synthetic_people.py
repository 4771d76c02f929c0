"""Synthetic people of the region in families, with the misspellings of front desks. The seed makes them repeatable."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import accumulate, product

from intake.engines.matching.names import NameKind, agreement_weight, lexicon

_CONSONANTS = ("b", "c", "ch", "d", "f", "g", "j", "l", "ll", "m", "n", "p", "qu", "r", "s", "t", "v", "y")
_SYLLABLES = ["".join(pair) for pair in product(_CONSONANTS, "aeio")]
_RESPELLINGS = ["c/s", "z/s", "b/v", "v/b", "ll/y", "y/ll", "j/g", "g/j", "h/", "qu/k", "k/c", "i/y", "s/z"]


@dataclass(frozen=True)
class SyntheticPerson:
    """A synthetic person, in the columns that the commands read."""

    given_name: str
    surname: str
    date_of_birth: str
    sex: str
    suburb: str


class PeopleGenerator:
    """A generator of people with common names as frequent as in the lexicon, and rare names of invented syllables."""

    def __init__(self, seed: int):
        self._seed, self._random = seed, random.Random(seed)
        rare = sorted(
            {"".join(self._random.choices(_SYLLABLES, k=self._random.choice((2, 3, 3)))) for _ in range(8000)}
        )
        self._names = {}
        for kind, words in lexicon().common_words.items():
            common = {word: 2.0 ** -agreement_weight(word, kind) for word in words}
            rest = (1 - sum(common.values())) / len(rare)
            weights = [*common.values(), *([rest] * len(rare))]
            self._names[kind] = ([*common, *rare], list(accumulate(weights)))
        self._suburbs = rare[:400]

    def generate(self, count: int) -> list[SyntheticPerson]:
        """Generate families of one to four people with the same surnames and suburb. One in thirty is a twin."""
        people: list[SyntheticPerson] = []
        while len(people) < count:
            people += self.family()
        self._random.shuffle(people)
        return people[:count]

    def family(self) -> list[SyntheticPerson]:
        """Generate a family."""
        people: list[SyntheticPerson] = []
        surname, suburb = " ".join(self._draw("surname", 2)), self._random.choice(self._suburbs)
        born = ""
        for _ in range(self._random.choice((1, 1, 2, 3, 4))):
            if not born or self._random.random() > 1 / 30:
                born = self._birth()
            given = " ".join(self._draw("given", self._random.choice((1, 2, 2))))
            people.append(SyntheticPerson(given, surname, born, self._random.choice("fm"), suburb))
        return people

    def restart(self, part: int) -> random.Random:
        """Go on as the generator of a part, which is the same in every run, and return its random numbers."""
        self._random.seed(f"{self._seed} {part}")
        return self._random

    def two_files(
        self, each: int
    ) -> tuple[list[SyntheticPerson], list[SyntheticPerson], set[tuple[int, int]]]:
        """Generate two files, half of whose people are in both with misspellings, and the true pairs of rows."""
        people = self.generate(each + each // 2)
        a, shared = people[:each], range(each // 2)
        b = [(row, self.misspell(a[row])) for row in shared]
        b += [(-1, one) for one in people[each:]]
        self._random.shuffle(b)
        return a, [one for _, one in b], {(row, at) for at, (row, _) in enumerate(b) if row >= 0}

    def misspell(self, one: SyntheticPerson) -> SyntheticPerson:
        """Make up to three of the mistakes of front desks in a person's data."""
        for _ in range(self._random.choice((0, 1, 1, 2, 2, 3))):
            one = self._mistake(one)
        return one

    def _mistake(self, one: SyntheticPerson) -> SyntheticPerson:
        given, surnames, born = one.given_name.split(), one.surname.split(), one.date_of_birth
        which = self._random.random()
        if which < 0.12:
            return replace(one, surname=surnames[0])
        if which < 0.18:
            return replace(one, surname=" ".join(reversed(surnames)))
        if which < 0.30:
            return replace(one, given_name=" ".join([self._slip(given[0]), *given[1:]]))
        if which < 0.40:
            return replace(one, surname=" ".join([self._slip(surnames[0]), *surnames[1:]]))
        if which < 0.60:
            return replace(one, surname=self._respell(one.surname), given_name=self._respell(one.given_name))
        if which < 0.70:
            return replace(one, given_name=given[0])
        if which < 0.78:
            return replace(one, date_of_birth=born[:4] + born[6:] + born[4:6])
        if which < 0.84:
            return replace(one, date_of_birth=born[:4] + "0101")
        if which < 0.90:
            at = self._random.choice((3, 5, 7))
            return replace(one, date_of_birth=born[:at] + self._random.choice("0123456789") + born[at + 1 :])
        return replace(one, suburb=self._random.choice(self._suburbs))

    def _draw(self, kind: NameKind, count: int) -> list[str]:
        names, weights = self._names[kind]
        return self._random.choices(names, cum_weights=weights, k=count)

    def _birth(self) -> str:
        year, month = self._random.randint(1945, 2024), self._random.randint(1, 12)
        return f"{year}{month:02}{self._random.randint(1, 28):02}"

    def _slip(self, word: str) -> str:
        at = self._random.randrange(1, max(len(word), 2))
        letter = self._random.choice("abcdeilmnorst")
        return self._random.choice(
            (
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[: at - 1] + word[at : at + 1] + word[at - 1] + word[at + 1 :],
            )
        )

    def _respell(self, words: str) -> str:
        before, after = self._random.choice(_RESPELLINGS).split("/")
        return words.replace(before, after, 1)
