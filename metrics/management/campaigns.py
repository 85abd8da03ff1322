"""What this room's commands share."""

from annotation.models import Campaign
from common.errors import BadInput, NikashError
from metrics.models import ReportRun
from metrics.reporting import fresh_report
from metrics.reports.version import data_version
from metrics.tasks import watched
from models_app.jobs import run_inline
from models_app.management.cli import counting
from models_app.models import Job


def campaign_named(name: str) -> Campaign:
    try:
        return Campaign.objects.select_related("dataset").get(name=name)
    except Campaign.DoesNotExist:
        known = ", ".join(Campaign.objects.values_list("name", flat=True)[:20]) or "none yet"
        raise BadInput(f"there is no campaign called {name!r}; known: {known}") from None


def do_here(job: Job, what: str) -> Job:
    """Do the job in this process, counting on stderr; NikashError where it did not finish."""
    try:
        with counting(what) as counter, watched(counter):
            job = run_inline(job)
    except KeyboardInterrupt:
        type(job).objects.filter(pk=job.pk).update(state=Job.State.CANCELLED)
        raise NikashError("stopped; what was computed is kept, run it again to go on") from None
    if job.state != Job.State.DONE:
        raise NikashError(job.error or f"the job was {job.get_state_display()}; run it again")
    return job


def ready_report(campaign: Campaign, *, with_excluded: bool = False) -> ReportRun:
    """The report of the data as they are, made here and now where there is none yet."""
    kind = {"with_excluded": with_excluded}
    if run := fresh_report(campaign, **kind):
        return run
    version = data_version(campaign, **kind)
    return do_here(ReportRun.objects.create(campaign=campaign, data_version=version), "tables")
