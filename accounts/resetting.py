"""Links with which a person chooses a new password: by mail, or handed over by an admin."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _


def reset_link(user: Any, site: str) -> str:
    """A link that works once and for NIKASH_RESET_HOURS; `site` is https://host without a path.

    A new password or a sign-in makes it void, as its token is signed over both.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return site.rstrip("/") + reverse("accounts:reset_confirm", args=[uid, token])


def send_links(address: str, *, site: str, language: str) -> int:
    """Mail a link for each active account with this mail address; how many there were."""
    users = list(PasswordResetForm().get_users(address))
    with translation.override(language):
        for user in users:
            context = {
                "link": reset_link(user, site),
                "name": user.get_username(),
                "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
            }
            text = render_to_string("accounts/reset_mail.txt", context)
            subject = _("A new password for Nikash")
            send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
    return len(users)
