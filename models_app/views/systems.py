"""Systems, checkpoints and adapters: what there is, and registering more."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import admin_required, site_reader_required
from common.errors import NikashError
from models_app.checkpoints import register_adapter, register_checkpoint, register_system
from models_app.dataset_counts import tell_n_outputs, with_n_outputs
from models_app.forms import AdapterForm, CheckpointForm, SystemForm
from models_app.models import Checkpoint, Dataset, System


@site_reader_required
def system_list(request: HttpRequest) -> HttpResponse:
    systems = System.objects.select_related("checkpoint", "adapter").order_by("name")
    page = Paginator(with_n_outputs(systems), 50).get_page(request.GET.get("page"))
    tell_n_outputs(page)
    return render(request, "models_app/system_list.html", {"page": page})


@site_reader_required
def system_detail(request: HttpRequest, pk: int) -> HttpResponse:
    systems = System.objects.select_related("checkpoint", "adapter", "template")
    system = get_object_or_404(systems, pk=pk)
    context = {
        "system": system,
        "datasets": Dataset.objects.filter(segments__outputs__system=system).annotate(
            n_outputs=Count("segments__outputs")
        ),
        "runs": system.runs.select_related("dataset")[:20],
    }
    return render(request, "models_app/system_detail.html", context)


@site_reader_required
def checkpoint_list(request: HttpRequest) -> HttpResponse:
    context = {
        "checkpoints": Checkpoint.objects.prefetch_related("adapters"),
        "remote_code_allowed": settings.REMOTE_CODE_ALLOWED,
    }
    return render(request, "models_app/checkpoint_list.html", context)


def _register(
    request: HttpRequest,
    form: forms.Form,
    title: str,
    store: Callable[[forms.Form], Any],
    onward: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            row = store(form)
        except NikashError as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, _("%(name)s is registered.") % {"name": row})
            return redirect(onward)
    context = {"form": form, "title": title, "onward": onward}
    return render(request, "models_app/register.html", context, status=422 if form.errors else 200)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def checkpoint_new(request: HttpRequest) -> HttpResponse:
    return _register(
        request,
        CheckpointForm(_posted(request)),
        _("Register a checkpoint"),
        lambda form: register_checkpoint(**form.cleaned_data),
        "models_app:checkpoint_list",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def adapter_new(request: HttpRequest) -> HttpResponse:
    return _register(
        request,
        AdapterForm(_posted(request)),
        _("Register an adapter"),
        lambda form: register_adapter(**form.cleaned_data),
        "models_app:checkpoint_list",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def system_new(request: HttpRequest) -> HttpResponse:
    def store(form: Any) -> System:
        prompts = {"prompt", "prompt_format"}
        fields = {name: form.cleaned_data[name] for name in form.cleaned_data.keys() - prompts}
        with transaction.atomic():
            return register_system(template=form.template(), **fields)

    return _register(
        request,
        SystemForm(_posted(request)),
        _("New system"),
        store,
        "models_app:system_list",
    )
