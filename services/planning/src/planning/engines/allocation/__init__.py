"""Participatory budgeting: exact rules from ballots to funded projects, and an account of who paid for what."""

from planning.engines.allocation.account import Account, Basis, CommunityShare, Entry, Shortfall
from planning.engines.allocation.ballots import Ballot, Profile, Project
from planning.engines.allocation.equal_shares import ProgressCallback
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
    "ProgressCallback",
    "Project",
    "Rule",
    "Shortfall",
    "allocate",
]
