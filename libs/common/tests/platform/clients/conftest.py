from solidary_testing.identity_provider import clock, provider

__all__ = ["clock", "provider"]
