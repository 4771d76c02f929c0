"""The CPU time of a command per request, beside the same statements written by hand.

A command is a verified token, the agency scope, a row, an event in the outbox and the commit. The three contenders take
turns, so that other work on the machine affects all of them.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from statistics import median

import httpx
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens
from stack.ports import find_free_port

from benchmarks import BenchmarkResult, Claim
from benchmarks._apis import KINDS
from benchmarks._servers import Processes, new_target, processes, servers, wait_until

REQUESTS, ROUNDS, CLIENTS, WARM_UP = 600, 7, 4, 200
NAMES = {
    "ours": "token, unit of work",
    "session": "same statements, plain AsyncSession, no token",
    "bare": "one insert, psycopg, no token",
}


def measure() -> BenchmarkResult:
    """Measure the CPU time per request: milliseconds, the median of the rounds."""
    spent: dict[str, list[float]] = defaultdict(list)
    with servers() as run, new_target(run) as target:
        headers = Tokens(run).of("unhcr", Duty.FRONT_DESK)
        environment = {**target.environment, "SOLIDARY_DATABASE_ADMIN": target.database.admin}
        with processes() as ours, processes() as session, processes() as bare:
            apis = dict(zip(KINDS, (ours, session, bare), strict=True))
            ports: dict[str, int] = {}
            for kind, api in apis.items():
                ports[kind] = find_free_port(set(ports.values()))
                api.start([sys.executable, "-m", "benchmarks._apis", kind, str(ports[kind])], environment)
            for kind, api in apis.items():
                address = f"http://127.0.0.1:{ports[kind]}/samples"
                wait_until(lambda address=address, api=api: _answers(address, api))  # type: ignore[misc]
                asyncio.run(_post(address, headers, WARM_UP))
            for _ in range(ROUNDS):
                for kind, api in apis.items():
                    before = api.cpu_seconds
                    asyncio.run(_post(f"http://127.0.0.1:{ports[kind]}/samples", headers, REQUESTS))
                    spent[kind].append((api.cpu_seconds - before) / REQUESTS * 1000)
    cost = {kind: median(rounds) for kind, rounds in spent.items()}
    rows: list[dict[str, object]] = [
        {"command": NAMES[kind], "CPU ms": cost[kind], "to the bare insert": cost[kind] / cost["bare"]}
        for kind in KINDS
    ]
    ratio = median(ours / theirs for ours, theirs in zip(spent["ours"], spent["session"], strict=True))
    return BenchmarkResult(rows, [Claim("CPU, ours / plain AsyncSession", ratio, 1.3, at_least=False)])


def _answers(address: str, api: Processes) -> bool:
    api.check()
    try:
        return httpx.get(address).status_code == 405
    except httpx.TransportError:
        return False


async def _post(address: str, headers: dict[str, str], count: int) -> None:
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:

        async def send(share: int) -> None:
            for _ in range(share):
                (await client.post(address, json={"content": "x" * 200})).raise_for_status()

        await asyncio.gather(*(send(count // CLIENTS) for _ in range(CLIENTS)))
