"""Choosing the language of the pages, signed in or not."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.utils.translation import gettext_noop, ngettext_lazy
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language

chosen = login_not_required(require_http_methods(["GET", "HEAD", "POST"])(set_language))
urlpatterns = [path("setlang/", chosen, name="set_language")]

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
    gettext_noop("Password confirmation"),
    gettext_noop("The two password fields didn’t match."),
    gettext_noop("A user with that username already exists."),
    gettext_noop("Your password can’t be too similar to your other personal information."),
    gettext_noop("The password is too similar to the %(verbose_name)s."),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("This password is too common."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    gettext_noop("Enter a whole number."),
    gettext_noop("Ensure this value is less than or equal to %(limit_value)s."),
    gettext_noop("Ensure this value is greater than or equal to %(limit_value)s."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    *(  # of `timesince`, which Django words in neither Marathi nor Hindi
        ngettext_lazy("%(num)d year", "%(num)d years", "num"),
        ngettext_lazy("%(num)d month", "%(num)d months", "num"),
        ngettext_lazy("%(num)d week", "%(num)d weeks", "num"),
        ngettext_lazy("%(num)d day", "%(num)d days", "num"),
        ngettext_lazy("%(num)d hour", "%(num)d hours", "num"),
        ngettext_lazy("%(num)d minute", "%(num)d minutes", "num"),
    ),
    gettext_noop("September"),
    gettext_noop("November"),
    gettext_noop("December"),
)
