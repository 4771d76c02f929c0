"""The duties of an agency's members."""

from enum import StrEnum


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
    AUDITOR = "auditor"
    """Reads ledgers, approvals and access logs; changes nothing."""
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    """Maintains sharing agreements, answers requests of access and erasure, reads the access log."""
    INTEGRATOR = "integrator"
    """The agency's own software: reads event feeds, registers webhooks, imports in bulk."""
    OPERATOR = "operator"
    """Runs the instance: parked events, imports, jobs; reads no person's data."""
