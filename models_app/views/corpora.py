"""Corpora: what there is, the card, splits, subsets, and loading more."""

from collections.abc import Callable
from typing import Any, BinaryIO

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import admin_required, site_reader_required
from accounts.audit import record
from common.errors import NikashError
from models_app.corpora.splitting import split_corpus
from models_app.corpora.subsets import make_subsets
from models_app.forms_corpora import AuditForm, CorpusForm, DrawForm, MeasureForm, SplitForm
from models_app.loading.common import Loaded
from models_app.loading.corpus import CARD, Card, load_corpus
from models_app.loading.pairs import examples_in
from models_app.models import Corpus, Split
from models_app.views.upload import UploadView, silent

EXAMPLES_A_PAGE = 25


@site_reader_required
def corpus_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(Corpus.objects.order_by("name"), 50).get_page(request.GET.get("page"))
    return render(request, "models_app/corpus_list.html", {"page": page})


@site_reader_required
def corpus_detail(request: HttpRequest, pk: int) -> HttpResponse:
    corpora = Corpus.objects.select_related("translation").prefetch_related("parents", "derived")
    corpus = get_object_or_404(corpora, pk=pk)
    counts = (
        corpus.examples.order_by()
        .values("split", "source_lang", "target_lang")
        .annotate(n=Count("pk"))
        .order_by("target_lang", "source_lang")
    )
    groups = list(counts)
    examples = corpus.examples.order_by("position")
    if (split := request.GET.get("split")) in Split.values:
        examples = examples.filter(split=split)
    context = {
        "corpus": corpus,
        "groups": groups,
        "has_splits": any(group["split"] for group in groups),
        "page": Paginator(examples, EXAMPLES_A_PAGE).get_page(request.GET.get("page")),
        "splits": Split,
        "subsets": corpus.subsets.all(),
        "reports": corpus.reports.select_related("checkpoint").defer("payload")[:20],
        "split_form": SplitForm(),
        "draw_form": DrawForm(),
        "measure_form": MeasureForm(),
        "audit_form": AuditForm(),
    }
    return render(request, "models_app/corpus_detail.html", context)


def done(
    request: HttpRequest, pk: int, form: forms.Form, act: Callable[[Corpus, Any], str]
) -> HttpResponse:
    """Do what a form on a corpus's page asks for, and go back there with a sentence."""
    corpus = get_object_or_404(Corpus, pk=pk)
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form.fields[name].label}: {' '.join(errors)}")
    else:
        try:
            messages.success(request, act(corpus, form.cleaned_data))
        except NikashError as problem:
            messages.error(request, problem.message)
    return redirect("models_app:corpus_detail", pk)


@require_POST
@admin_required
def corpus_split(request: HttpRequest, pk: int) -> HttpResponse:
    def act(corpus: Corpus, asked: dict[str, Any]) -> str:
        percent = {split: asked[split] for split in Split.values}
        with transaction.atomic():
            counts = split_corpus(corpus, seed=asked["seed"], percent=percent)
            record(None, "corpus.split", corpus, **percent)
        return _("Split: %(counts)s.") % {
            "counts": ", ".join(f"{n} {split}" for split, n in counts.items())
        }

    return done(request, pk, SplitForm(request.POST), act)


@require_POST
@admin_required
def corpus_draw(request: HttpRequest, pk: int) -> HttpResponse:
    def act(corpus: Corpus, asked: dict[str, Any]) -> str:
        with transaction.atomic():
            made = make_subsets(corpus, **asked)
            record(None, "corpus.draw", corpus, subsets=len(made))
        return _("%(n)s subsets are there.") % {"n": len(made)}

    return done(request, pk, DrawForm(request.POST), act)


@method_decorator(admin_required, name="dispatch")
class CorpusUpload(UploadView):
    kind = "corpus"
    page_name = "models_app:corpus_upload"
    title = gettext_lazy("Load a corpus")
    lead = gettext_lazy(
        "Training examples: instruction, input and output; source and target; or text and summary."
    )
    form_class = CorpusForm
    other_endings = ("json",)

    def open(self, file: BinaryIO, name: str, options: dict[str, Any]) -> Any:
        return examples_in(file, name, options.get("columns") or {})

    def load(
        self,
        table: Any,
        options: dict[str, Any],
        *,
        dry_run: bool,
        progress: Callable[[int], None] = silent,
    ) -> Loaded:
        card = Card(name=options["name"], **{name: options[name] for name in CARD})
        return load_corpus(table, card, split=options["split"], dry_run=dry_run, progress=progress)

    def target(self, options: dict[str, Any]) -> str:
        corpus = get_object_or_404(Corpus, name=options["name"])
        return reverse("models_app:corpus_detail", args=[corpus.pk])
