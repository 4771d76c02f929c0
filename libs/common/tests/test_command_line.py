"""How commands say what is wrong."""

from __future__ import annotations

import pytest
import typer
from solidary.command_line import BrokenInput, CannotDo, speaks, written


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (BrokenInput("no number", file="a.csv", place="line 3"), 1, "error: a.csv: line 3: no number\n"),
        (CannotDo("not in this country"), 2, "error: not in this country\n"),
    ],
)
def test_what_goes_wrong_is_said_and_told_by_the_exit(error, code, said, capsys):
    @speaks
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == code
    assert capsys.readouterr().err == said


def test_a_library_that_no_extra_names_is_an_error_of_ours():
    @speaks
    def command() -> None:
        import nowhere_to_be_found  # noqa: F401

    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        command()


def test_what_is_printed_is_whole_or_nothing(capsys):
    with written(None) as text:
        text.write("whole\n")
        assert capsys.readouterr().out == ""
    assert capsys.readouterr().out == "whole\n"
    with pytest.raises(BrokenInput), written(None) as text:
        text.write("half")
        raise BrokenInput("no number")
    assert capsys.readouterr().out == ""
