"""manage.py translate_corpus NAME --system SYSTEM --name NEW --target-lang mr"""

from typing import Any

from common.errors import NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora.hashing import corpus_named
from models_app.corpora.translating import start_translation
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand
from models_app.management.found import system_named
from models_app.models import CorpusTranslation, Job


class Command(NikashCommand):
    help = "Put a corpus into another language with a registered system, here and now."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        parser.add_argument("--system", required=True, help="who translates")
        parser.add_argument("--name", dest="new_name", required=True, help="of the new corpus")
        parser.add_argument("--target-lang", required=True, help="BCP 47, say mr")

    def handle(self, *args: Any, **options: Any) -> None:
        job = start_translation(
            corpus_named(options["name"]),
            system_named(options["system"]),
            name=options["new_name"],
            target_lang=options["target_lang"],
        )
        ended = [Job.State.FAILED, Job.State.CANCELLED]
        CorpusTranslation.objects.filter(pk=job.pk, state__in=ended).update(
            state=Job.State.QUEUED, cancel_requested=False, tries=0
        )
        job = run_inline(job)
        if job.state != Job.State.DONE:
            raise NikashError(job.error or f"the translation is {job.get_state_display()}")
        result = job.result
        result.refresh_from_db()
        n_cut = result.examples.filter(extra__has_key="cut_off").count()
        self.say(f"Corpus {result}: {result.n_examples} examples under {result.licence}")
        if n_cut:
            self.say(f"{n_cut} of them were cut off at the length limit (max_new_tokens)")
