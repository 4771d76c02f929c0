"""Up, down, Ctrl-C and kill -9, with the real servers. All tests share one state folder and its history."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from stack import Run, Stack, StackError, read_run
from stack.errors import NotEnoughRoom, NotRunning, PortTaken, ServerDied
from stack.servers.postgres import Postgres
from stack.steps import Steps

SERVERS = ("postgres", "kafka", "keycloak")


def alive(stack: Stack) -> list[psutil.Process]:
    """Every process that bears the folder's mark, recorded or not."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(stack.processes.mark in part for part in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def command(stack: Stack, *arguments: str) -> subprocess.Popen[str]:
    """The command, as a script's background starts it: deaf to Ctrl-C until it says otherwise."""
    return subprocess.Popen(
        [sys.executable, "-m", "stack", *arguments],
        env=os.environ | {"SOLIDARY_STATE": str(stack.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )


def read_until(program: subprocess.Popen[str], words: str) -> None:
    assert program.stdout is not None
    for line in program.stdout:
        if words in line:
            return
    raise AssertionError(f"{program.args} ended without saying {words!r}")


def remember(run: Run, word: str) -> None:
    with psycopg.connect(run.postgres.admin, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", (word,))


def remembers(run: Run, word: str) -> bool:
    with psycopg.connect(run.postgres.admin) as connection:
        return connection.execute("SELECT 1 FROM memory WHERE word = %s", (word,)).fetchone() is not None


def test_run_json_is_for_its_owner_only_and_read_typed(own: Stack, own_run: Run) -> None:
    assert stat.S_IMODE((own.folder / "run.json").stat().st_mode) == 0o600
    assert read_run(own.folder) == own_run


def test_each_service_gets_its_settings_as_variables(own_run: Run) -> None:
    settings = own_run.environment("intake")
    assert settings["SOLIDARY_DATABASE_APP"].startswith("postgresql://intake_app:")
    assert settings["SOLIDARY_KAFKA_USER"] == "intake"
    assert settings["SOLIDARY_CLIENT_ID"] == "svc-intake"
    assert settings["SOLIDARY_JWKS_URL"].startswith(settings["SOLIDARY_ISSUER"])
    secrets = {own_run.environment(service)["SOLIDARY_SECRET"] for service in own_run.service_secrets}
    assert len(secrets) == 5
    told = {name for name in own_run.service_secrets if "SOLIDARY_PERSON_KEY" in own_run.environment(name)}
    assert told == {"intake"}
    # One service's settings never hold another's credentials; `intake_` stands in no other name.
    assert "cash_" not in " ".join(settings.values())


def test_nothing_listens_beyond_this_machine(own: Stack, own_run: Run) -> None:
    for process in alive(own):
        for connection in process.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr[0] in ("127.0.0.1", "::ffff:127.0.0.1"), connection


def test_no_password_stands_in_a_command_line_or_a_log(own: Stack, own_run: Run) -> None:
    said = " ".join(part for process in alive(own) for part in process.cmdline())
    said += "".join(log.read_text(errors="replace") for log in (own.folder / "logs").iterdir())
    assert "solidary-" in said
    for secret in (
        own_run.kafka.admin.password,
        own_run.keycloak.admin.password,
        own_run.clients["svc-cash"].secret,
    ):
        assert secret not in said


def test_a_second_up_finds_the_first_and_says_so(own: Stack, own_run: Run) -> None:
    second = command(own, "up")
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 0, said
    assert "already up since" in said
    assert str(own_run.postgres.port) in said


def test_a_second_checkout_stands_beside_the_first(own_run: Run, elsewhere: Path, steps: Steps) -> None:
    other = Stack(elsewhere, steps=steps)
    with pytest.raises(NotRunning):
        other.run()
    other._describe(other._allot(), other._secrets())
    other.postgres.prepare()
    other.postgres.start()
    try:
        assert other.postgres.port != own_run.postgres.port
        with psycopg.connect(other.postgres.admin_url) as there:
            assert there.execute("SELECT 1 FROM pg_database WHERE datname = 'intake'").fetchone() is None
    finally:
        assert other.down() == ["postgres"]
        other.delete()


def test_a_database_killed_and_started_again_has_what_was_committed(own: Stack, own_run: Run) -> None:
    remember(own_run, "committed")
    own.postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(own_run.postgres.admin)
    own.postgres.start()
    assert remembers(own_run, "committed")


def test_a_broker_killed_and_started_again_has_its_topics_on_the_same_port(own: Stack, own_run: Run) -> None:
    before = own.kafka.admin().list_topics(timeout=10).topics.keys()
    own.kafka.kill()
    assert own.status()["kafka"] is None
    own.kafka.start()
    assert own.kafka.bootstrap == own_run.kafka.bootstrap
    assert own.kafka.admin().list_topics(timeout=10).topics.keys() == before


def test_a_server_that_cannot_start_says_why(own: Stack, own_run: Run) -> None:
    own.postgres.stop()
    settings = own.postgres.home / "cluster" / "postgresql.auto.conf"
    good = settings.read_text()
    settings.write_text("shared_buffers = a lot\n")
    with pytest.raises(ServerDied, match="syntax error"):
        own.postgres.start()
    settings.write_text(good)
    own.postgres.start()


def test_passwords_lost_while_the_databases_stay_are_explained(
    own: Stack, steps: Steps, own_run: Run
) -> None:
    stranger = Postgres(own.folder, own.processes, steps, port=own_run.postgres.port, password="guess")
    with pytest.raises(StackError, match=r"secrets\.json"):
        stranger.answers()


def test_after_a_kill_9_of_everything_the_next_up_clears_away_and_keeps_the_data(
    own: Stack, own_run: Run
) -> None:
    remember(own_run, "before the power cut")
    for process in alive(own):
        if process.name() != "postgres":
            process.kill()
    postmaster = own.status()["postgres"]
    assert postmaster is not None
    postmaster.kill()
    again = Stack(own.folder, steps=Steps(quiet=True)).up()
    assert again.started > own_run.started
    assert remembers(again, "before the power cut")
    assert again.agencies == own_run.agencies


def test_after_a_kill_9_of_one_server_and_a_lost_record_down_leaves_nothing(own: Stack, own_run: Run) -> None:
    broker = own.status()["kafka"]
    assert broker is not None
    broker.kill()
    (own.folder / "processes.json").write_text("{}")
    assert len(own.down()) > 0
    assert alive(own) == []
    with pytest.raises(NotRunning):
        read_run(own.folder)


@pytest.mark.parametrize(
    ("by", "when"),
    [(signal.SIGINT, "databases and roles provisioned"), (signal.SIGTERM, "Kafka answers")],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_an_interrupted_start_leaves_no_process(own: Stack, by: signal.Signals, when: str) -> None:
    own.down()
    program = command(own, "run")
    read_until(program, when)
    program.send_signal(by)
    said, _ = program.communicate(timeout=60)
    assert program.returncode != 0
    assert "Traceback" not in said
    assert alive(own) == []


def test_ctrl_c_on_a_running_stack_leaves_no_process(own: Stack) -> None:
    program = command(own, "run")
    read_until(program, "Ctrl-C stops everything")
    assert {name for name, process in own.status().items() if process} == set(SERVERS)
    program.send_signal(signal.SIGINT)
    said, _ = program.communicate(timeout=60)
    assert "Traceback" not in said
    assert alive(own) == []


def test_a_start_that_fails_stops_what_it_had_started(own: Stack) -> None:
    own.down()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        unlucky = Stack(own.folder, ports={"keycloak": port}, steps=Steps(quiet=True))
        with pytest.raises(PortTaken, match=f"Keycloak: port {port}"):
            unlucky.up()
    assert alive(own) == []


def test_too_little_memory_is_said_before_anything_starts(
    elsewhere: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stack.stack.ROOM_IN_MEMORY", 1 << 60)
    with pytest.raises(NotEnoughRoom, match="memory"):
        Stack(elsewhere, steps=steps).up()
    assert not (elsewhere / "secrets.json").exists()


def test_delete_forgets_everything(own: Stack) -> None:
    own.delete()
    assert not own.postgres.home.exists()
    assert {path.name for path in own.folder.iterdir()} <= {"logs", "stack.lock"}
