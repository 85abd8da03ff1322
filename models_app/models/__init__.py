from models_app.models.checkpoint import Adapter, Checkpoint
from models_app.models.dataset import Dataset, Segment
from models_app.models.generation import GenerationRun, Output
from models_app.models.job import Job, JobQuerySet
from models_app.models.system import PromptTemplate, System

__all__ = [
    "Adapter",
    "Checkpoint",
    "Dataset",
    "GenerationRun",
    "Job",
    "JobQuerySet",
    "Output",
    "PromptTemplate",
    "Segment",
    "System",
]
