from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"
    verbose_name = "Annotation"

    def ready(self) -> None:
        from annotation.summaries import summary_made_in

        summary_made_in("tally", "annotation.tallying")
        summary_made_in("numbers", "annotation.tallying")
        summary_made_in("differing", "annotation.differing")
