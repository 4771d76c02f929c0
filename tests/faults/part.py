"""python -m tests.faults.part api | worker: one part of the service of the fault rounds."""

import typer
from solidary.platform.program import add_service_commands

add_service_commands(typer.Typer(), "market", module="tests.faults.letters")()
