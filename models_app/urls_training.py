"""Addresses of training runs."""

from django.urls import path

from models_app.views import training

urlpatterns = [
    path("training/", training.training_list, name="training_list"),
    path("training/new/", training.training_new, name="training_new"),
    path("training/<int:pk>/", training.training_detail, name="training"),
    path("training/<int:pk>/curves/", training.training_curves, name="training_curves"),
    path("training/<int:pk>/cancel/", training.training_cancel, name="training_cancel"),
    path("training/<int:pk>/resume/", training.training_resume, name="training_resume"),
    path("training/<int:pk>/try/", training.training_try, name="training_try"),
    path("training/<int:pk>/publish/", training.training_publish, name="training_publish"),
    path("training/<int:pk>/progress/", training.training_progress, name="training_progress"),
]
