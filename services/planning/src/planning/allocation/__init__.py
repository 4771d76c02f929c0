"""From ballots to funded projects: the rules, exact, and an account of who paid for what."""

from planning.allocation.account import Account, Basis, CommunityShare, Entry, Shortfall
from planning.allocation.ballots import Ballot, Profile, Project
from planning.allocation.equal_shares import Watch
from planning.allocation.rules import Allocation, Completion, Rule, allocate
from planning.allocation.utility import Measure

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
