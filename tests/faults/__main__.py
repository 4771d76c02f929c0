"""`python -m tests.faults --rounds 100`: run fault rounds up to that number, and resume an interrupted run."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from solidary_testing.servers import drop_templates
from solidary_testing.tokens import Tokens
from stack import Stack
from stack.checkout import state_folder

from tests.faults.record import RoundRecord, code_digest, run_missing_rounds
from tests.faults.rounds import run_round


def main(rounds: Annotated[int, typer.Option(min=1)] = 100) -> None:
    """Run the rounds that are missing in .local/faults.jsonl. The status is 1 if one failed with the present code."""
    record = RoundRecord(state_folder() / "faults.jsonl", code_digest())
    stack = Stack(state_folder() / "tests")
    try:
        run = stack.up()
        tokens = Tokens(run)
        is_faultless = run_missing_rounds(
            rounds, record, lambda seed: asyncio.run(run_round(stack, tokens, seed)), typer.echo
        )
        drop_templates(run.postgres.admin)
    finally:
        stack.down()
    if not is_faultless:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
