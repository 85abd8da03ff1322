"""Addresses under /account/: one's own account, and a new password."""

from django.urls import path

from accounts.views import account, password, reset, two_factor

app_name = "accounts"
urlpatterns = [
    path("", account.account, name="account"),
    path("email/", account.email, name="email"),
    path("sessions/<int:pk>/end/", account.session_end, name="session_end"),
    path("sessions/end-others/", account.sessions_end, name="sessions_end"),
    path("password/", password.ChangePassword.as_view(), name="password"),
    path("two-factor/", two_factor.two_factor, name="two_factor"),
    path("two-factor/codes/", two_factor.new_codes, name="two_factor_codes"),
    path("two-factor/off/", two_factor.off, name="two_factor_off"),
    path("reset/", reset.ask, name="reset"),
    path("reset/sent/", reset.sent, name="reset_sent"),
    path("reset/<uidb64>/<token>/", reset.NewPassword.as_view(), name="reset_confirm"),
    path("people/<int:pk>/reset-link/", reset.link_for, name="reset_link"),
]
