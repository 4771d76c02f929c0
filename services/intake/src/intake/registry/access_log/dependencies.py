"""The reason that a user states for an access, as a header of requests."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from intake.registry.access_log.rules import AccessReason

StatedReason = Annotated[
    AccessReason | None,
    Header(
        alias="Solidary-Reason",
        description="The reason for which you need to know, where you are not assigned to the person; it is logged.",
    ),
]
