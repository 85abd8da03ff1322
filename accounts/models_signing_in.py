"""What signing in leaves behind: failed tries, open sessions, accounts of other sites."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class SignInTry(models.Model):
    """A try that did not succeed (yet). Name and address are keyed hashes; gone after a while."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    account = models.CharField(max_length=32, db_index=True)
    address = models.CharField(max_length=32, db_index=True)


class OpenSession(models.Model):
    """A session beside the session engine's own row, so that its person can end it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="open_sessions"
    )
    key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=60, blank=True, help_text="say Firefox, Windows")
    begun_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="exact to the hour")

    class Meta:
        ordering = ["-seen_at", "-pk"]


class OutsideIdentity(models.Model):
    """Who an account is at an OpenID provider; a mail address proves nothing and is not used."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="outside_identities"
    )
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_per_identity")
        ]
