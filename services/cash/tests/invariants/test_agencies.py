"""The rules between agencies on one budget line, tried on the database itself."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg import errors
from solidary.platform.database import ShareLevel
from solidary.platform.identity import Duty

from services.cash.tests.invariants.sql import (
    CLEARING,
    SETTLE,
    SHARE,
    Scene,
    deliver,
    refused,
    release,
    transfer,
)


class TestAgencies:
    async def test_budget_line_without_a_share_is_invisible(self, world, attempt, scene):
        seen = await attempt(
            uuid4(), "SELECT * FROM data.account WHERE root = :line", agency=world.unhcr, **scene.named
        )
        assert seen == []

    @pytest.mark.parametrize("level", [ShareLevel.READ, ShareLevel.ACT])
    async def test_only_the_level_draw_moves_money(self, world, attempt, scene, level):
        await release(world, scene)
        named = {"owner": world.chorrera, "to": world.unhcr, "level": level, **scene.named}
        await attempt(world.auditor, SHARE, agency=world.chorrera, **named)
        tried = attempt(uuid4(), SETTLE, agency=world.unhcr, new=uuid4(), **scene.named)
        await refused(errors.InsufficientPrivilege, tried)

    async def test_drawing_agency_cannot_share_the_budget_line(self, world, attempt, scene):
        named = {"owner": world.chorrera, "to": world.unhcr, "level": ShareLevel.DRAW, **scene.named}
        await refused(errors.InsufficientPrivilege, attempt(world.maker, SHARE, **named))

    async def test_ended_share_draws_nothing(self, world, attempt, scene):
        await attempt(
            world.auditor,
            "UPDATE data.share SET valid_until = now() - interval '1 second' WHERE root = :line",
            agency=world.chorrera,
            **scene.named,
        )
        place = f"/payment-plans/{scene.plan}"
        await world.take(place, "approve", world.checker)
        await world.take(place, "authorise", world.checker2)
        asked = await world.api.post(f"{place}/release", world.releaser)
        assert (await world.outcome(asked, world.releaser))["failure"]["status"] in (404, 409)
        assert (await world.accounts(scene.line))["fund:available"]["debits_pending"] == 0


class TestDrawers:
    """Two agencies that draw on one budget line, of which one has released a payment."""

    @pytest.fixture
    async def both(self, world, attempt, scene) -> Scene:
        await release(world, scene)
        named = {"owner": world.chorrera, "to": world.unhcr, "level": ShareLevel.DRAW, **scene.named}
        await attempt(world.auditor, SHARE, agency=world.chorrera, **named)
        return scene

    async def test_drawer_sees_its_own_transfers_and_the_owner_all_without_payments(
        self, world, attempt, both, tokens
    ):
        where = f"/budget-lines/{both.line}"
        other = tokens.of("unhcr", Duty.CASH_MAKER)
        assert (await world.api.get(f"{where}/transfers", other)).json()["items"] == []
        seen = await attempt(
            uuid4(), "SELECT * FROM data.transfer WHERE root = :line", agency=world.unhcr, **both.named
        )
        assert seen == []
        assert len((await world.api.get(f"{where}/accounts", other)).json()) == 6
        owners = (await world.api.get(f"{where}/transfers", world.auditor)).json()["items"]
        assert [(each["code"], each["payment_id"]) for each in owners] == [("payment", None), ("grant", None)]
        mine = (await world.api.get(f"{where}/transfers", world.maker)).json()["items"]
        assert [each["payment_id"] for each in mine] == [str(both.payment)]

    async def test_reservation_of_another_agency_cannot_be_resolved(self, world, attempt, both, place):
        with psycopg.connect(place.admin) as admin:
            (reserved,) = admin.execute(
                "SELECT id FROM data.transfer WHERE payment_id = %s", [both.payment]
            ).fetchone()
        for kind in ("post", "void"):
            ends = {"payment": ":payment", "reservation": f"'{reserved}'"}
            theirs = transfer(kind, "payment", "fund:available", CLEARING, 25_000, **ends)
            await refused(
                "transfer_same_drawer",
                attempt(uuid4(), theirs, agency=world.unhcr, new=uuid4(), **both.named),
            )
        assert (await world.accounts(both.line))["fund:available"]["debits_pending"] == 25_000

    async def test_only_the_payer_settles_or_returns_a_delivered_payment(self, world, attempt, both):
        settled = transfer("single", "settlement", CLEARING, "delivered", 25_000, payment=":payment")
        back = transfer("single", "late_return", CLEARING, "beneficiary:payable", 25_000, payment=":payment")
        await deliver(world, attempt, both, 20_000)
        for statement in (settled.replace("25000", "19999"), back.replace("25000", "19999"), SETTLE):
            await refused(
                "transfer_of_delivered_payment", attempt(world.maker, statement, new=uuid4(), **both.named)
            )
        whole = settled.replace("25000", "20000")
        await refused(
            "transfer_of_delivered_payment",
            attempt(uuid4(), whole, agency=world.unhcr, new=uuid4(), **both.named),
        )
        await attempt(world.maker, whole, new=uuid4(), **both.named)
