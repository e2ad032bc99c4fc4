"""What invitekit makes of a data export: how invitations were answered, what it would withdraw, why, a worklist.

    python examples/demo.py                              the sample export that comes with the package
    python examples/demo.py path/to/export.zip           your own (a zip, a folder or a single CSV)
    python examples/demo.py path/to/export.zip --to out  saves the worklist in the folder `out`

Nothing is sent anywhere and nothing is withdrawn. Two files are saved: withdraw.html to work through, and
withdraw.csv to fill in and read back.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import invitekit as ik
from invitekit.testing import sample_export


def demo(export: Path, folder: Path) -> None:
    """Read, plan, explain, save."""
    snapshot = ik.read_export(export)
    print(snapshot, end="\n\n")

    stats = ik.AcceptanceStats.from_snapshot(snapshot)
    print(stats, end="\n\n")
    print(stats.explain_age_rule(30), end="\n\n")

    policy = ik.Policy.default()
    print(policy, end="\n\n")

    plan = policy.plan(snapshot)
    print(plan, end="\n\n")

    if plan.withdrawals:
        print("Why the first one?")
        print(plan.why(plan.withdrawals[0].invitation.id), end="\n\n")

    worklist = plan.worklist()
    page = worklist.save(folder / "withdraw.html")
    table = worklist.save(folder / "withdraw.csv")
    print(f"Saved {page} (open it in a browser) and {table} (fill in its column `result`, then ik.read_worklist).")


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 0 when it worked, 1 when there was something to tell the user."""
    parser = argparse.ArgumentParser(description="Read a data export, and plan what to withdraw.")
    parser.add_argument("export", nargs="?", type=Path, help="a data export; without one, the bundled sample")
    parser.add_argument("--to", type=Path, default=Path(), metavar="FOLDER", help="where to save the worklist")
    given = parser.parse_args(arguments)
    try:
        demo(given.export or sample_export(), given.to)
    except ik.InvitekitError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    # Names come in every script; an old console that cannot show one should show "?" instead of failing.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(main())
