"""The duties of an agency's members."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import combinations, product


class Duty(StrEnum):
    """A duty that a member has in one agency; it gives no right in another.

    The values are the names of the groups of a Keycloak organization (docs/extending/identity.md).
    """

    FRONT_DESK = "front_desk"
    """Searches, registers people and households, records visits and needs, gives guidance."""
    CASE_WORKER = "case_worker"
    """Follows a person: case notes, consents, procedures, referrals sent."""
    PROTECTION_OFFICER = "protection_officer"
    """Reads and writes the restricted store: violence, torture, children alone, details that endanger."""
    PROVIDER = "provider"
    """Receives referrals for its services: answers, reads the package under consent, records the outcome."""
    DIRECTORY_EDITOR = "directory_editor"
    """Maintains the directory of services, their conditions and their capacity."""
    PLANNER = "planner"
    """Draws territorial intervention units, writes diagnoses and actions, runs allocations."""
    FACILITATOR = "facilitator"
    """Holds participatory sessions and records their ballots."""
    AUTHORITY = "authority"
    """Validates a plan for the municipality, with the number of the act."""
    MARKET_ANALYST = "market_analyst"
    """Runs market assessments: sectors, demand, barriers, plan lines, basket prices."""
    CASH_MAKER = "cash_maker"
    """Prepares and submits payment plans; never approves or releases their own."""
    CASH_CHECKER = "cash_checker"
    """Approves or rejects a payment plan that somebody else prepared."""
    CASH_RELEASER = "cash_releaser"
    """Releases an approved payment plan to the payment provider."""
    CASH_CONTROLLER = "cash_controller"
    """Sets the least approvals and the rest of changed accounts for the agency's payments; makes and approves none."""
    BANK_REPORTER = "bank_reporter"
    """The payment provider's channel: brings the provider's reports on payments, and does nothing else."""
    AUDITOR = "auditor"
    """Reads ledgers, approvals and access logs; changes nothing."""
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    """Maintains sharing agreements, answers requests of access and erasure, reads the access log."""
    INTEGRATOR = "integrator"
    """The agency's own software: reads event feeds and registers webhooks."""
    SOFTWARE_REGISTER = "software_register"
    """Software that searches and registers people and households, and records visits and needs."""
    SOFTWARE_CONSENT = "software_consent"
    """Software that records consents which people gave, and their withdrawal."""
    SOFTWARE_REFER = "software_refer"
    """Software that looks for services, sends referrals and cancels them."""
    SOFTWARE_ANSWER = "software_answer"
    """Software of a provider: answers referrals, reads the package under consent, records the outcome."""
    SOFTWARE_READ = "software_read"
    """Software that reads the agency's people, households, consents and referrals, and changes nothing."""
    SOFTWARE_DIRECTORY = "software_directory"
    """Software that maintains the agency's services in the directory; people open them to others."""
    SOFTWARE_ENROL = "software_enrol"
    """Software that enrols households in the agency's programmes."""
    OPERATOR = "operator"
    """Runs the instance: parked events, imports, jobs; reads no person's data."""


MONEY_DUTIES = frozenset(
    {
        Duty.CASH_MAKER,
        Duty.CASH_CHECKER,
        Duty.CASH_RELEASER,
        Duty.CASH_CONTROLLER,
        Duty.BANK_REPORTER,
    }
)
"""The duties that move money, or decide how it may be moved."""

SECOND_FACTOR_DUTIES = frozenset(
    {
        Duty.AUDITOR,
        Duty.CASH_CHECKER,
        Duty.CASH_RELEASER,
        Duty.CASH_CONTROLLER,
        Duty.AUTHORITY,
        Duty.PROTECTION_OFFICER,
        Duty.DATA_PROTECTION_OFFICER,
        Duty.OPERATOR,
    }
)
"""The duties that approve, release, administer, or open what is restricted."""

SOFTWARE_ONLY_DUTIES = frozenset(duty for duty in Duty if duty.startswith("software_"))
"""The duties that count for an agency's software only; a person who holds one has no right from it."""

SOFTWARE_DUTIES = SOFTWARE_ONLY_DUTIES | {Duty.INTEGRATOR, Duty.BANK_REPORTER}
"""The duties that count for an agency's software. No other duty does, regardless of who gave it."""

PEOPLE_DUTIES = frozenset(Duty) - SOFTWARE_ONLY_DUTIES
"""The duties that count for a person."""

_FACTS = (
    Duty.FRONT_DESK,
    Duty.CASE_WORKER,
    Duty.PROTECTION_OFFICER,
    Duty.PROVIDER,
    Duty.INTEGRATOR,
    *sorted(SOFTWARE_ONLY_DUTIES),
)
"""The duties that write who is paid: people, households, accounts, consents and referrals."""

FORBIDDEN_PAIRS = frozenset(
    frozenset(pair)
    for pair in (
        *combinations(MONEY_DUTIES, 2),
        *product(_FACTS, MONEY_DUTIES - {Duty.CASH_MAKER}),
        *product((Duty.AUDITOR,), MONEY_DUTIES),
    )
)
"""The pairs of duties that one person may not hold in one agency.

Who writes the facts of a payment, or makes it, neither checks nor releases it, sets no limit for it, and does not
bring the bank's answer; an auditor does none of these.
"""


def incompatible_duties(held: Iterable[Duty]) -> frozenset[Duty]:
    """Return those of a person's duties in one agency that they may not hold together with another one of them."""
    duties = frozenset(held)
    return frozenset().union(*(pair for pair in FORBIDDEN_PAIRS if pair <= duties))
