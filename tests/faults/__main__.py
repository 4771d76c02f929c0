"""python -m tests.faults --rounds 100: fault rounds until there are that many; an interrupted run goes on."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from solidary_testing.tokens import Tokens
from stack import Stack
from stack.checkout import state_folder

from tests.faults.record import Record, code_digest, go_on
from tests.faults.rounds import play_round


def main(rounds: Annotated[int, typer.Option(min=1)] = 100) -> None:
    """Results stand in .local/faults.jsonl. Exits 1 where a round failed with the code as it is now."""
    record = Record(state_folder() / "faults.jsonl", code_digest())
    stack = Stack(state_folder() / "tests")
    try:
        tokens = Tokens(stack.up())
        faultless = go_on(
            rounds, record, lambda seed: asyncio.run(play_round(stack, tokens, seed)), typer.echo
        )
    finally:
        stack.down()
    if not faultless:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
