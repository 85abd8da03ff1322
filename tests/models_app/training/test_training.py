"""Real training of the demo's models: curves go down, and what is made changes the answers."""

import pytest

from models_app.models import Job
from tests.models_app.training.training import curve, trained

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
pytestmark = [
    pytest.mark.django_db,
    # peft's use of a name that transformers is about to drop.
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]


def test_an_adapter_is_trained_and_its_losses_go_down():
    run = trained(settings={"max_steps": 30, "eval_steps": 10})
    assert (run.state, run.error) == (Job.State.DONE, "")
    loss, eval_loss = curve(run, "loss"), curve(run, "eval_loss")
    assert len(loss) == 30 and len(eval_loss) == 3
    assert sum(loss[-5:]) < sum(loss[:5]) * 0.7
    assert eval_loss == sorted(eval_loss, reverse=True)
