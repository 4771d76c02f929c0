"""Finding what a text names, among labels in Spanish and English: by words, each match explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from math import log, sqrt

from rapidfuzz import fuzz, process

from market.engines.skills.folding import LANGUAGES, Language, Word, words

#: How much a word counts as found, by how it was found.
FORM, ROOT, SOUND, TYPO = 1.0, 0.8, 0.75, 0.6
#: From here on two spellings are a slip of the same word (rapidfuzz ratio, 0 to 100).
ALIKE = 84
SHORTEST_MISSPELT = 5


@dataclass(frozen=True)
class Label:
    """A name of something: of the occupation `code`, say. `worth` (to 1) ranks the meanings of one word."""

    text: str
    language: Language
    code: str
    worth: float = 1.0


@dataclass(frozen=True)
class Hit:
    """What a text may name: its code, a score from 0 to 1, the label that says so and the words it shares."""

    code: str
    score: float
    label: str
    language: Language
    words: tuple[str, ...]


class Index:
    """Labels by their words. Built once, asked often; memory grows with the labels alone."""

    def __init__(self, labels: Iterable[Label]) -> None:
        entries = list(labels)
        self._shelves = {
            language: _Shelf([entry for entry in entries if entry.language == language], language)
            for language in LANGUAGES
        }

    def search(self, text: str, limit: int | None = 10) -> list[Hit]:
        """What the text may name, best first: per code the best label in either language."""
        best: dict[str, Hit] = {}
        known = set().union(*(shelf.known(text) for shelf in self._shelves.values()))
        for shelf in self._shelves.values():
            for hit in shelf.hits(text, known):
                if hit.code not in best or hit.score > best[hit.code].score:
                    best[hit.code] = hit
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.code))[:limit]


class _Shelf:
    """The labels of one language."""

    def __init__(self, labels: list[Label], language: Language) -> None:
        self.language = language
        self.labels = labels
        self.contents = [{word.form: word for word in words(label.text, language)} for label in labels]
        self.holding: dict[str, list[int]] = defaultdict(list)
        self.by_root: dict[str, set[str]] = defaultdict(set)
        self.by_sound: dict[str, set[str]] = defaultdict(set)
        named: dict[str, set[str]] = defaultdict(set)
        for number, content in enumerate(self.contents):
            for form, word in content.items():
                self.holding[form].append(number)
                self.by_root[word.root].add(form)
                self.by_sound[word.sound].add(form)
                named[form].add(labels[number].code)
        codes = len({label.code for label in labels})
        self.weight = {form: log(1 + codes / len(by)) for form, by in named.items()}
        # A word that no label has counts like one that four of them share: it may matter as much.
        self.weight_unknown = log(1 + codes / 4)

    def known(self, text: str) -> set[str]:
        """The words of the text that this language has."""
        return {word.written for word in words(text, self.language) if self._meant(word)}

    def hits(self, text: str, known: Container[str]) -> Iterator[Hit]:
        """Every label that shares a word with the text; a word that is not known anywhere may be misspelt."""
        asked = words(text, self.language)
        found = [self._meant(word) if word.written in known else self._misspelt(word) for word in asked]
        weights = [max((self.weight[f] for f in forms), default=self.weight_unknown) for forms in found]
        touched = {number for forms in found for form in forms for number in self.holding[form]}
        for number in sorted(touched):
            content = self.contents[number]
            shared = [max((forms.get(form, 0) for form in content), default=0) for forms in found]
            held = [max(forms.get(form, 0) for forms in found) for form in content]
            of_label = _share(held, [self.weight[form] for form in content])
            of_text = _share(shared, weights)
            label = self.labels[number]
            yield Hit(
                label.code,
                label.worth * sqrt(of_label * of_text),
                label.text,
                self.language,
                tuple(word.written for word, share in zip(asked, shared, strict=True) if share),
            )

    def _meant(self, word: Word) -> dict[str, float]:
        """The forms that a word may stand for, and how surely."""
        found: dict[str, float] = {}
        if word.form in self.weight:
            found[word.form] = FORM
        for strength, others in ((ROOT, self.by_root.get(word.root)), (SOUND, self.by_sound.get(word.sound))):
            for form in others or ():
                found.setdefault(form, strength)
        return found

    def _misspelt(self, word: Word) -> dict[str, float]:
        if len(word.form) < SHORTEST_MISSPELT:
            return {}
        close = process.extract(word.form, self.weight.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return {form: TYPO for form, _, _ in close}


def _share(parts: list[float], weights: list[float]) -> float:
    return sum(part * weight for part, weight in zip(parts, weights, strict=True)) / sum(weights)
