"""The problems that constraints of the intake database mean, by constraint."""

from __future__ import annotations

from solidary.language.problems import Conflict, Problem


class DemandReportPeriod(Conflict):
    """This month is published; what is published is not counted again."""

    slug = "demand-report-period"
    title = "This month is published; what is published is not counted again"


class NeedOpen(Conflict):
    """This need is recorded for this person and still open."""

    slug = "need-open"
    title = "This need is recorded for this person and still open"


class ProcedureOpen(Conflict):
    """This person is on this route already."""

    slug = "procedure-open"
    title = "This person is on this route already"


CONSTRAINT_PROBLEMS: dict[str, type[Problem]] = {
    "demand_report_period": DemandReportPeriod,
    "need_open": NeedOpen,
    "procedure_open": ProcedureOpen,
}
