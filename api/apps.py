from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "Programs' door"

    def ready(self) -> None:
        from annotation.happenings import campaign_closed, campaign_opened
        from api.webhooks import events
        from models_app.jobs import job_ended

        job_ended.connect(events.on_job_ended)
        campaign_opened.connect(events.on_campaign_opened)
        campaign_closed.connect(events.on_campaign_closed)
