"""Fault rounds: every process and server is killed while events stream; none is lost, duplicated or out of order."""
