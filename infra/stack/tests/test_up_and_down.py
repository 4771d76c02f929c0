"""Start, stop, Ctrl-C and kill -9 with the real servers. The tests share one state folder and run in this order."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from stack import Run, Stack, StackError, read_run
from stack.errors import NotEnoughSpace, NotRunning, PortInUse, ServerExited
from stack.servers.postgres import Postgres
from stack.services import SERVICES
from stack.steps import Steps

SERVERS = ("postgres", "kafka", "keycloak", "caddy")


def marked_processes(stack: Stack) -> list[psutil.Process]:
    """Return every process that bears the folder's mark, recorded or not."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(stack.processes.mark in part for part in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def start_command(stack: Stack, *arguments: str) -> subprocess.Popen[str]:
    """Start the command as a script does in the background: with SIGINT ignored until the command changes that."""
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
    raise AssertionError(f"{program.args} ended without printing {words!r}")


def store(run: Run, word: str) -> None:
    with psycopg.connect(run.postgres.admin, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS stored_words (word text)")
        connection.execute("INSERT INTO stored_words VALUES (%s)", (word,))


def has_stored(run: Run, word: str) -> bool:
    with psycopg.connect(run.postgres.admin) as connection:
        return (
            connection.execute("SELECT 1 FROM stored_words WHERE word = %s", (word,)).fetchone() is not None
        )


def test_run_json_is_readable_by_its_owner_only(own_stack: Stack, own_run: Run) -> None:
    assert stat.S_IMODE((own_stack.folder / "run.json").stat().st_mode) == 0o600
    assert read_run(own_stack.folder) == own_run


def test_service_gets_its_own_settings_as_variables(own_run: Run) -> None:
    settings = own_run.environment("intake")
    assert settings["SOLIDARY_DATABASE_APP"].startswith("postgresql://intake_app:")
    assert settings["SOLIDARY_KAFKA_USER"] == "intake"
    assert "SOLIDARY_CLIENT_SECRET" not in settings, "intake calls no other service"
    assert own_run.environment("cash")["SOLIDARY_CLIENT_ID"] == "svc-cash"
    assert settings["SOLIDARY_ISSUER"] == f"{own_run.address}/auth/realms/solidary"
    assert settings["SOLIDARY_JWKS_URL"].startswith(own_run.keycloak.url)
    secrets = {own_run.environment(service)["SOLIDARY_SECRET"] for service in own_run.service_secrets}
    assert len(secrets) == len(SERVICES)
    with_person_keys = {
        name for name in own_run.service_secrets if "SOLIDARY_PERSON_KEYS" in own_run.environment(name)
    }
    assert with_person_keys == {"intake"}
    # The settings of one service never hold the credentials of another.
    assert "cash_" not in " ".join(settings.values())


def test_servers_listen_on_the_loopback_address_only(own_stack: Stack, own_run: Run) -> None:
    listening = set()
    for process in marked_processes(own_stack):
        with suppress(psutil.NoSuchProcess):  # PostgreSQL ends processes of its own at any time
            listening |= {
                connection.laddr
                for connection in process.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }
    assert {address[0] for address in listening} <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert {own_run.postgres.port, int(own_run.keycloak.url.rsplit(":", 1)[1])} <= {
        address[1] for address in listening
    }


def test_no_password_is_in_a_command_line_or_a_log(own_stack: Stack, own_run: Run) -> None:
    text = " ".join(part for process in marked_processes(own_stack) for part in process.cmdline())
    text += "".join(log.read_text(errors="replace") for log in (own_stack.folder / "logs").iterdir())
    assert "solidary-" in text
    for secret in (
        own_run.kafka.admin.password,
        own_run.keycloak.admin.password,
        own_run.keycloak.provisioner.password,
        own_run.clients["svc-cash"].secret,
    ):
        assert secret not in text


def test_second_up_reports_the_running_stack(own_stack: Stack, own_run: Run) -> None:
    second = start_command(own_stack, "up")
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 0, output
    assert "is up since" in output
    assert str(own_run.postgres.port) in output


def test_two_checkouts_run_at_the_same_time(own_run: Run, other_folder: Path, steps: Steps) -> None:
    other = Stack(other_folder, steps=steps)
    with pytest.raises(NotRunning):
        other.run()
    other._create_servers(other._assign_ports(), other._secrets())
    other.postgres.prepare()
    other.postgres.start()
    try:
        assert other.postgres.port != own_run.postgres.port
        with psycopg.connect(other.postgres.admin_url) as connection:
            assert connection.execute("SELECT 1 FROM pg_database WHERE datname = 'intake'").fetchone() is None
    finally:
        assert other.down() == ["postgres"]
        other.delete()


def test_killed_database_keeps_what_was_committed(own_stack: Stack, own_run: Run) -> None:
    store(own_run, "committed")
    own_stack.postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(own_run.postgres.admin)
    own_stack.postgres.start()
    assert has_stored(own_run, "committed")


def test_killed_broker_keeps_its_topics_and_port(own_stack: Stack, own_run: Run) -> None:
    before = own_stack.kafka.admin().list_topics(timeout=10).topics.keys()
    own_stack.kafka.kill()
    assert own_stack.status()["kafka"] is None
    own_stack.kafka.start()
    assert own_stack.kafka.bootstrap == own_run.kafka.bootstrap
    assert own_stack.kafka.admin().list_topics(timeout=10).topics.keys() == before


def test_server_that_cannot_start_is_reported_with_its_error(own_stack: Stack, own_run: Run) -> None:
    own_stack.postgres.stop()
    settings = own_stack.postgres.home / "cluster" / "postgresql.auto.conf"
    good = settings.read_text()
    settings.write_text("shared_buffers = a lot\n")
    with pytest.raises(ServerExited, match="syntax error"):
        own_stack.postgres.start()
    settings.write_text(good)
    own_stack.postgres.start()


def test_lost_passwords_are_reported_with_the_remedy(own_stack: Stack, steps: Steps, own_run: Run) -> None:
    other = Postgres(
        own_stack.folder, own_stack.processes, steps, port=own_run.postgres.port, password="guess"
    )
    with pytest.raises(StackError, match=r"secrets\.json"):
        other.is_ready()


def test_up_after_a_kill_9_of_everything_keeps_the_data(own_stack: Stack, own_run: Run) -> None:
    store(own_run, "before the kill")
    for process in marked_processes(own_stack):
        if process.name() != "postgres":
            process.kill()
    postmaster = own_stack.status()["postgres"]
    assert postmaster is not None
    postmaster.kill()
    again = Stack(own_stack.folder, steps=Steps(quiet=True)).up()
    assert again.started > own_run.started
    assert has_stored(again, "before the kill")
    assert again.agencies == own_run.agencies


def test_down_stops_everything_although_a_server_was_killed_and_the_record_lost(
    own_stack: Stack, own_run: Run
) -> None:
    broker = own_stack.status()["kafka"]
    assert broker is not None
    broker.kill()
    (own_stack.folder / "processes.json").write_text("{}")
    assert len(own_stack.down()) > 0
    assert marked_processes(own_stack) == []
    with pytest.raises(NotRunning):
        read_run(own_stack.folder)


@pytest.mark.parametrize(
    ("by", "when"),
    [(signal.SIGINT, "databases and roles provisioned"), (signal.SIGTERM, "Kafka ready")],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_interrupted_start_leaves_no_process(own_stack: Stack, by: signal.Signals, when: str) -> None:
    own_stack.down()
    program = start_command(own_stack, "run")
    read_until(program, when)
    program.send_signal(by)
    output, _ = program.communicate(timeout=60)
    assert program.returncode != 0
    assert "Traceback" not in output
    assert marked_processes(own_stack) == []


def test_ctrl_c_on_a_running_stack_leaves_no_process(own_stack: Stack) -> None:
    program = start_command(own_stack, "run")
    read_until(program, "Ctrl-C stops everything")
    assert {name for name, process in own_stack.status().items() if process} == set(SERVERS)
    program.send_signal(signal.SIGINT)
    output, _ = program.communicate(timeout=60)
    assert "Traceback" not in output
    assert marked_processes(own_stack) == []


def test_failed_start_stops_what_it_had_started(own_stack: Stack) -> None:
    own_stack.down()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        failing = Stack(own_stack.folder, ports={"keycloak": port}, steps=Steps(quiet=True))
        with pytest.raises(PortInUse, match=f"Keycloak cannot start: port {port}"):
            failing.up()
    assert marked_processes(own_stack) == []


def test_too_little_memory_is_reported_before_anything_starts(
    other_folder: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stack.stack.MINIMUM_FREE_MEMORY", 1 << 60)
    with pytest.raises(NotEnoughSpace, match="memory"):
        Stack(other_folder, steps=steps).up()
    assert not (other_folder / "secrets.json").exists()


def test_delete_removes_all_state(own_stack: Stack) -> None:
    own_stack.delete()
    assert not own_stack.postgres.home.exists()
    assert {path.name for path in own_stack.folder.iterdir()} <= {"logs", "stack.lock"}
