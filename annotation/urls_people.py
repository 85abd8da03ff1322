"""Addresses of how people come into a campaign, and of their standing there."""

from django.urls import path

from annotation.views import invitations, join, standing

urlpatterns = [
    path("campaigns/<int:pk>/invitations/", invitations.invitations, name="invitations"),
    path(
        "campaigns/<int:pk>/invitations/<int:invitation>/revoke/",
        invitations.invitation_revoke,
        name="invitation_revoke",
    ),
    path(
        "campaigns/<int:pk>/annotators/<int:annotator>/",
        standing.standing,
        name="standing",
    ),
    path("join/<str:token>/", join.join, name="join"),
]
