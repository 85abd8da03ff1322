"""manage.py green_report [--out FILE]"""

import io
from pathlib import Path
from typing import Any

from common.errors import BadInput
from common.tables import write_csv
from models_app.energy import report
from models_app.energy.words import amount, kind_label, share, watt_hours
from models_app.management.cli import NikashCommand
from models_app.models import EnergyRecord


class Command(NikashCommand):
    help = "Energy and CO₂ of training, generation and evaluation, with sources."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--out", metavar="FILE", help="every device of every record, as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(report.records())
        for row in report.grouped(found, lambda record: record.kind):
            self.stdout.write(f"{kind_label(row['name'])}: {_line(row)}")
        self.stdout.write(f"together: {_line(report.total(found))}")
        for row in report.grouped(found, report.sweep_of):
            self.stdout.write(f"sweep {row['name']}: {_line(row)}")
        for kind, (n, n_done) in report.unmeasured().items():
            if n:
                self.stdout.write(f"{kind_label(kind)}: {n} of {n_done} runs were not measured")
        for source in sorted({_source(record) for record in found if record.grid}):
            self.stdout.write(source)
        if options["out"]:
            self._write(Path(options["out"]), found)

    def _write(self, path: Path, found: list[EnergyRecord]) -> None:
        table = io.StringIO(newline="")
        n = write_csv(table, report.COLUMNS, report.rows(found))
        try:
            path.write_text(table.getvalue(), encoding="utf-8", newline="")
        except OSError as problem:
            raise BadInput(f"cannot be written ({problem.strerror})", file=str(path)) from problem
        self.say(f"{path}: {n} rows")


def _line(row: dict[str, Any]) -> str:
    return (
        f"{watt_hours(row['kwh'])} Wh, {amount(row['co2_grams'])} g CO₂e, "
        f"{share(row['estimated_share'])} % estimated (n = {row['n']})"
    )


def _source(record: EnergyRecord) -> str:
    grid = record.grid or {}
    return f"{grid['name']} {grid['year']}: {grid['g_per_kwh']} g CO₂e/kWh ({grid['source']})"
