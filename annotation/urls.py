"""Addresses of the annotators' room and of campaigns."""

from django.urls import path

from annotation import urls_audit, urls_norming, urls_people, urls_privacy, urls_quality, urls_work
from annotation.views import campaigns, exports, guidelines, people, ratings_upload

app_name = "annotation"
urlpatterns = [
    *urls_work.urlpatterns,  # before others: nothing is asked as often
    path("campaigns/", campaigns.campaign_list, name="campaign_list"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign_new"),
    path("campaigns/<int:pk>/", campaigns.campaign_detail, name="campaign_detail"),
    path("campaigns/<int:pk>/open/", campaigns.campaign_open, name="campaign_open"),
    path("campaigns/<int:pk>/close/", campaigns.campaign_close, name="campaign_close"),
    path(
        "campaigns/<int:pk>/export/<slug:format_name>/",
        exports.campaign_export,
        name="campaign_export",
    ),
    path("campaigns/<int:pk>/people/", campaigns.member_add, name="member_add"),
    path(
        "campaigns/<int:pk>/people/<int:member>/remove/",
        campaigns.member_remove,
        name="member_remove",
    ),
    path("guidelines/", guidelines.guideline_list, name="guideline_list"),
    path("guidelines/new/", guidelines.guideline_new, name="guideline_new"),
    path(
        "guidelines/<str:name>/<int:version>/",
        guidelines.guideline_detail,
        name="guideline_detail",
    ),
    path("ratings/load/", ratings_upload.RatingsUpload.as_view(), name="ratings_upload"),
    path("people/", people.people, name="people"),
    *urls_audit.urlpatterns,
    *urls_norming.urlpatterns,
    *urls_people.urlpatterns,
    *urls_privacy.urlpatterns,
    *urls_quality.urlpatterns,
]
