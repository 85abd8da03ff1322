from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import names, sessions  # noqa: F401 - sessions listens for sign-ins

        names.hold_names()
