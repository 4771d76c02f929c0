"""python -m benchmarks._letters api | worker: one part of the benchmarks' service."""

import typer
from solidary.program import serve

serve(typer.Typer(), "market", module="benchmarks._letters")()
