from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "metrics"
    verbose_name = "Metrics"

    def ready(self) -> None:
        from annotation.privacy.erasing import answers_erased, profile_erased
        from annotation.summaries import summary_made_in
        from metrics import tasks  # noqa: F401 - makes the jobs known to whoever queues them
        from metrics.erasure import drop_made_of_answers, drop_made_of_profiles

        answers_erased.connect(drop_made_of_answers)
        profile_erased.connect(drop_made_of_profiles)
        summary_made_in("agreement", "metrics.analyses.live")
