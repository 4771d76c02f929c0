from __future__ import annotations

from enum import StrEnum

import pytest
from solidary.language.problems import ActorNotAllowed, TransitionNotAllowed
from solidary.language.transitions import Transition, TransitionTable


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    ENDED = "ended"


class Actor(StrEnum):
    SENDER = "sender"
    RECEIVER = "receiver"


TABLE = TransitionTable(
    "test letter",
    initial=(State.DRAFT,),
    transitions=(
        Transition("revise", State.DRAFT, State.DRAFT, by=(Actor.SENDER,)),
        Transition("send", State.DRAFT, State.SENT, by=(Actor.SENDER,)),
        Transition("end", State.SENT, State.ENDED, by=(Actor.RECEIVER, Actor.SENDER)),
    ),
)


def test_step_leads_to_its_target():
    assert TABLE.apply(State.DRAFT, "send", {Actor.SENDER}) is State.SENT
    assert TABLE.move(State.SENT, State.ENDED, {Actor.RECEIVER}) is State.ENDED


def test_step_that_does_not_exist_names_the_steps_that_do():
    with pytest.raises(TransitionNotAllowed) as refused:
        TABLE.apply(State.DRAFT, "end", {Actor.SENDER})
    assert refused.value.detail == (
        "«end» is not possible for a test letter in the state «draft». Possible steps: «revise», «send»."
    )
    with pytest.raises(TransitionNotAllowed, match="Possible steps: none"):
        TABLE.apply(State.ENDED, "send", {Actor.SENDER})


def test_step_of_another_actor_is_refused():
    with pytest.raises(ActorNotAllowed) as refused:
        TABLE.apply(State.DRAFT, "send", {Actor.RECEIVER})
    assert refused.value.detail == "Only the sender can take the step «send» of a test letter."


def test_pairs_hold_initial_states_and_changes_only():
    assert TABLE.pairs == {(None, "draft"), ("draft", "sent"), ("sent", "ended")}
    assert TABLE.machine == "test_letter"
    assert TABLE.is_final(State.ENDED)
    assert not TABLE.is_final(State.SENT)
    assert TABLE.allows(State.DRAFT, State.SENT)
    assert not TABLE.allows(State.DRAFT, State.ENDED)


def test_markdown_prints_a_line_for_each_transition():
    assert TABLE.markdown().splitlines()[-1] == "| end | sent | ended | receiver, sender |"


def test_transition_listed_twice_is_a_mistake():
    twice = Transition("send", State.DRAFT, State.SENT, by=(Actor.SENDER,))
    with pytest.raises(ValueError, match="twice"):
        TransitionTable("test letter", initial=(), transitions=(twice, twice))
