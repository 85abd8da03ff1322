"""Addresses of the norming room."""

from django.urls import path

from annotation.views import norming

urlpatterns = [
    path("campaigns/<int:pk>/norming/", norming.norming, name="norming"),
    path("campaigns/<int:pk>/norming/<int:item>/", norming.norming_item, name="norming_item"),
    path("campaigns/<int:pk>/norming/<int:item>/remark/", norming.remark, name="norming_remark"),
    path("campaigns/<int:pk>/norming/<int:item>/again/", norming.again, name="norming_again"),
]
