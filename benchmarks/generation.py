"""Time a base and its adapters on one copy of the weights, and see what memory adapters take.

    python -m benchmarks.generation [--questions 150] [--adapters 2] [--checkpoint FOLDER]
        [--json FILE]

Three ways to the same greedy texts, which are compared: `generate` on one prompt at a time (plain
transformers and peft), batches of one adapter after another, and mixed batches; all in this
process, with the same number of threads, the best of three, once warm. Peak memory with one adapter
and with eight is of processes of their own, beyond what the libraries take; the model for it is
drawn at random, large enough to be told from noise. Where there is a GPU the same runs there, and
vLLM too where it is installed. Read the ratios: seconds belong to the machine, and on a busy one
the CPU's tell more than the clock's.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.recording import Record
from benchmarks.report import django_in

MODELS = Path(__file__).resolve().parents[1] / "fixtures" / "models"
TOKENS = 40
ADAPTERS = ("lora-sentences", "lora-culture")
REPEATS = 3
ONE, MIXED = "one prompt at a time", "mixed batches"
Texts = list[list[str]]  # of each system, in the order of the prompts


class Took(NamedTuple):
    """Seconds; the CPU's do not hang on who else uses the machine."""

    cpu: float
    clock: float

    @property
    def computing(self) -> float:
        import torch

        return self.clock if torch.cuda.is_available() else self.cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--adapters", type=int, default=2)
    parser.add_argument("--checkpoint", type=Path, help="a base with tokeniser; its own adapters")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--memory-of", type=int, metavar="N", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        django_in(folder)
        if given.memory_of is not None:
            print(_peak(given.folder, given.memory_of))
            return
        record = Record("Generation with adapters", "python -m benchmarks.generation")
        try:
            _speed(given, Path(folder), record)
            _memory(Path(folder), record)
        finally:
            record.write(given.json)


def _speed(given: Any, folder: Path, record: Record) -> None:
    import torch

    base = given.checkpoint or MODELS / "base"
    adapters = (
        _random_adapters(base, folder, given.adapters)
        if given.checkpoint
        else [MODELS / name for name in ADAPTERS[: given.adapters]]
    )
    prompts = _prompts(given.questions)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    told = (
        f"{base.name} and {len(adapters)} adapters, {len(prompts)} prompts each, {device}, "
        f"{torch.get_num_threads()} thread(s)"
    )
    print(told)
    record.notes.append(told)
    ways: dict[str, Callable[[], Texts]] = {
        ONE: _one_at_a_time(base, adapters, prompts),
        "one adapter after another": _by_backend(base, adapters, prompts, mixed=False),
        MIXED: _by_backend(base, adapters, prompts, mixed=True),
    }
    if device == "cuda" and importlib.util.find_spec("vllm"):
        ways["vLLM"] = _by_vllm(base, adapters, prompts)
    _compare(ways, base, record)


def _compare(ways: dict[str, Callable[[], Texts]], base: Path, record: Record) -> None:
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    of_demo = base == MODELS / "base"
    took: dict[str, Took] = {}
    usual: dict[str, float] = {}  # median of what counts
    first: Texts | None = None
    for name, way in ways.items():
        way()  # loads and warms up
        runs = [_timed(way) for _ in range(REPEATS)]
        took[name], texts = min(runs)
        samples = [run.computing for run, _ in runs]
        usual[name] = statistics.median(samples)
        record.add(
            name, samples, "s" if torch.cuda.is_available() else "CPU s",
            ratio=None if name == ONE else usual[ONE] / usual[name],
            against="" if name == ONE else ONE,
        )  # fmt: skip
        first = first or texts
        times = [slow / fast for slow, fast in zip(took[ONE], took[name], strict=True)]
        n_tokens = sum(len(tokenizer(text)["input_ids"]) for part in texts for text in part)
        same = sum(
            a == b for x, y in zip(first, texts, strict=True) for a, b in zip(x, y, strict=True)
        )
        print(
            f"  {name:<26} CPU {took[name].cpu:7.2f} s {times[0]:6.1f} x"
            f"  clock {took[name].clock:7.2f} s {times[1]:6.1f} x"
            f"  {n_tokens / took[name].clock:7.0f} tokens/s"
            f"  {same} of {sum(map(len, texts))} texts alike"
        )
        if of_demo and name != "vLLM":
            assert texts == first, f"{name} does not write the same texts"
    if of_demo:
        assert took[ONE].computing / took[MIXED].computing >= 10, (
            "mixed batches are not ten times as fast as one prompt at a time"
        )


def _timed(way: Callable[[], Texts]) -> tuple[Took, Texts]:
    cpu, clock = time.process_time(), time.perf_counter()
    texts = way()
    return Took(time.process_time() - cpu, time.perf_counter() - clock), texts


def _prompts(n: int) -> list[str]:
    from models_app.demo.data import PROMPT, rows

    questions = [row["source"] for row in rows("questions/mr150.jsonl")]
    return [PROMPT.replace("{source}", questions[k % len(questions)]) for k in range(n)]


def _one_at_a_time(
    base: Path, adapters: Sequence[Path], prompts: Sequence[str]
) -> Callable[[], Texts]:
    """As the libraries' own pages have it."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    cuda = torch.cuda.is_available()
    tokenizer = AutoTokenizer.from_pretrained(base)
    plain = AutoModelForCausalLM.from_pretrained(base, dtype="auto" if cuda else torch.float32)
    model = PeftModel.from_pretrained(plain, adapters[0], adapter_name="0")
    for n, folder in enumerate(adapters[1:], 1):
        model.load_adapter(folder, adapter_name=str(n))
    model.to("cuda" if cuda else "cpu").eval()

    def answer(prompt: str) -> str:
        inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
        inputs.pop("token_type_ids", None)
        with torch.inference_mode():
            ids = model.generate(**inputs, max_new_tokens=TOKENS, do_sample=False)
        new = ids[0, inputs["input_ids"].shape[1] :]
        return str(tokenizer.decode(new, skip_special_tokens=True)).strip()

    def way() -> Texts:
        with model.disable_adapter():
            texts = [[answer(prompt) for prompt in prompts]]
        for n in range(len(adapters)):
            model.set_adapter(str(n))
            texts.append([answer(prompt) for prompt in prompts])
        return texts

    return way


def _producers(base: Path, adapters: Sequence[Path]) -> list[Any]:
    from models_app.backends.base import Producer, Weights

    decoding = {"max_new_tokens": TOKENS}
    put = [None, *[Weights(str(folder)) for folder in adapters]]
    return [Producer(str(x), Weights(str(base)), adapter=x, decoding=decoding) for x in put]


def _by_backend(
    base: Path, adapters: Sequence[Path], prompts: Sequence[str], *, mixed: bool
) -> Callable[[], Texts]:
    from models_app.backends.base import Request
    from models_app.backends.huggingface import HuggingFace

    producers = _producers(base, adapters)
    n = len(producers)

    def together() -> Texts:
        requests = [Request(place, prompt) for prompt in prompts for place in range(n)]
        answers = HuggingFace(producers).generate(requests)
        return [[answer.text for answer in answers[place::n]] for place in range(n)]

    def after_another() -> Texts:
        backend = HuggingFace(producers)
        return [
            [a.text for a in backend.generate([Request(place, prompt) for prompt in prompts])]
            for place in range(n)
        ]

    return together if mixed else after_another


def _by_vllm(base: Path, adapters: Sequence[Path], prompts: Sequence[str]) -> Callable[[], Texts]:
    import vllm
    from vllm.lora.request import LoRARequest

    model = vllm.LLM(str(base), enable_lora=True, max_loras=max(1, len(adapters)))
    settings = vllm.SamplingParams(temperature=0, max_tokens=TOKENS)
    loras = [None, *[LoRARequest(x.name, n, str(x)) for n, x in enumerate(adapters, 1)]]

    def way() -> Texts:
        asked = [prompt for _ in loras for prompt in prompts]
        by = [lora for lora in loras for _ in prompts]
        found = [
            o.outputs[0].text.strip() for o in model.generate(asked, settings, lora_request=by)
        ]
        return [found[k : k + len(prompts)] for k in range(0, len(found), len(prompts))]

    return way


def _memory(folder: Path, record: Record) -> None:
    """Peak memory of two processes, with one adapter and with eight."""
    base = _random_base(folder / "base")
    _random_adapters(base, folder, 8)
    peaks = {}
    for n in (1, 8):
        command = [sys.executable, "-m", __spec__.name, "--memory-of", str(n), "--folder", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peaks[n] = json.loads(done.stdout.splitlines()[-1])
        print(f"  {n} adapter(s): {peaks[n]:7.0f} MB at most, beyond the libraries")
    ratio = peaks[8] / peaks[1]
    record.add("peak memory with one adapter", [peaks[1]], "MB")
    record.add(
        "peak memory with eight adapters", [peaks[8]], "MB",
        ratio=8 / ratio, against="a copy of everything for each",
    )  # fmt: skip
    print(f"  eight take {ratio:.2f} times the memory of one")
    assert ratio < 1.3, "eight adapters take more than 1.3 times the memory of one"


def _peak(folder: Path, n: int) -> float:
    """MB at most in this process, on the GPU where there is one, while n adapters answer."""
    import peft  # noqa: F401 - the libraries' own memory is not counted
    import torch
    import transformers

    from models_app.backends.base import Request
    from models_app.backends.huggingface import HuggingFace

    _ = transformers.AutoModelForCausalLM, transformers.AutoTokenizer
    before = _memory_now("VmRSS")
    adapters = [folder / f"adapter{k}" for k in range(n)]
    backend = HuggingFace(_producers(folder / "base", adapters))
    prompts = _prompts(18)
    backend.generate([Request(k % (n + 1), prompt) for k, prompt in enumerate(prompts)])
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated() / 1e6)
    return _memory_now("VmHWM") - before


def _memory_now(field: str) -> float:
    """MB of this process by Linux; VmHWM is the most so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def _random_base(folder: Path) -> Path:
    """The demo's architecture at 76 million parameters, with its tokeniser."""
    import torch
    from transformers import AutoTokenizer, Gemma3ForCausalLM, Gemma3TextConfig

    tokenizer = AutoTokenizer.from_pretrained(MODELS / "base")
    torch.manual_seed(1)
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer), hidden_size=768, intermediate_size=3072, num_hidden_layers=8,
        num_attention_heads=8, num_key_value_heads=2, head_dim=96, max_position_embeddings=256,
        sliding_window=256, pad_token_id=0, eos_token_id=1, bos_token_id=2,
    )  # fmt: skip
    Gemma3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _random_adapters(base: Path, folder: Path, n: int) -> list[Path]:
    """LoRA of rank 8 on every linear layer, with weights that change the answers."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(2)
    config = LoraConfig(
        r=8, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False
    )
    names = [f"adapter{k}" for k in range(n)]
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config, names[0])
    for name in names[1:]:
        model.add_adapter(name, config)
    model.save_pretrained(folder)  # each in a folder of its name
    return [folder / name for name in names]


if __name__ == "__main__":
    main()
