import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from solidary.platform.telemetry.trace_viewer import show_trace
from typer.testing import CliRunner

from .conftest import run_into

PUBLISH = """
from opentelemetry.trace import SpanKind
from solidary.platform.telemetry import span, start, traceparent
start("intake", "api")
with span("PUT /people/{person_id}", kind=SpanKind.SERVER) as current:
    current.set_attribute("http.response.status_code", 201)
    print(traceparent())
"""
RELAY = """
from solidary.platform.telemetry import send_span, span, start
start("intake", "relay")
with send_span("pa.intake", [{stored!r}], count=7), span("COMMIT"):
    pass
"""
REACT = """
from solidary.platform.telemetry import event_span, batch_span, span, start
start("referrals", "worker")
with batch_span("pa.intake", [{stored!r}], count=7, group="referrals"):
    event = dict(event="e", type="org.solidary.intake.x.v1")
    with event_span("pa.intake", {stored!r}, "referrals", **event):
        try:
            with span("reaction"):
                raise LookupError("Yolanda")
        except LookupError:
            pass
"""


@dataclass(frozen=True)
class Written:
    """A trace that three processes have written, beside another trace."""

    folder: Path
    traceparent: str

    @property
    def trace(self) -> str:
        return self.traceparent.split("-")[1]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("telemetry")
    run_into(folder, PUBLISH)
    stored = run_into(folder, PUBLISH).stdout.strip()
    for program in (RELAY, REACT):
        ended = run_into(folder, program.format(stored=stored))
        assert ended.returncode == 0, ended.stderr
    return Written(folder, stored)


def run_viewer(folder: Path, *id: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(show_trace)
    answer = CliRunner().invoke(app, [*id, "--dir", str(folder)])
    return answer.exit_code, answer.output


def test_trace_is_shown_as_a_tree_across_services(written: Written) -> None:
    code, output = run_viewer(written.folder, written.trace)
    assert code == 0, output
    head, *tree = output.splitlines()
    assert re.fullmatch(rf"{written.trace}  [-\d]+ [:\d]+ UTC  [\d.,]+ ms, 6 spans, 3 processes", head)
    assert [re.sub(r"  +[\d.,]+ ms  \+[\d.,]+ ms$", "", line) for line in tree] == [
        "intake api: PUT /people/{person_id} 201",
        "├─ ~ intake relay: send pa.intake 7",
        "│  └─ intake relay: COMMIT",
        "├─ ~ referrals worker: process pa.intake 7",
        "└─ referrals worker: process pa.intake org.solidary.intake.x.v1",
        "   └─ ! referrals worker: reaction LookupError",
    ]


def test_command_reads_the_folder_that_the_services_write(written: Written) -> None:
    command = f"""
import runpy, sys
sys.argv = ["trace", {written.traceparent!r}]
runpy.run_module("solidary.platform.telemetry.trace_viewer", run_name="__main__")
"""
    ended = run_into(written.folder, command)
    assert (ended.returncode, ended.stdout.split()[0]) == (0, written.trace)


def test_line_left_incomplete_by_a_killed_process_is_skipped(written: Written) -> None:
    cut = written.folder / "traces-cash-api-1.jsonl"
    cut.write_text('{"resourceSpans": "' + written.trace)
    assert run_viewer(written.folder, written.trace)[0] == 0
    cut.unlink()


def test_newest_traces_with_several_processes_are_listed_without_an_id(written: Written) -> None:
    code, output = run_viewer(written.folder)
    assert code == 0, output
    instruction, *traces = output.splitlines()
    assert "make trace ID=" in instruction
    (only,) = traces  # the other one has one process only
    began = r"intake api: PUT /people/{person_id} 201  → referrals worker"
    assert re.fullmatch(rf"{written.trace}  [-\d]+ [:\d]+  {began}", only)


def test_folder_without_a_trace_of_several_processes_is_reported(tmp_path: Path) -> None:
    code, output = run_viewer(tmp_path)
    assert code == 1
    assert "There is no trace" in output


def test_unknown_trace_is_reported(written: Written) -> None:
    code, output = run_viewer(written.folder, "f" * 32)
    assert code == 1
    assert f"There is no span of {'f' * 32}" in output


@pytest.mark.parametrize("id", ["", "Yolanda", "f" * 31, "0x" + "f" * 30])
def test_text_that_is_no_trace_id_is_refused(written: Written, id: str) -> None:
    code, output = run_viewer(written.folder, id)
    assert code == 1
    assert "is not a trace id" in output


def test_folder_without_telemetry_is_reported(written: Written) -> None:
    code, output = run_viewer(written.folder / "none", "f" * 32)
    assert code == 1
    assert "There is no telemetry" in output
