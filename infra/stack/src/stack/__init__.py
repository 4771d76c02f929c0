"""The real PostgreSQL, Kafka and Keycloak as processes of one machine, without Docker."""

from stack.checkout import environment, state_folder
from stack.errors import StackError
from stack.run_file import Run, read_run
from stack.stack import Stack

__all__ = ["Run", "Stack", "StackError", "environment", "read_run", "state_folder"]
