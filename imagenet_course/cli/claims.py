"""``imagenet-course claims``: what introductions to ImageNet say, what is so, and the checks."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from imagenet_course.history import Claim, Finding

    Findings = dict[str, Finding | None]

_COLOR = {"true": "green", "half true": "yellow", "misleading": "yellow", "depends": "yellow"}


def claims(
    id_: Annotated[str | None, typer.Option("--id", help="One claim only, such as A5.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Run the checks.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """List the claims of popular introductions, with verdicts, and check them.

    Exits with code 1 where a check disagrees with its verdict.
    """
    from imagenet_course import history

    if hasattr(sys.stdout, "reconfigure"):  # a console without Chinese prints "?" and goes on
        sys.stdout.reconfigure(errors="replace")
    chosen = history.claims() if id_ is None else (history.claim(id_),)
    found = {claim.id: claim.run() for claim in chosen} if check else {}
    if as_json:
        rows = [_row(claim, found) for claim in chosen]
        typer.echo(json.dumps(rows, indent=2))
    elif id_ is None:
        _print_table(chosen, found)
    else:
        _print_one(chosen[0], found)
    wrong = [claim.id for claim in chosen if _agrees(claim, found) is False]
    if wrong:
        typer.echo(
            f"error: the checks of {', '.join(wrong)} disagree with their verdicts.", err=True
        )
        raise typer.Exit(1)


def _agrees(claim: "Claim", found: "Findings") -> bool | None:
    finding = found.get(claim.id)
    return None if finding is None else claim.agrees(finding)


def _row(claim: "Claim", found: "Findings") -> dict:
    row = asdict(claim)
    if claim.id in found:
        finding = found[claim.id]
        row |= {"found": finding and finding.found, "agrees": _agrees(claim, found)}
    return row


def _checked_by(claim: "Claim") -> str:
    if claim.check:
        return "code"
    return f"chapter {claim.chapter}" if claim.chapter else "source"


def _print_table(chosen: "tuple[Claim, ...]", found: "Findings") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("id", "verdict", "claim", "found" if found else "what is so", "decided by")
    for claim in chosen:
        finding = found.get(claim.id)
        decided = {True: "[green]agrees[/]", False: "[red]disagrees[/]"}.get(_agrees(claim, found))
        table.add_row(
            claim.id,
            f"[{_COLOR.get(claim.verdict, 'red')}]{claim.verdict}[/]",
            escape(claim.claim),
            escape(finding.found if finding else claim.correction),
            decided or _checked_by(claim),
        )
    Console().print(table)


def _print_one(claim: "Claim", found: "Findings") -> None:
    from rich.console import Console
    from rich.markup import escape

    from imagenet_course.history import VERDICTS, source

    color = _COLOR.get(claim.verdict, "red")
    lines = [f"[bold]{claim.id}[/]  {escape(claim.claim)}"]
    if claim.claim_zh:
        lines.append(f"    {escape(claim.claim_zh)}")
    lines += [
        f"\n[{color}]{claim.verdict}[/], {VERDICTS[claim.verdict]}",
        escape(claim.correction),
        f"\ndecided by: {escape(claim.check or _checked_by(claim))}",
    ]
    if finding := found.get(claim.id):
        mark = "[green]agrees[/]" if claim.agrees(finding) else "[red]disagrees[/]"
        lines.append(f"found: {escape(finding.found)} ({mark})")
    lines.append("\nsources:")
    for key in claim.sources:
        entry = source(key)
        lines.append(f"  {escape(entry.title)} ({entry.year}). {escape(entry.url)}")
    Console(highlight=False).print("\n".join(lines))
