"""What every service's tests stand on: the real servers, a database of their own, tokens, and waiting for facts."""

from solidary_testing.waiting import eventually

__all__ = ["eventually"]
