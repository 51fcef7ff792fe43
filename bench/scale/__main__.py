"""`python -m bench.scale [--bench F] [--growth F]… [--knee F] [--restore F]`: the tables of docs/scale.md.

Each stands between two marks; what is not given stays as it is. The plan needs a bench and a growth.
"""

import argparse
import json
from pathlib import Path

from bench.docs import filled
from bench.figures import Report
from bench.growth.figures import Growth
from bench.knee.figures import Knee
from bench.restore.drill import Drill
from bench.scale.plan import Assumed, planned, unit_of, waits_of
from bench.scale.tables import SIZES, of_costs, of_drills, of_growth, of_knee, of_plans
from wiring.files import ROOT
from wiring.talk import Talk

PAGE = ROOT / "docs" / "scale.md"


def main() -> None:
    """Write what the files hold into the page."""
    asked = _arguments()
    growths = [Growth.model_validate_json(file.read_text()) for file in asked.growth]
    tables = dict(table for growth in growths for table in of_growth(growth))
    if asked.knee:
        tables["knee"] = of_knee(Knee.model_validate_json(asked.knee.read_text()))
    if asked.restore:
        drills = json.loads(asked.restore.read_text())
        tables["restore"] = of_drills([Drill.model_validate(one) for one in drills])
    if asked.bench:
        tables |= plan(Report.model_validate_json(asked.bench.read_text()), _whole(growths))
    PAGE.write_text(filled(PAGE.read_text(), tables))
    Talk().say(f"wrote {', '.join(tables)} into {PAGE}")


def plan(report: Report, growth: Growth) -> dict[str, str]:
    """What a conversation costs, and what many need."""
    unit, each = unit_of(report), waits_of(growth)
    plans = [planned(waiting, unit, each, Assumed()) for waiting in SIZES]
    return {"costs": of_costs(unit, each), "plan": of_plans(plans)}


def _whole(growths: list[Growth]) -> Growth:
    """One of several files' parts; a later file's stand."""
    whole = Growth(backend="file")
    for growth in growths:
        whole = whole.model_copy(update={name: value for name, value in growth if value is not None})
    return whole


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description="The tables of docs/scale.md.")
    parser.add_argument("--bench", type=Path, help="what `tembea bench --out` wrote")
    parser.add_argument(
        "--growth", type=Path, action="append", default=[], help="of `python -m bench.growth`"
    )
    parser.add_argument("--knee", type=Path, help="of `python -m bench.knee`")
    parser.add_argument("--restore", type=Path, help="of `python -m bench.restore`")
    return parser.parse_args()


if __name__ == "__main__":
    main()
