"""The rehearsal: an instance is backed up while it runs, lost, and restored into an empty place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from operations.backup.restore import RestoringStack, read_secrets
from operations.backup.topics import Topics
from solidary_testing import eventually
from stack import Run, Stack, StackError
from stack.errors import HalfRestored
from stack.one_time_code import one_time_code
from stack.platform import Platform
from stack.steps import Steps

from tests.conftest import BackedUp


@pytest.fixture(scope="module")
def restored(backed_up: BackedUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestoringStack]:
    """The servers of an empty place after the restore."""
    stack = RestoringStack(tmp_path_factory.mktemp("restored") / ".local", steps=Steps(quiet=True))
    # What a restore leaves that was killed: the next one deletes it.
    stack.restore_marker.touch()
    source = backed_up.source
    stack.restore(source, read_secrets(backed_up.backup.folders["secrets"], source))
    yield stack
    Platform(stack).down()
    stack.delete()


def headers(run: Run, username: str) -> dict[str, str]:
    """Log in at the restored Keycloak with the password and the code of before."""
    user = run.users[username]
    form = run.keycloak.password_grant(user.username, user.password, one_time_code(user.code_secret))
    answer = httpx.post(run.keycloak.token_url, data=form, timeout=20)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_restored_groups_wait_for_as_many_events_as_before(
    restored: RestoringStack, backed_up: BackedUp
) -> None:
    run = restored.run()
    topics = Topics(run.kafka.bootstrap, run.kafka.admin.password, run.country)
    contents, ends, committed = backed_up.source.contents, topics.ends(), topics.committed()
    assert sum(part.events for parts in contents.topics.values() for part in parts.values()) > 0
    for group, of_group in contents.groups.items():
        for topic, places in of_group.items():
            for number, place in places.items():
                before = contents.topics[topic][number].end - place
                assert ends[topic][number][1] - committed[group][topic][number] == before


async def test_restored_instance_serves_as_before_but_for_the_erased(
    restored: RestoringStack, backed_up: BackedUp, run: Run
) -> None:
    found = restored.run()
    assert found.agencies == run.agencies
    Platform(restored).start("intake")
    desk = headers(found, "unhcr.front_desk")
    async with httpx.AsyncClient(base_url=found.services["intake"], headers=desk, timeout=30) as intake:

        async def is_ready() -> bool:
            try:
                return (await intake.get("/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(is_ready, what="the restored intake is ready")
        kept = await intake.get(f"/people/{backed_up.kept}")
        assert kept.status_code == 200, kept.text
        assert backed_up.names[1] in kept.text
        assert (await intake.get(f"/people/{backed_up.erased}")).status_code == 404


def test_a_killed_restore_is_not_served(tmp_path: Path) -> None:
    stack = Stack(tmp_path / ".local", steps=Steps(quiet=True))
    stack.restore_marker.touch()
    with pytest.raises(HalfRestored, match="Repeat the restore"):
        stack.up()
    assert issubclass(HalfRestored, StackError)
