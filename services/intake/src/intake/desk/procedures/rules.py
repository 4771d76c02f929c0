"""The states of a procedure on a legal pathway (docs/using/intake.md prints the table)."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.codes.code_list import CodeList
from solidary.language.problems import Fault
from solidary.language.transitions import Transition, TransitionTable

from intake.engines.pathways.guard import Advice
from intake.problems import WarningsNotDiscussed


class ProcedureState(CodeList):
    """The state of a procedure."""

    IDENTIFIED = "identified", "identificado", "identified"
    INFORMED = "informed", "explicado", "explained"
    GATHERING_DOCUMENTS = "gathering_documents", "reuniendo documentos", "gathering documents"
    SUBMITTED = "submitted", "presentado", "submitted"
    RETURNED = "returned", "devuelto para completar", "returned to be completed"
    GRANTED = "granted", "concedido", "granted"
    DENIED = "denied", "negado", "denied"
    WITHDRAWN = "withdrawn", "retirado", "withdrawn"
    APPEALED = "appealed", "apelado", "appealed"


class ProcedureActor(StrEnum):
    """The party that changes the state of a procedure."""

    DESK = "desk"


_S = ProcedureState
_STEPS = (
    ("inform", _S.IDENTIFIED, _S.INFORMED),
    ("withdraw", _S.IDENTIFIED, _S.WITHDRAWN),
    ("gather documents", _S.INFORMED, _S.GATHERING_DOCUMENTS),
    ("submit", _S.INFORMED, _S.SUBMITTED),
    ("withdraw", _S.INFORMED, _S.WITHDRAWN),
    ("submit", _S.GATHERING_DOCUMENTS, _S.SUBMITTED),
    ("withdraw", _S.GATHERING_DOCUMENTS, _S.WITHDRAWN),
    ("return", _S.SUBMITTED, _S.RETURNED),
    ("grant", _S.SUBMITTED, _S.GRANTED),
    ("deny", _S.SUBMITTED, _S.DENIED),
    ("withdraw", _S.SUBMITTED, _S.WITHDRAWN),
    ("gather documents", _S.RETURNED, _S.GATHERING_DOCUMENTS),
    ("submit", _S.RETURNED, _S.SUBMITTED),
    ("withdraw", _S.RETURNED, _S.WITHDRAWN),
    ("appeal", _S.DENIED, _S.APPEALED),
    ("grant", _S.APPEALED, _S.GRANTED),
    ("deny", _S.APPEALED, _S.DENIED),
    ("withdraw", _S.APPEALED, _S.WITHDRAWN),
)

PROCEDURE_TRANSITIONS = TransitionTable(
    "procedure",
    initial=(_S.IDENTIFIED,),
    transitions=tuple(
        Transition(step, source, target, by=(ProcedureActor.DESK,)) for step, source, target in _STEPS
    ),
)

RESOLVED_STATES = frozenset({_S.GRANTED, _S.DENIED, _S.WITHDRAWN})
"""The states of a procedure with a resolution; a denial may still be appealed."""


def require_discussed_warnings(advice: Advice, *, warnings_discussed: bool) -> None:
    """Raise WarningsNotDiscussed, with the warnings, for a pathway that is not proposed by default."""
    if not advice.by_default and not warnings_discussed:
        raise WarningsNotDiscussed(
            "", *(Fault("/warnings_discussed", warning.wording.es) for warning in advice.warnings)
        )
