"""Answers that name a situation instead of a trade: «ama de casa», «estudio», «jubilado», «busco trabajo».

A situation is counted by its labour-force status, and never coded to an occupation: somebody who keeps her own house
is no
housekeeper. The statuses are those of the labour force surveys of the ILO (resolution of the 19th International
Conference of
Labour Statisticians, 2013): work for one's own household is work, but no employment. Answers are read in Spanish,
English,
French and Haitian Creole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from solidary.language.codes.code_list import CodeList

from market.engines.skills.folding import MAX_CHARACTERS, without_accents


class LabourForceStatus(CodeList):
    """The status in the labour force of somebody whose answer names no trade."""

    UNEMPLOYED = "unemployed", "persona desempleada", "unemployed"
    OUTSIDE = "outside_labour_force", "fuera de la fuerza de trabajo", "outside the labour force"
    NOT_EMPLOYED = (
        "not_employed",
        "no ocupada; no se sabe si busca trabajo",
        "not employed; may look for work or not",
    )


class Situation(Enum):
    """A situation, with its status; `HOME` and `CARE` are the own-use production of services of the ILO."""

    HOME = "own_household", LabourForceStatus.OUTSIDE
    CARE = "care_of_family", LabourForceStatus.OUTSIDE
    STUDY = "study", LabourForceStatus.OUTSIDE
    RETIRED = "retired", LabourForceStatus.OUTSIDE
    UNABLE = "illness_or_disability", LabourForceStatus.OUTSIDE
    SEEKING = "seeking_work", LabourForceStatus.UNEMPLOYED
    NONE = "no_work", LabourForceStatus.NOT_EMPLOYED

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def status(self) -> LabourForceStatus:
        return self.value[1]


@dataclass(frozen=True)
class ReadAnswer:
    """The situation that an answer names, or None, and the rest of the answer, which may name a trade."""

    situation: Situation | None
    rest: str


_FAMILY = (
    r"(?:hij[oa]s?|nin[oa]s?|bebes?|niet[oa]s?|chamac[oa]s?|mama|madre|papa|padres?|abuel[oa]s?|espos[oa]|marido|mujer"
    r"|herman[oa]s?|famil\w*|children|kids?|baby|son|daughter|mother|father|parents?|family|grand\w+|husband|wife"
    r"|enfants?|fils|fille|mere|pere|famille|timoun|pitit|manman|papa|fanmi)"
)
_OWN = r"(?:mis?|sus?|nuestr[oa]s?|my|her|his|their|our|mes|ma|mon|ses|sa|son)"
_WORK = r"(?:trabajo|empleo|chamba|chance|camello|pega|brete|oficio|laburo|work|a job|jobs?|travail|emploi|travay|djob)"
_STUDIES = r"(?:estudiantes?|alumn[oa]|student|pupil|schoolboy|schoolgirl|etudiante?|eleve|lyceen(?:ne)?|etidyan|elev)"

_PATTERNS: tuple[tuple[Situation, str], ...] = (
    (
        Situation.HOME,
        r"am[oa] de (?:la |mi )?casa|(?:se dedica |me dedico |dedicad[oa] )?(?:a |al |en )?(?:el |mi |su |del )?hogar"
        r"|(?:las |los |hago |hace )*(?:labores|quehaceres|oficios?|tareas)(?: de| del| en)?"
        r"(?: el| la| mi| su)? ?(?:hogar|casa|domestic[oa]s)"
        r"|(?:cuid|atiend|limpi)\w* (?:de |a )?(?:la|mi|su) (?:propia )?(?:casa|hogar)|house ?wi(?:fe|ves)"
        r"|house ?husband"
        r"|home ?maker|stay(?:ing)?[ -]at[ -]home(?: \w+)?|(?:at|in) (?:my )?home|(?:femme|mere|homme) au foyer"
        r"|(?:metres|fanm|madanm) (?:la)?kay|en (?:la|mi) casa",
    ),
    (
        Situation.CARE,
        rf"(?:cuid|atiend|cri|vel)\w* (?:a |de |por )?{_OWN} .*{_FAMILY}.*|cuid\w* (?:a |de )?los hijos"
        rf"|(?:al )?cuidado de {_OWN} .*{_FAMILY}.*"
        rf"|(?:tak\w+ care of|car\w+ for|look\w* after|rais\w+) {_OWN} .*{_FAMILY}.*"
        rf"|(?:garde\w*|m ?occupe de|s ?occupe de|elev\w+) {_OWN} .*{_FAMILY}.*"
        rf"|(?:m ap |map |ap )?(?:okipe|pran swen|gade|leve) .*{_FAMILY} (?:mwen|li|m)(?: yo)?"
        r"|(?:full[ -]time )?(?:mom|mum|mother|dad|father|madre|mama|papa|mere|manman)",
    ),
    (
        Situation.STUDY,
        rf"{_STUDIES}(?: (?:de|del|d|en|of|in|at) .*)?|estudio(?: .*)?|estudia(?: .*)?|(?:sigo "
        rf"|sigue )?estudiando(?: .*)?|voy (?:a la|al) "
        r"(?:escuela|colegio|universidad|liceo)(?: .*)?|(?:escuela|colegio|universidad|bachillerato|secundaria"
        r"|primaria)"
        r"|(?:still )?(?:stud(?:y|ies|ying)|(?:at|in|go(?:es|ing)? to) (?:school|college|university))(?: .*)?"
        r"|(?:etudie|fait des etudes|fais des etudes)(?: .*)?|(?:mwen |m )?(?:al lekol|ap etidye|etidye)(?: .*)?",
    ),
    (
        Situation.RETIRED,
        r"(?:jubilad|pensionad|retirad)[oa](?: .*)?|pensionista|jubilacion|retired(?: .*)?|pensioner|retirement"
        r"|(?:a la )?retraite[es]?(?: .*)?|retrete(?: .*)?|tercera edad|adult[oa] mayor",
    ),
    (
        Situation.UNABLE,
        r"(?:persona )?(?:con )?discapaci(?:tad[oa]|dad)(?: .*)?|incapacitad[oa](?: .*)?|enferm[oa]|invalid[oae]s?"
        r"|no pued[oe] trabajar(?: .*)?|disabled|sick|unable to work(?: .*)?|can ?t work|cannot work|malade"
        r"|handicapee?|malad"
        r"|andikape",
    ),
    (
        Situation.SEEKING,
        rf"(?:desemplead|desocupad|parad|cesante?)[oa]?|sin (?:un )?{_WORK}(?: .*)?|(?:busc\w+|en busca de|buscador de)"
        rf" (?:un |algun )?{_WORK}(?: .*)?|unemployed|jobless|out of work|without (?:a )?{_WORK}"
        rf"|(?:look(?:s|ing)? for|seek(?:s|ing)?|search(?:ing)? for) (?:a )?{_WORK}(?: .*)?|between jobs"
        rf"|(?:au )?chomage|chomeu(?:r|se)|sans (?:{_WORK})|cherch\w+ (?:du |un )?{_WORK}(?: .*)?|chome"
        rf"|(?:m ap |map |ap )?cheche {_WORK}(?: .*)?|(?:mwen |m )?pa gen {_WORK}",
    ),
    (
        Situation.NONE,
        rf"ningun[oa]?|nada|no (?:trabaj\w+|tengo|tiene|aplica|hago nada|hace nada)(?: (?:un |en "
        rf"|ningun )?(?:{_WORK}|nada))?"
        rf"(?: por ahora| ahora| actualmente)?|no (?:tengo|tiene) (?:oficio|profesion|ocupacion)|n ?a|none"
        rf"|nothing|no {_WORK}"
        r"|no occupation|(?:do not|don ?t|does not|doesn ?t|not) work(?:ing)?|aucune?(?: .*)?|rien|ne travaille pas"
        r"|je ne travaille pas|okenn|anyen|(?:mwen |m )?pa travay|(?:mwen |m )?pa fe anyen",
    ),
)
_COMPILED = tuple((situation, re.compile(pattern)) for situation, pattern in _PATTERNS)
_FILLERS = re.compile(
    r"^(?:(?:soy|es|yo|estoy|esta|fui|era|actualmente|ahora|solo|solamente|todavia|aun|una?|la|el|ella|i am|i m"
    r"|i|she is|he is"
    r"|she|he|a|an|the|just|only|now|currently|je suis|je|elle est|il est|une?|mwen se|mwen|se|yon|m se) )+"
)
_TRAILERS = re.compile(
    r"(?: (?:ahora|actualmente|por ahora|por el momento|solamente|nada mas|now|at the moment|kounye a))+$"
)
_BETWEEN_CLAUSES = re.compile(r"[,;+.()]| (?:y|e|pero|and|but|et|mais|epi|men) ")
_ONLY_FAMILY = re.compile(rf"(?:(?:a|de|los|las|the|{_OWN}) )*{_FAMILY}")


def read_answer(answer: str) -> ReadAnswer:
    """Return the situation of an answer, and the rest of it.

    Each clause is a situation or not: of «ama de casa y vendo empanadas» the rest is «vendo empanadas». Of several
    situations
    the first counts.
    """
    situation: Situation | None = None
    rest: list[str] = []
    for clause in _BETWEEN_CLAUSES.split(answer[:MAX_CHARACTERS]):
        found = _situation(clause, after=situation)
        if found is None and clause.strip():
            rest.append(clause.strip())
        situation = situation or found
    return ReadAnswer(situation, answer if situation is None else " ".join(rest))


def _situation(clause: str, after: Situation | None) -> Situation | None:
    folded = " ".join(re.split(r"[^a-z0-9]+", without_accents(clause))).strip()
    bare = _TRAILERS.sub("", _FILLERS.sub("", folded))
    if not bare:
        return None
    if after is Situation.CARE and _ONLY_FAMILY.fullmatch(bare):
        return after
    return next((situation for situation, pattern in _COMPILED if pattern.fullmatch(bare)), None)
