"""Consents for cash, as far as intake told them: who may fetch what, for which household."""
