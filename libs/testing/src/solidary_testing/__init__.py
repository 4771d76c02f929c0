"""Fixtures and helpers of all services' tests: real servers, throw-away databases and topics, real tokens."""

from solidary_testing.waiting import eventually

__all__ = ["eventually"]
