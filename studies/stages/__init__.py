"""What a study does, one file each, in this order. Done twice, a stage changes nothing."""

from studies.stages.base import Stage
from studies.stages.campaigns import hold_campaigns
from studies.stages.compositions import compose
from studies.stages.data import load_data, translate_data
from studies.stages.generation import generate
from studies.stages.harness import run_benchmarks
from studies.stages.scoring import score
from studies.stages.systems import register_made, register_models
from studies.stages.training import train_all

STAGES: tuple[Stage, ...] = (
    Stage("models", register_models),
    Stage("data", load_data),
    Stage("translation", translate_data),
    Stage("training", train_all),
    Stage("composition", compose),
    Stage("systems", register_made),
    Stage("generation", generate),
    Stage("benchmarks", run_benchmarks),
    Stage("scoring", score),
    Stage("campaigns", hold_campaigns),
)
