from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from signatures.models import Petition
from signatures.tally import snapshot
from signatures.tally.simulate import SimulationProblem, simulate


class Command(BaseCommand):
    help = "Fill a petition with invented, confirmed signers. No mail ever goes to them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--signatures", type=int, required=True)
        parser.add_argument("--countries", type=int, required=True)
        parser.add_argument("--slug", default="xinjiang")
        parser.add_argument("--days", type=int, default=60, help="over how many days up to now they signed")
        parser.add_argument("--seed", type=int, help="the same seed invents the same people")

    def handle(self, *args: Any, **options: Any) -> None:
        petition = Petition.objects.filter(slug=options["slug"]).first()
        if petition is None:
            raise CommandError(f"There is no petition “{options['slug']}”.")
        try:
            with tqdm(total=options["signatures"], unit=" signers", disable=not self.stderr.isatty()) as bar:
                simulate(
                    petition=petition,
                    signatures=options["signatures"],
                    of_countries=options["countries"],
                    days=options["days"],
                    seed=options["seed"],
                    progress=bar.update,
                )
        except SimulationProblem as problem:
            raise CommandError(str(problem)) from problem
        snapshot.forget()
        now = snapshot.read(petition)
        self.stdout.write(f"{now.total:,} people from {now.countries:,} countries and territories")
