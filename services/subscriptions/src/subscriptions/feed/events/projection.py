"""The feeds as they arrive: each notice becomes one event in the feed of each agency that it concerns."""

from __future__ import annotations

import json
from collections.abc import Sequence

from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import takes_notices
from solidary.platform.messaging.notices import Notice

from subscriptions.feed.events.statements import APPEND


@takes_notices
async def append_to_feeds(unit: UnitOfWork, notices: Sequence[Notice]) -> None:
    """Append a batch of events to the feeds of the agencies concerned, in one statement."""
    concerned = [
        (number, agency)
        for number, notice in enumerate(notices, start=1)
        for agency in sorted(notice.notice.agencies)
    ]
    await unit.execute(
        APPEND,
        {
            "ids": [notice.id for notice in notices],
            "sources": [notice.source for notice in notices],
            "types": [notice.notice.type for notice in notices],
            "subjects": [notice.subject for notice in notices],
            "owners": [notice.agency for notice in notices],
            "sequences": [notice.sequence for notice in notices],
            "times": [notice.time for notice in notices],
            "payloads": [json.dumps(notice.notice.data) for notice in notices],
            "numbers": [number for number, _ in concerned],
            "agencies": [agency for _, agency in concerned],
        },
    )
