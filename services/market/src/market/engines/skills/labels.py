"""The search for labels in Spanish and English by the words of a text, with the reason of each match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from math import log, sqrt

from rapidfuzz import fuzz, process

from market.engines.skills.folding import LANGUAGES, Language, Word, words

FORM, ROOT, SOUND, TYPO = 1.0, 0.8, 0.75, 0.6
"""The weight of a word that was found by its form, root or sound, or as a misspelling."""

MIN_SIMILARITY = 84
"""The similarity from which a word counts as a misspelling of another (rapidfuzz's ratio, 0 to 100)."""

MIN_MISSPELT_LENGTH = 5


@dataclass(frozen=True)
class Label:
    """A name of the occupation or skill `code`. `weight`, at most 1, ranks the meanings of one word."""

    text: str
    language: Language
    code: str
    weight: float = 1.0


@dataclass(frozen=True)
class Hit:
    """A code that a text may name, with a score from 0 to 1, the label that matched and the words it shares."""

    code: str
    score: float
    label: str
    language: Language
    words: tuple[str, ...]


class Index:
    """A search index of labels by their words, which is built once for many searches."""

    def __init__(self, labels: Iterable[Label]) -> None:
        entries = list(labels)
        self._languages = {
            language: _LanguageIndex([entry for entry in entries if entry.language == language], language)
            for language in LANGUAGES
        }

    def search(self, text: str, limit: int | None = 10) -> list[Hit]:
        """Return the codes that a text may name, the best first, each with its best label in either language."""
        best: dict[str, Hit] = {}
        known = set().union(*(index.known(text) for index in self._languages.values()))
        for index in self._languages.values():
            for hit in index.hits(text, known):
                if hit.code not in best or hit.score > best[hit.code].score:
                    best[hit.code] = hit
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.code))[:limit]


class _LanguageIndex:
    """The index of the labels of one language."""

    def __init__(self, labels: list[Label], language: Language) -> None:
        self.language = language
        self.labels = labels
        self.contents = [{word.form: word for word in words(label.text, language)} for label in labels]
        self.labels_with: dict[str, list[int]] = defaultdict(list)
        self.by_root: dict[str, set[str]] = defaultdict(set)
        self.by_sound: dict[str, set[str]] = defaultdict(set)
        codes_with: dict[str, set[str]] = defaultdict(set)
        for number, content in enumerate(self.contents):
            for form, word in content.items():
                self.labels_with[form].append(number)
                self.by_root[word.root].add(form)
                self.by_sound[word.sound].add(form)
                codes_with[form].add(labels[number].code)
        codes = len({label.code for label in labels})
        self.weight = {form: log(1 + codes / len(by)) for form, by in codes_with.items()}
        # A word that no label has is weighted like one that four codes share, because it may be as significant.
        self.weight_unknown = log(1 + codes / 4)

    def known(self, text: str) -> set[str]:
        """Return the words of a text that this language has."""
        return {word.written for word in words(text, self.language) if self._forms_of(word)}

    def hits(self, text: str, known: Container[str]) -> Iterator[Hit]:
        """Yield every label that shares a word with a text. A word that no language has may be misspelt."""
        text_words = words(text, self.language)
        found = [
            self._forms_of(word) if word.written in known else self._similar_forms(word)
            for word in text_words
        ]
        weights = [max((self.weight[f] for f in forms), default=self.weight_unknown) for forms in found]
        matching = {number for forms in found for form in forms for number in self.labels_with[form]}
        for number in sorted(matching):
            content = self.contents[number]
            shared = [max((forms.get(form, 0) for form in content), default=0) for forms in found]
            held = [max(forms.get(form, 0) for forms in found) for form in content]
            of_label = _share(held, [self.weight[form] for form in content])
            of_text = _share(shared, weights)
            label = self.labels[number]
            yield Hit(
                label.code,
                label.weight * sqrt(of_label * of_text),
                label.text,
                self.language,
                tuple(word.written for word, share in zip(text_words, shared, strict=True) if share),
            )

    def _forms_of(self, word: Word) -> dict[str, float]:
        """Return the forms that a word may mean, with the weight of each."""
        found: dict[str, float] = {}
        if word.form in self.weight:
            found[word.form] = FORM
        for strength, others in ((ROOT, self.by_root.get(word.root)), (SOUND, self.by_sound.get(word.sound))):
            for form in others or ():
                found.setdefault(form, strength)
        return found

    def _similar_forms(self, word: Word) -> dict[str, float]:
        """Return the forms of which a word may be a misspelling."""
        if len(word.form) < MIN_MISSPELT_LENGTH:
            return {}
        similar = process.extract(
            word.form, self.weight.keys(), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY
        )
        return {form: TYPO for form, _, _ in similar}


def _share(parts: list[float], weights: list[float]) -> float:
    return sum(part * weight for part, weight in zip(parts, weights, strict=True)) / sum(weights)
