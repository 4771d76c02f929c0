"""The forms for people without a login are counted by the visitor's address, and nothing else of theirs is stopped."""

from __future__ import annotations

from solidary.platform.service import Service
from solidary_testing.servers import TestDatabase, api_client, settings_for
from stack.run_file import Run

SILENT = "http://127.0.0.1:9"


def visitor(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": "http"}


async def test_form_of_a_page_has_a_rate_of_its_own(
    run: Run, service: Service, service_database: TestDatabase
) -> None:
    settings = settings_for(
        run, service_database, service.name, peers={"intake": SILENT}, form_limit="2/hour"
    )
    async with api_client(service.application(settings)) as client:
        form = {"code": "K7QM-2X9F-4TBA-0R5C-W8ND"}
        for number, path in enumerate(("/help/status", "/help/appeal", "/help/complaint")):
            address = visitor(f"203.0.113.{number}")
            sent = [await client.post(path, data=form, headers=address) for _ in range(3)]
            assert [each.status_code == 429 for each in sent] == [False, False, True], path
            assert (await client.get("/help", headers=address)).status_code == 200
        assert (
            await client.post("/help/status", data=form, headers=visitor("203.0.113.99"))
        ).status_code != 429
        large = {"code": "K" * 70_000}
        assert (
            await client.post("/help/status", data=large, headers=visitor("203.0.113.98"))
        ).status_code == 413
