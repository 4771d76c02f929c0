"""Error messages, exit statuses and output of commands."""

from __future__ import annotations

import pytest
import typer
from solidary.files.command_line import (
    CommandError,
    InvalidInput,
    atomic_file,
    cli_errors,
    output_file,
    require_writable,
)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (
            InvalidInput("Not a number.", file="a.csv", place="line 3"),
            1,
            "error: a.csv: line 3: Not a number.\n",
        ),
        (CommandError("Not in this country."), 2, "error: Not in this country.\n"),
    ],
)
def test_error_is_printed_with_its_exit_status(error, status, message, capsys):
    @cli_errors
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as exited:
        command()
    assert exited.value.exit_code == status
    assert capsys.readouterr().err == message


def test_missing_library_that_no_extra_has_is_not_reported_as_a_command_error():
    @cli_errors
    def command() -> None:
        import nowhere_to_be_found  # noqa: F401

    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        command()


def test_standard_output_is_written_completely_or_not_at_all(capsys):
    with output_file(None) as text:
        text.write("whole\n")
        assert capsys.readouterr().out == ""
    assert capsys.readouterr().out == "whole\n"
    with pytest.raises(InvalidInput), output_file(None) as text:
        text.write("half")
        raise InvalidInput("Not a number.")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "is a folder"), ("none/out.csv", "folder does not exist"), ("x" * 300, "cannot be written")],
)
def test_unwritable_path_is_reported_before_the_work(tmp_path, name, reason):
    for open_file in (require_writable, lambda path: atomic_file(path).__enter__()):
        with pytest.raises(InvalidInput, match=reason):
            open_file(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_checking_that_a_file_can_be_written_leaves_it_unchanged(tmp_path):
    path = tmp_path / ("n" * 250)
    path.write_text("before")
    require_writable(path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["before"]
    with atomic_file(path) as text:
        text.write("after")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["after"]
