"""Sessions in the database, as Django keeps them; reading one costs less."""

from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.prepared import Prepared

_SESSION = Prepared(lambda key: Session.objects.filter(session_key=key), 1)
FORMER, OURS = "django.contrib.auth.backends.ModelBackend", "accounts.backend.Backend"


class SessionStore(db.SessionStore):
    def load(self) -> Any:
        """A session that began before accounts.backend goes on."""
        found = super().load()
        if found.get(BACKEND_SESSION_KEY) == FORMER:
            found[BACKEND_SESSION_KEY] = OURS
        return found

    def _get_session_from_db(self) -> Any:
        found = _SESSION.first(self.session_key) if self.session_key else None
        if found is not None and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None
