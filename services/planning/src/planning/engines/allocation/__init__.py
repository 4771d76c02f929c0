"""From ballots to funded projects: the rules, exact, and an account of who paid for what."""

from planning.engines.allocation.account import Account, Basis, CommunityShare, Entry, Shortfall
from planning.engines.allocation.ballots import Ballot, Profile, Project
from planning.engines.allocation.equal_shares import Watch
from planning.engines.allocation.rules import Allocation, Completion, Rule, allocate
from planning.engines.allocation.utility import Measure

__all__ = [
    "Account",
    "Allocation",
    "Ballot",
    "Basis",
    "CommunityShare",
    "Completion",
    "Entry",
    "Measure",
    "Profile",
    "Project",
    "Rule",
    "Shortfall",
    "Watch",
    "allocate",
]
