"""The reasons of an erasure."""

from __future__ import annotations

from solidary.language.codes.code_list import CodeList


class ErasureReason(CodeList):
    """The reason of an erasure."""

    REQUESTED = "requested", "La persona lo pidió", "The person asked for it"
    CONSENT_WITHDRAWN = "consent_withdrawn", "Retiró su consentimiento", "The person withdrew their consent"
    UNLAWFUL = "unlawful", "El registro no debía existir", "The record should not exist"
    RETENTION = "retention", "Terminó el plazo de conservación", "The retention period is over"
