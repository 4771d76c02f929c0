"""`python -m tests.faults.part api | worker`: one process of the service of the fault rounds."""

import typer
from solidary.platform.program import add_service_commands

add_service_commands(typer.Typer(), "market", module="tests.faults.sample_service")()
