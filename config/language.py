"""Choosing the language of the pages, signed in or not."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.utils.translation import gettext_noop
from django.views.i18n import set_language

urlpatterns = [path("setlang/", login_not_required(set_language), name="set_language")]

# Sentences of Django's own that an annotator meets; our catalogues word them better or at all.
WORDED_HERE = (
    gettext_noop("username"),
    gettext_noop("password"),
    gettext_noop("Username"),
    gettext_noop("Password"),
    gettext_noop(
        "Please enter a correct %(username)s and password. "
        "Note that both fields may be case-sensitive."
    ),
    gettext_noop("This account is inactive."),
    gettext_noop("This field is required."),
    gettext_noop("September"),
    gettext_noop("November"),
    gettext_noop("December"),
)
