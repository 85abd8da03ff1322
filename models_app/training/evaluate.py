"""What is measured on the validation split while a model is trained.

The loss is the mean over all answer tokens, so that its exponential is their perplexity. Task
metrics compare greedily generated answers with the references.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from common.text import words
from models_app.models import Example
from models_app.training.data import IGNORED, Encoder, collator, language_code

TaskMetric = Callable[[Sequence[str], Sequence[str]], float]
TASK_METRICS: dict[str, TaskMetric] = {}


def task_metric(name: str) -> Callable[[TaskMetric], TaskMetric]:
    """Make a function of (answers, references), 0-100, known as `eval_NAME`."""

    def register(function: TaskMetric) -> TaskMetric:
        TASK_METRICS[name] = function
        return function

    return register


@task_metric("chrf")
def chrf(answers: Sequence[str], references: Sequence[str]) -> float:
    """chrF2 of the corpus (sacrebleu)."""
    import sacrebleu

    return float(sacrebleu.corpus_chrf(list(answers), [list(references)]).score)


@task_metric("bleu")
def bleu(answers: Sequence[str], references: Sequence[str]) -> float:
    """BLEU of the corpus (sacrebleu, tokeniser 13a)."""
    import sacrebleu

    return float(sacrebleu.corpus_bleu(list(answers), [list(references)]).score)


@task_metric("ter")
def ter(answers: Sequence[str], references: Sequence[str]) -> float:
    """Translation edit rate of the corpus (sacrebleu); lower is better."""
    import sacrebleu

    return float(sacrebleu.corpus_ter(list(answers), [list(references)]).score)


@task_metric("exact")
def exact(answers: Sequence[str], references: Sequence[str]) -> float:
    """Percent of answers that are their reference, spaces at both ends aside."""
    right = [a.strip() == r.strip() for a, r in zip(answers, references, strict=True)]
    return 100.0 * sum(right) / len(right)


@task_metric("rouge_l")
def rouge_l(answers: Sequence[str], references: Sequence[str]) -> float:
    """Mean F1 of the longest common subsequence of words (Lin, 2004)."""
    scores = [_lcs_f1(words(a), words(r)) for a, r in zip(answers, references, strict=True)]
    return 100.0 * sum(scores) / len(scores)


def _lcs_f1(answer: list[str], reference: list[str]) -> float:
    lengths = [0] * (len(reference) + 1)
    for word in answer:
        before = 0
        for place, other in enumerate(reference, start=1):
            kept = lengths[place]
            lengths[place] = before + 1 if word == other else max(kept, lengths[place - 1])
            before = kept
    common = lengths[-1]
    return 2 * common / (len(answer) + len(reference)) if common else 0.0


class Evaluation:
    """The validation split, encoded once; called with a model, its loss and metrics."""

    def __init__(
        self,
        encoder: Encoder,
        examples: Sequence[Example],
        *,
        metrics: Sequence[str],
        n_generated: int,
        batch_size: int,
    ) -> None:
        self.encoder, self.batch_size, self.metrics = encoder, batch_size, list(metrics)
        self.rows, self.cut = encoder.encode(examples)
        self.asked = list(examples[:n_generated]) if metrics else []

    def __call__(self, model: Any) -> dict[str, float]:
        import torch

        was_training = model.training
        model.eval()
        try:
            with torch.no_grad():
                loss = self._loss(model)
                found = {"eval_loss": loss, "eval_perplexity": math.exp(min(loss, 700.0))}
                if self.metrics:
                    found |= self._scores(self.answers(model, self.asked))
        finally:
            model.train(was_training)
        return found

    def _scores(self, answers: Sequence[str]) -> dict[str, float]:
        references = [example.output for example in self.asked]
        return {f"eval_{name}": TASK_METRICS[name](answers, references) for name in self.metrics}

    def _loss(self, model: Any) -> float:
        """Summed over answer tokens, then divided by how many there are."""
        collate = collator(self.encoder.tokenizer, seq2seq=self.encoder.seq2seq)
        total, n = 0.0, 0
        for batch in _batches(self.rows, self.batch_size):
            inputs = {name: t.to(model.device) for name, t in collate(batch).items()}
            labels = inputs["labels"] if self.encoder.seq2seq else inputs["labels"][:, 1:]
            n_here = int((labels != IGNORED).sum())
            total += float(model(**inputs).loss) * n_here
            n += n_here
        return total / n

    def answers(self, model: Any, examples: Sequence[Example]) -> list[str]:
        """Greedy answers, in the order of the examples."""
        prompts = [self.encoder.shown(example) for example in examples]
        found = [""] * len(prompts)
        for places in self._alike(examples, prompts):
            texts = self._generate(
                model, [prompts[place] for place in places], [examples[place] for place in places]
            )
            for place, text in zip(places, texts, strict=True):
                found[place] = text
        return found

    def _alike(
        self, examples: Sequence[Example], prompts: Sequence[list[int]]
    ) -> Iterator[list[int]]:
        """Batches of places: one target language in each, long prompts beside long ones."""
        groups: dict[str, list[int]] = {}
        for place in sorted(range(len(prompts)), key=lambda place: len(prompts[place])):
            groups.setdefault(examples[place].target_lang, []).append(place)
        for places in groups.values():
            yield from _batches(places, self.batch_size)

    def _generate(self, model: Any, prompts: list[list[int]], examples: list[Example]) -> list[str]:
        import torch

        tokenizer = self.encoder.tokenizer
        ids, mask = _padded(prompts, tokenizer.pad_token_id, left=not self.encoder.seq2seq)
        options: dict[str, Any] = {}
        if hasattr(tokenizer, "tgt_lang"):
            code = language_code(tokenizer, examples[0].target_lang)
            options["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids(code)
        tokens = model.generate(
            input_ids=torch.tensor(ids, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            max_new_tokens=self.encoder.longest_answer(examples),
            do_sample=False,
            num_beams=1,
            use_cache=True,
            pad_token_id=tokenizer.pad_token_id,
            **options,
        )
        if not self.encoder.seq2seq:
            tokens = tokens[:, len(ids[0]) :]
        return [text.strip() for text in tokenizer.batch_decode(tokens, skip_special_tokens=True)]


def _padded(
    rows: list[list[int]], pad: int, *, left: bool
) -> tuple[list[list[int]], list[list[int]]]:
    """Rows of one length, and 1 where they are not padding."""
    width = max(map(len, rows))
    ids, mask = [], []
    for row in rows:
        blank, seen = [pad] * (width - len(row)), [1] * len(row)
        hidden = [0] * len(blank)
        ids.append(blank + row if left else row + blank)
        mask.append(hidden + seen if left else seen + hidden)
    return ids, mask


def _batches(things: Sequence[Any], size: int) -> list[Any]:
    return [things[start : start + size] for start in range(0, len(things), size)]
