"""python -m tests.faults --rounds 100: fault rounds until there are that many; an interrupted run goes on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from solidary.testing.tokens import Tokens
from stack import Stack
from stack.checkout import state_folder

from tests.faults.rounds import play_round


def main(rounds: Annotated[int, typer.Option(min=1)] = 100) -> None:
    """Each round has its number as seed; results stand in .local/faults.jsonl, one line a round."""
    results = state_folder() / "faults.jsonl"
    results.parent.mkdir(exist_ok=True)
    played = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    stack = Stack(state_folder() / "tests")
    try:
        tokens = Tokens(stack.up())
        for seed in range(len(played) + 1, rounds + 1):
            outcome = asyncio.run(play_round(stack, tokens, seed))
            with results.open("a") as file:
                file.write(json.dumps({"seed": seed, **asdict(outcome)}) + "\n")
            played.append(asdict(outcome))
            print(f"round {seed} of {rounds}: {outcome}", flush=True)
            if not outcome.faultless:
                raise typer.Exit(1)
    finally:
        stack.down()
    print(f"{len(played)} rounds, {sum(round_['events'] for round_ in played):,} events, no fault")


if __name__ == "__main__":
    typer.run(main)
