"""`municonsole doctor`: one line for everything a working console needs, with the mend."""

from __future__ import annotations

import click

from municonsole.cli.output import print_json, say
from municonsole.cli.root import Root, pass_root


@click.command()
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")
@pass_root
@click.pass_context
def doctor(ctx: click.Context, root: Root, json_wanted: bool) -> None:
    """Check everything between this terminal and a working console.

    A line begins with ok, note (works, but have a look), fail or skipped. The exit status is 0 when
    nothing failed, else that of the first failure.
    """
    from municonsole.diagnosis import examine

    findings = []
    for finding in examine(root.config_option, root.dsn_option):
        findings.append(finding)
        if not json_wanted:
            mend = f"; {finding.mend}" if finding.mend else ""
            say(f"{finding.state:<8}{finding.check}: {finding.found}{mend}")
    if json_wanted:
        print_json(
            [
                {"check": f.check, "state": f.state, "found": f.found, "mend": f.mend or None}
                for f in findings
            ]
        )
    ctx.exit(next((f.exit_status for f in findings if f.exit_status), 0))
