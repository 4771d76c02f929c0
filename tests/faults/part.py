"""python -m tests.faults.part api | worker: one part of the service of the fault rounds."""

import typer
from solidary.platform.program import serve

serve(typer.Typer(), "market", module="tests.faults.letters")()
