"""Every address of the site, room by room."""

from django.contrib.auth import views as auth
from django.urls import include, path

from annotation.views.home import home
from config import health

urlpatterns = [
    path("", home, name="home"),
    path("", include("annotation.urls")),  # before others: nothing is asked as often as work
    path("health/live/", health.live, name="live"),
    path("health/ready/", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
    path("login/", include("accounts.urls_login")),
    path("account/tokens/", include("api.urls_tokens")),
    path("webhooks/", include("api.webhooks.urls")),
    path("account/", include("accounts.urls")),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("i18n/", include("config.language")),
    path("models/", include("models_app.urls")),
    path("api/v1/", include("api.urls")),
    path("api/playground/", include("models_app.urls_playground")),
    path("studies/", include("studies.urls")),
    path("", include("metrics.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
