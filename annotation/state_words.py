"""What the page says of answers on their way."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "saved": _("Saved"),
    "saving": _("Saving …"),
    "waiting": _("Not sent yet: {n}. Kept on this device."),
    "waitingHere": _("Not sent yet: {n}. Keep this page open."),
    "signedOut": _("You are signed out; your answers are kept on this device. Sign in again:"),
    "signedOutHere": _(
        "You are signed out; your answers are on this page only. Sign in in another tab:"
    ),
    "signIn": _("Sign in"),
    "someoneElse": _(
        "Somebody else is signed in here; your answers are kept, and are sent when you sign in."
    ),
    "unfinished": _("Please answer the questions that are marked."),
    "notTaken": _("The server did not take an answer ({n}); it is kept on this device."),
    "open": _("Open that item"),
    "overtaken": _("A newer answer was given elsewhere, and counts. To see it:"),
    "reload": _("load again"),
    "lastHere": _("This was the last item on this device; more come when there is a connection."),
    "notLasting": _("This browser cannot keep answers when it closes; please stay connected."),
}


def state_words() -> dict[str, str]:
    """The sentences in the reader's language, for the page's scripts."""
    return {name: str(text) for name, text in WORDS.items()}
