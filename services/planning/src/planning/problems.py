"""The problems that constraints of the planning database mean, by constraint."""

from __future__ import annotations

from solidary.language.problems import Conflict, Problem


class CostsAlreadyPublished(Conflict):
    """The cost of an action changes after the costs of its plan were published."""

    slug = "costs-already-published"
    title = "The costs of this plan are published and cannot change"
    action = "Return the plan to co-creation to change its costs."


CONSTRAINT_PROBLEMS: dict[str, type[Problem]] = {"costs_stay": CostsAlreadyPublished}
