"""How commands say what is wrong."""

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
    ("error", "code", "said"),
    [
        (InvalidInput("no number", file="a.csv", place="line 3"), 1, "error: a.csv: line 3: no number\n"),
        (CommandError("not in this country"), 2, "error: not in this country\n"),
    ],
)
def test_what_goes_wrong_is_said_and_told_by_the_exit(error, code, said, capsys):
    @cli_errors
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == code
    assert capsys.readouterr().err == said


def test_a_library_that_no_extra_names_is_an_error_of_ours():
    @cli_errors
    def command() -> None:
        import nowhere_to_be_found  # noqa: F401

    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        command()


def test_what_is_printed_is_whole_or_nothing(capsys):
    with output_file(None) as text:
        text.write("whole\n")
        assert capsys.readouterr().out == ""
    assert capsys.readouterr().out == "whole\n"
    with pytest.raises(InvalidInput), output_file(None) as text:
        text.write("half")
        raise InvalidInput("no number")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "is a folder"), ("none/out.csv", "the folder does not exist"), ("x" * 300, "cannot be written")],
)
def test_where_no_file_can_be_it_is_said_before_the_work(tmp_path, name, reason):
    for asked in (require_writable, lambda path: atomic_file(path).__enter__()):
        with pytest.raises(InvalidInput, match=reason):
            asked(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_asking_whether_a_file_can_be_written_leaves_it_as_it_is(tmp_path):
    path = tmp_path / ("n" * 250)
    path.write_text("before")
    require_writable(path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["before"]
    with atomic_file(path) as text:
        text.write("after")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["after"]
