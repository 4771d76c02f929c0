"""State machines as one typed table: the steps, from which state to which, and who may take them.

A service's `rules.py` declares its table; commands apply it, the documentation prints it (`markdown`), and the
database holds the same pairs of states in `machinery.transition`, where the trigger
`machinery.check_transition` refuses any other change (docs/extending/transitions.md).

    REFERRAL = TransitionTable(
        "referral",
        initial=(DRAFT, REQUESTED),
        transitions=(
            Transition("accept", REQUESTED, ACCEPTED, by=(RECEIVER,)),
            Transition("cancel", REQUESTED, CANCELLED, by=(SENDER, CONSENT)),
        ),
    )
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from solidary.language.problems import ActorNotAllowed, TransitionNotAllowed

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


@dataclass(frozen=True)
class Transition(Generic[S, A]):
    """One step from one state to another, and the actors who may take it (`by`)."""

    step: str
    source: S
    target: S
    by: tuple[A, ...]


class TransitionTable(Generic[S, A]):
    """The transitions of one kind of aggregate.

    `noun` names the aggregate in error sentences and, with underscores, the machine in the database. `initial`
    lists the states in which an aggregate may begin.
    """

    def __init__(self, noun: str, *, initial: Collection[S], transitions: Iterable[Transition[S, A]]) -> None:
        self.noun, self.initial, self.transitions = noun, tuple(initial), tuple(transitions)
        keys = [(each.source, each.step, each.target) for each in self.transitions]
        if len(set(keys)) < len(keys):
            raise ValueError(f"The table of {noun} lists a transition twice.")
        self._of_source: dict[S, list[Transition[S, A]]] = {}
        for each in self.transitions:
            self._of_source.setdefault(each.source, []).append(each)

    @property
    def machine(self) -> str:
        """The name of this table in `machinery.transition`."""
        return self.noun.replace(" ", "_")

    @property
    def pairs(self) -> frozenset[tuple[str | None, str]]:
        """The pairs (state before, state after) of every change of state; None before an initial state."""
        changes = {(str(each.source), str(each.target)) for each in self.transitions}
        return frozenset(
            {(None, str(state)) for state in self.initial} | {c for c in changes if c[0] != c[1]}
        )

    def apply(self, state: S, step: str, actors: Collection[A]) -> S:
        """Return the state after a step. Raises TransitionNotAllowed, ActorNotAllowed."""
        return self._admit([each for each in self._from(state) if each.step == step], state, step, actors)

    def move(self, state: S, target: S, actors: Collection[A]) -> S:
        """Return `target` where a step leads there. Raises TransitionNotAllowed, ActorNotAllowed."""
        return self._admit(
            [each for each in self._from(state) if each.target == target], state, target, actors
        )

    def allows(self, state: S, target: S) -> bool:
        """Return whether some actor may bring an aggregate from one state to another."""
        return any(each.target == target for each in self._from(state))

    def steps(self, state: S) -> tuple[str, ...]:
        """Return the steps that exist from a state, in the order of the table."""
        return tuple(dict.fromkeys(each.step for each in self._from(state)))

    def is_final(self, state: S) -> bool:
        """Return whether no step leads out of a state."""
        return not self._from(state)

    def markdown(self) -> str:
        """Return the table as the documentation prints it, one line for each transition."""
        lines = ["| step | from | to | by |", "|---|---|---|---|"]
        lines += [f"| {t.step} | {t.source} | {t.target} | {', '.join(t.by)} |" for t in self.transitions]
        return "\n".join(lines)

    def _from(self, state: S) -> Sequence[Transition[S, A]]:
        return self._of_source.get(state, ())

    def _admit(self, found: Sequence[Transition[S, A]], state: S, wanted: str, actors: Collection[A]) -> S:
        if not found:
            steps = ", ".join(f"«{step}»" for step in self.steps(state)) or "none"
            raise TransitionNotAllowed(
                f"«{wanted}» is not possible for a {self.noun} in the state «{state}». Possible steps: {steps}."
            )
        for each in found:
            if any(actor in each.by for actor in actors):
                return each.target
        allowed = " or the ".join(dict.fromkeys(str(actor) for each in found for actor in each.by))
        raise ActorNotAllowed(f"Only the {allowed} can take the step «{found[0].step}» of a {self.noun}.")
