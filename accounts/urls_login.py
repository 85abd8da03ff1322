"""Addresses under /login/: the password, the code, another site's account."""

from django.urls import path

from accounts.views import oidc, sign_in

urlpatterns = [
    path("", sign_in.SignIn.as_view(), name="login"),
    path("code/", sign_in.code, name="login_code"),
    path("oidc/", oidc.start, name="oidc_start"),
    path("oidc/back/", oidc.back, name="oidc_back"),
]
