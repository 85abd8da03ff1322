"""Corpora: what models are trained on, with a card, splits, nested subsets and reports."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded
from models_app.models.checkpoint import Checkpoint
from models_app.models.dataset import language_validator, name_validator
from models_app.models.job import Job, JobQuerySet
from models_app.models.system import System

SEVERAL = "mul"  # ISO 639-2: several languages


class Split(models.TextChoices):
    TRAIN = "train", _("train")
    VALID = "valid", _("valid")
    TEST = "test", _("test")


class Corpus(Recorded):
    """Training examples of one kind and their card; the licence goes to whatever derives from it.

    Texts are stored as received. The card's rows and hash are those of the examples stored.
    """

    made_as = "corpus.make"
    removed_as = "corpus.remove"

    class Kind(models.TextChoices):
        INSTRUCTION = "instruction", _("instructions")
        PARALLEL = "parallel", _("parallel texts")
        SUMMARY = "summary", _("documents and summaries")

    class TextOrigin(models.TextChoices):
        NATIVE = "native", _("written in the language")
        HUMAN = "human", _("translated by people")
        MACHINE = "machine", _("machine-translated")
        SYNTHETIC = "synthetic", _("written by a model")
        MIXED = "mixed", _("mixed")

    NEED_A_PRODUCER = (TextOrigin.MACHINE, TextOrigin.SYNTHETIC)

    name = models.CharField(max_length=100, unique=True, validators=[name_validator])
    kind = models.CharField(max_length=12, choices=Kind)
    source_lang = models.CharField(max_length=35, validators=[language_validator])
    target_lang = models.CharField(max_length=35, validators=[language_validator])
    licence = models.CharField(max_length=300)
    origin = models.CharField(max_length=300, help_text=_("where the texts come from"))
    text_origin = models.CharField(max_length=10, choices=TextOrigin)
    produced_by = models.CharField(
        max_length=200, blank=True, help_text=_("what translated or wrote the texts")
    )
    description = models.TextField(blank=True)
    parents = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="derived", help_text=_("made from")
    )
    recipe = models.JSONField(default=dict, help_text=_("how it was made from its parents"))
    split_recipe = models.JSONField(default=dict, help_text=_("how it was split; empty: as loaded"))
    n_examples = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the texts"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "corpora"
        constraints = [
            models.CheckConstraint(condition=~models.Q(licence=""), name="corpus_has_licence"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_two_languages(self) -> bool:
        return self.source_lang != self.target_lang


class Example(models.Model):
    """One training example: what is asked, what it is asked about, and what is to be answered.

    Of parallel texts, `input` is the source; of summaries, the document; `instruction` is empty.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="examples")
    key = models.CharField(max_length=200)
    position = models.PositiveIntegerField(help_text=_("order in the corpus, from 0"))
    split = models.CharField(max_length=5, choices=Split, blank=True)
    source_lang = models.CharField(max_length=35)
    target_lang = models.CharField(max_length=35)
    instruction = models.TextField(blank=True)
    input = models.TextField(blank=True)
    output = models.TextField()
    extra = models.JSONField(default=dict, help_text=_("further columns of the file, as received"))

    class Meta:
        ordering = ["corpus", "position"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "key"], name="example_key_once"),
        ]
        indexes = [
            models.Index(fields=["corpus", "position"], name="example_in_order"),
            models.Index(fields=["corpus", "split"], name="example_by_split"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def asked(self) -> str:
        """Instruction and input as one text, as duplicates are looked for."""
        return "\n".join(filter(None, [self.instruction, self.input]))


class Subset(models.Model):
    """The first `size` examples of a split in an order drawn from `seed`.

    So of two sizes with one seed, the smaller lies within the larger.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="subsets")
    split = models.CharField(max_length=5, choices=Split, blank=True)
    seed = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    per_language = models.BooleanField(default=False, help_text=_("`size` of each language"))
    n_examples = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the texts"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["corpus", "seed", "per_language", "size"]
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "split", "seed", "size", "per_language"], name="subset_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.corpus} {self.size} (seed {self.seed})"


class CorpusReport(Job):
    """A look at a whole corpus: duplicates and leaks, or what a tokeniser makes of it."""

    made_as = "corpus.report"

    class Kind(models.TextChoices):
        LEAKAGE = "leakage", _("duplicates and leaks")
        FERTILITY = "fertility", _("tokens and scripts")
        ARTEFACTS = "artefacts", _("traces of translation")

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=10, choices=Kind)
    checkpoint = models.ForeignKey(
        Checkpoint, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    settings = models.JSONField(default=dict)
    payload = models.JSONField(default=dict)
    corpus_hash = models.CharField(max_length=64, help_text=_("of the corpus that was read"))

    objects = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        indexes = [models.Index(fields=["corpus", "kind"], name="report_of_corpus")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.corpus}"


class CorpusTranslation(Job):
    """A corpus put into another language by a registered system, example by example."""

    made_as = "corpus.translate"

    source = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="translations")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="translations")
    result = models.OneToOneField(Corpus, on_delete=models.CASCADE, related_name="translation")

    objects = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["source", "system"], name="one_translation_by_system")
        ]

    def __str__(self) -> str:
        return f"{self.source} by {self.system}"
