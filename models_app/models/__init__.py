from models_app.models.benchmark import BenchmarkItem, BenchmarkRun
from models_app.models.checkpoint import Adapter, Checkpoint
from models_app.models.corpus import (
    Corpus,
    CorpusReport,
    CorpusTranslation,
    Example,
    Split,
    Subset,
)
from models_app.models.dataset import Dataset, Segment
from models_app.models.energy import EnergyRecord
from models_app.models.generation import GenerationRun, Output
from models_app.models.job import Job, JobQuerySet
from models_app.models.playground import PlaygroundAnswer, PlaygroundRequest, PlaygroundVote
from models_app.models.system import PromptTemplate, System
from models_app.models.training import Sweep, TrainingPoint, TrainingRun
from models_app.models.upload import Upload

__all__ = [
    "Adapter",
    "BenchmarkItem",
    "BenchmarkRun",
    "Checkpoint",
    "Corpus",
    "CorpusReport",
    "CorpusTranslation",
    "Dataset",
    "EnergyRecord",
    "Example",
    "GenerationRun",
    "Job",
    "JobQuerySet",
    "Output",
    "PlaygroundAnswer",
    "PlaygroundRequest",
    "PlaygroundVote",
    "PromptTemplate",
    "Segment",
    "Split",
    "Subset",
    "Sweep",
    "System",
    "TrainingPoint",
    "TrainingRun",
    "Upload",
]
