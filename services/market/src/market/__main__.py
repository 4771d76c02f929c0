"""The commands of the service: `python -m market api | worker | score-sectors | …`."""

from __future__ import annotations

import typer
from solidary.platform.program import add_service_commands

from market.engines.economics import cli as economics
from market.engines.sectors import cli as sectors
from market.engines.skills import cli as skills

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def market() -> None:
    """Market assessments: the local economy, sectors and barriers, occupations and skills."""


app.command("lq")(economics.quotient)
app.command("shift-share")(economics.shift_shares)
app.command("growth")(economics.growth)
app.command("score-sectors")(sectors.score_sectors)
app.command("rank-barriers")(sectors.rank_barriers)
app.command("import-esco")(skills.import_esco)
app.command("search")(skills.search)
app.command("code-occupation")(skills.code_occupation)
app.command("code-occupations")(skills.code_occupations)
app.command("match-skills")(skills.match_skills)
app.command("skill-gaps")(skills.skill_gaps)
add_service_commands(app, "market")

if __name__ == "__main__":
    app()
