"""Corpora: what models are trained on; load, mix, split, draw, translate, look through."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.asking import Choice, Number, Text
from api.endpoints import Routes
from api.jobs import AnyJobSerializer
from api.people import Who
from api.rows import AnyObject, audited, body_of, job_serializer
from api.uploads import LoadedSerializer, load_file, upload_body
from models_app.corpora.mixing import mix_corpora, planned_mix
from models_app.corpora.reports import start_report
from models_app.corpora.splitting import split_corpus
from models_app.corpora.subsets import make_subsets
from models_app.corpora.translating import start_translation
from models_app.forms_corpora import AuditForm, CorpusForm, DrawForm, MeasureForm, SplitForm
from models_app.forms_making import MixForm, TranslateForm
from models_app.jobs import enqueue
from models_app.models import Corpus, CorpusReport, CorpusTranslation, Job, Split, Subset
from models_app.models.corpus import Example
from models_app.views.corpora import CorpusUpload

routes = Routes("Corpora")


class CorpusSerializer(serializers.ModelSerializer):
    recipe = AnyObject(help_text="How it was made from others.")
    split_recipe = AnyObject(help_text="How it was split; empty: as loaded.")

    class Meta:
        model = Corpus
        fields = (
            "id", "name", "kind", "source_lang", "target_lang", "licence", "origin",
            "text_origin", "produced_by", "description", "n_examples", "content_hash", "recipe",
            "split_recipe", "created_at",
        )  # fmt: skip


class ExampleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Example
        fields = (
            "id", "key", "position", "split", "source_lang", "target_lang", "instruction",
            "input", "output",
        )  # fmt: skip


class SubsetSerializer(serializers.ModelSerializer):
    class Meta:
        model = Subset
        fields = ("id", "split", "seed", "size", "per_language", "n_examples", "content_hash")


class SubsetsSerializer(serializers.Serializer):
    results = SubsetSerializer(many=True)


class SplitCountsSerializer(serializers.Serializer):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="By split.")


class MixPlanSerializer(serializers.Serializer):
    recipe = AnyObject(help_text="What would be taken of which corpus.")


CorpusReportSerializer = job_serializer(
    CorpusReport, "corpus", "kind", payload=AnyObject(help_text="What was found; {} before.")
)
CorpusTranslationSerializer = job_serializer(CorpusTranslation, "source", "system", "result")


def _corpus(request: Request, corpus: int) -> Corpus:
    return get_object_or_404(Corpus, pk=corpus)


@routes.get("corpora/", Who.SITE_READER, gives=CorpusSerializer, pages=True,
            parameters=(Text("name", "Only the one of this name.", "name"),))  # fmt: skip
def list_corpora(request: Request) -> Any:
    """What models are trained on."""
    return Corpus.objects.all()


@routes.get("corpora/<id:corpus>/", Who.SITE_READER, gives=CorpusSerializer)
def read_corpus(request: Request, corpus: int) -> Any:
    """One corpus with its card."""
    return _corpus(request, corpus)


@routes.get(
    "corpora/<id:corpus>/examples/",
    Who.SITE_READER,
    gives=ExampleSerializer,
    pages=True,
    parameters=(Choice("split", "Only of this split.", "split", tuple(Split.values)),),
)
def list_examples(request: Request, corpus: int) -> Any:
    """A corpus's texts."""
    return _corpus(request, corpus).examples.all()


@routes.get("corpora/<id:corpus>/subsets/", Who.SITE_READER, gives=SubsetSerializer, pages=True)
def list_subsets(request: Request, corpus: int) -> Any:
    """A corpus's nested subsets."""
    return _corpus(request, corpus).subsets.all()


@routes.post("corpora/load/", Who.ADMIN, gives=LoadedSerializer, later=AnyJobSerializer,
             takes=upload_body(CorpusForm, "CorpusFile"))  # fmt: skip
def load_corpus(request: Request, form: Any) -> dict[str, Any]:
    """Load a file of training examples."""
    audited(request, "corpus.load", name=form.cleaned_data["name"])
    return load_file(request, CorpusUpload(), form)


@routes.post("corpora/mix/", Who.ADMIN, gives=CorpusSerializer, status=201,
             takes=body_of(MixForm, "Mix"))  # fmt: skip
def mix(request: Request, form: Any) -> Any:
    """Make a corpus of parts of others, to a budget."""
    made = mix_corpora(form.cleaned_data["name"], **form.asked())
    audited(request, "corpus.mix", made)
    return made


@routes.post("corpora/mix/plan/", Who.ADMIN, gives=MixPlanSerializer,
             takes=body_of(MixForm, "MixPlan"))  # fmt: skip
def plan_mix(request: Request, form: Any) -> dict[str, Any]:
    """What a mix would take, without making it."""
    return {"recipe": planned_mix(**form.asked())}


@routes.post("corpora/<id:corpus>/split/", Who.ADMIN, gives=SplitCountsSerializer,
             takes=body_of(SplitForm, "Split"), before=_corpus)  # fmt: skip
def split(request: Request, form: Any, corpus: int) -> dict[str, Any]:
    """Split a corpus into train, valid and test, in percent."""
    found = _corpus(request, corpus)
    percent = {name: form.cleaned_data[name] for name in Split.values}
    counts = split_corpus(found, seed=form.cleaned_data["seed"], percent=percent)
    audited(request, "corpus.split", found)
    return {"counts": counts}


@routes.post("corpora/<id:corpus>/draw/", Who.ADMIN, gives=SubsetsSerializer,
             takes=body_of(DrawForm, "Draw"), before=_corpus)  # fmt: skip
def draw(request: Request, form: Any, corpus: int) -> dict[str, Any]:
    """Draw nested subsets."""
    found = _corpus(request, corpus)
    made = make_subsets(found, **form.cleaned_data)
    audited(request, "corpus.draw", found)
    return {"results": made}


@routes.post("corpora/<id:corpus>/translate/", Who.ADMIN, gives=CorpusTranslationSerializer,
             status=201, takes=body_of(TranslateForm, "Translate"), before=_corpus)  # fmt: skip
def translate(request: Request, form: Any, corpus: int) -> Any:
    """Have a system translate a corpus; follow it under jobs/corpus-translation/."""
    job = start_translation(_corpus(request, corpus), user=request.user, **form.cleaned_data)
    if job.state == Job.State.QUEUED:
        enqueue(job)
    audited(request, "corpus.translate", job)
    return job


def _report(kind: str) -> Callable[..., Any]:
    def start(request: Request, *given: Any, corpus: int) -> Any:
        asked = given[0].cleaned_data if given else {}
        found = _corpus(request, corpus)
        made = start_report(found, kind, user=request.user, **asked)
        audited(request, "corpus.report", found, kind=kind)
        return made or found.reports.filter(kind=kind).order_by("-pk").first()

    return start


def _register(name: str, about: str, kind: str, **options: Any) -> None:
    act = _report(kind)
    act.__doc__ = about
    add = routes.post(f"corpora/<id:corpus>/{name}/", Who.ADMIN, gives=CorpusReportSerializer,
                      status=201, before=_corpus, name=f"{name}_corpus", **options)  # fmt: skip
    add(act)


_register("check", "Look for judged texts and repeats in a corpus.", CorpusReport.Kind.LEAKAGE)
_register("audit", "Look for traces of translation in a corpus.", CorpusReport.Kind.ARTEFACTS,
          takes=body_of(AuditForm, "Audit"))  # fmt: skip
_register("measure", "Count a tokeniser's tokens per word.", CorpusReport.Kind.FERTILITY,
          takes=body_of(MeasureForm, "Measure"))  # fmt: skip


@routes.get("corpus-reports/", Who.SITE_READER, gives=CorpusReportSerializer, pages=True,
            parameters=(Number("corpus", "Only on this corpus.", "corpus"),))  # fmt: skip
def list_corpus_reports(request: Request) -> Any:
    """What was found in corpora."""
    return CorpusReport.objects.select_related("created_by")


@routes.get("corpus-reports/<id:report>/", Who.SITE_READER, gives=CorpusReportSerializer)
def read_corpus_report(request: Request, report: int) -> Any:
    """One report on a corpus."""
    return get_object_or_404(CorpusReport.objects.select_related("created_by"), pk=report)


@routes.get("corpus-translations/", Who.SITE_READER, gives=CorpusTranslationSerializer, pages=True)
def list_corpus_translations(request: Request) -> Any:
    """Corpora being translated."""
    return CorpusTranslation.objects.select_related("created_by")
