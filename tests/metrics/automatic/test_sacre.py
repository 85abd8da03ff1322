"""BLEU, chrF and TER are sacreBLEU's, to the last bit; and the traps measured with them."""

import hashlib
import unicodedata
from pathlib import Path

import pytest
import sacrebleu

from common.errors import BadInput, NotFound
from metrics.automatic import BLEU, TER, BLEUIntl, ChrF, ChrFPlusPlus, Metric, Pair

HYPOTHESES = [
    "the cat sat on the mat .",
    "मराठी भाषा सुंदर आहे ।",
    "D’fhéach sé ar an mbord",
    "two words",
    "",
]
REFERENCES = [
    ["The cat sat on a mat.", "There is a cat on the mat."],
    ["मराठी भाषा सुंदर आहे।", "मराठी ही सुंदर भाषा आहे।"],
    ["D'fhéach sé ar an mbord", "Bhreathnaigh sé ar an mbord"],
    ["two words", "two other words"],
    ["something", "some thing"],
]
STREAMS = [list(stream) for stream in zip(*REFERENCES, strict=True)]
PAIRS = [Pair("", hyp, refs) for hyp, refs in zip(HYPOTHESES, REFERENCES, strict=True)]


def one(metric: Metric, hypothesis: str, *references: str) -> float:
    """Segment score."""
    return float(metric.segment_scores(metric.statistics([Pair("", hypothesis, references)]))[0])


@pytest.mark.parametrize("tokenize", ["13a", "intl", "char", "none"])
@pytest.mark.parametrize("lowercase", [False, True])
def test_bleu_is_sacrebleu(tokenize: str, lowercase: bool):
    metric = BLEU(tokenize=tokenize, lowercase=lowercase)
    statistics = metric.statistics(PAIRS)
    options = {"tokenize": tokenize, "lowercase": lowercase}
    expected = sacrebleu.corpus_bleu(HYPOTHESES, STREAMS, force=True, **options)
    assert metric.score(statistics) == pytest.approx(expected.score, abs=1e-9)
    sentences = [
        sacrebleu.sentence_bleu(hyp, refs, **options).score
        for hyp, refs in zip(HYPOTHESES, REFERENCES, strict=True)
    ]
    assert metric.segment_scores(statistics) == pytest.approx(sentences, abs=1e-9)


@pytest.mark.parametrize(("kind", "word_order"), [(ChrF, 0), (ChrFPlusPlus, 2)])
@pytest.mark.parametrize("beta", [1, 2, 3])
def test_chrf_is_sacrebleu(kind: type[ChrF], word_order: int, beta: int):
    metric = kind(beta=beta)
    statistics = metric.statistics(PAIRS)
    options = {"word_order": word_order, "beta": beta}
    expected = sacrebleu.corpus_chrf(HYPOTHESES, STREAMS, **options).score
    assert metric.score(statistics) == pytest.approx(expected, abs=1e-9)
    sentences = [
        sacrebleu.sentence_chrf(hyp, refs, **options).score
        for hyp, refs in zip(HYPOTHESES, REFERENCES, strict=True)
    ]
    assert metric.segment_scores(statistics) == pytest.approx(sentences, abs=1e-9)


@pytest.mark.parametrize("option", [{}, {"normalized": True}, {"no_punct": True}])
def test_ter_is_sacrebleu(option: dict[str, bool]):
    metric = TER(**option)
    statistics = metric.statistics(PAIRS)
    expected = sacrebleu.corpus_ter(HYPOTHESES, STREAMS, **option).score
    assert metric.score(statistics) == pytest.approx(expected, abs=1e-9)
    sentences = [
        sacrebleu.sentence_ter(hyp, refs, **option).score
        for hyp, refs in zip(HYPOTHESES, REFERENCES, strict=True)
    ]
    assert metric.segment_scores(statistics) == pytest.approx(sentences, abs=1e-9)


def test_a_varying_number_of_references_is_signed_so():
    metric = BLEU()
    metric.statistics([Pair("", "a b", ("a b",)), Pair("", "a b", ("a b", "a c"))])
    assert metric.signature().startswith("nrefs:var|")


@pytest.mark.parametrize(
    ("metric", "signature"),
    [
        (BLEU(), "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:{}"),
        (BLEU(lowercase=True), "nrefs:2|case:lc|eff:no|tok:13a|smooth:exp|version:{}"),
        (ChrF(), "nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:{}"),
        (ChrFPlusPlus(), "nrefs:2|case:mixed|eff:yes|nc:6|nw:2|space:no|version:{}"),
        (ChrF(beta=3), "nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:{}|beta:3"),
        (TER(), "nrefs:2|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:{}"),
        (BLEU(normalize="nfc"), "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:{}|norm:nfc"),
    ],
)
def test_the_signature_is_sacrebleus_own(metric: Metric, signature: str):
    metric.statistics(PAIRS)
    assert metric.signature() == signature.format(sacrebleu.__version__)


def test_the_segment_signature_of_bleu_says_effective_order():
    assert "|eff:yes|" in BLEU().segment_signature()


def test_a_tokenizer_that_would_download_is_refused():
    with pytest.raises(BadInput, match="no tokenizer called 'flores200'; write one of 13a, intl"):
        BLEU(tokenize="flores200")


def test_a_perfect_sentence_of_two_words_scores_100():
    assert one(BLEU(), "two words", "two words") == pytest.approx(100)


def test_a_space_before_the_danda_matters_to_13a_alone():
    spaced, glued = "मराठी भाषा सुंदर आहे ।", "मराठी भाषा सुंदर आहे।"
    assert one(BLEU(), spaced, glued) == pytest.approx(39.8, abs=0.05)
    assert one(BLEU(tokenize="none"), spaced, glued) == pytest.approx(39.8, abs=0.05)
    assert one(BLEUIntl(), spaced, glued) == pytest.approx(100)
    assert one(BLEU(tokenize="char"), spaced, glued) == pytest.approx(100)
    assert one(ChrF(), spaced, glued) == pytest.approx(100)


def test_a_missing_danda_costs_less_with_intl():
    with_danda, without = "यह एक बहुत अच्छी किताब है।", "यह एक बहुत अच्छी किताब है"
    assert one(BLEU(), without, with_danda) == pytest.approx(75.98, abs=0.01)
    assert one(BLEUIntl(), without, with_danda) == pytest.approx(84.65, abs=0.01)


def test_ter_does_not_know_that_the_danda_is_punctuation():
    with_danda, without = "यह एक बहुत अच्छी किताब है।", "यह एक बहुत अच्छी किताब है"
    assert one(TER(no_punct=True), without, with_danda) == pytest.approx(16.67, abs=0.01)


def test_intl_leaves_a_danda_on_a_digit():
    assert one(BLEUIntl(), "सन २०२४", "सन २०२४।") < 100


def test_nukta_letters_need_nfc_on_both_sides():
    composed = "\u0958लम \u095bमीन पर गिर गई थी"
    decomposed = unicodedata.normalize("NFC", composed)
    assert composed != decomposed
    for kind in (BLEU, ChrF):
        assert one(kind(), composed, decomposed) < 70
        assert one(kind(normalize="nfc"), composed, decomposed) == pytest.approx(100)
    assert one(TER(), composed, decomposed) > 30
    assert one(TER(normalize="nfc"), composed, decomposed) == 0


def test_fada_vowels_need_nfc_on_both_sides():
    composed = "Níl sé ann ar chor ar bith"
    decomposed = unicodedata.normalize("NFD", composed)
    assert one(BLEU(), decomposed, composed) < 100
    assert one(BLEU(normalize="nfc"), decomposed, composed) == pytest.approx(100)


def test_nfc_does_not_unify_the_eyelash_ra_but_folding_does():
    rra, joiner = "दुसऱ्या", "दुसर्\u200dया"
    assert one(ChrF(), joiner, rra) == pytest.approx(25.2, abs=0.05)
    assert one(ChrF(normalize="nfc"), joiner, rra) == pytest.approx(25.2, abs=0.05)
    assert one(ChrF(normalize="marathi"), joiner, rra) == pytest.approx(100)


def test_the_typographic_apostrophe_is_folded_for_irish():
    assert one(BLEU(), "d’fhéach sé", "d'fhéach sé") == pytest.approx(50, abs=0.01)
    assert one(BLEU(normalize="irish"), "d’fhéach sé", "d'fhéach sé") == pytest.approx(100)


def test_char_bleu_counts_code_points_not_what_readers_count():
    length = BLEU(tokenize="char").statistics([Pair("", "क्षत्रिय", ("क्षत्रिय",))])[0, 0]
    assert length == 8  # in three grapheme clusters


def test_chrf_ignores_white_space():
    assert one(ChrF(), "ab cd", "abcd") == pytest.approx(100)


def test_bleu_and_chrf_see_case_and_ter_does_not():
    assert one(BLEU(), "the cat sat here", "The Cat Sat Here") < 100
    assert one(ChrF(), "the cat", "THE CAT") < 100
    assert one(TER(), "the cat", "THE CAT") == 0
    assert one(TER(case_sensitive=True), "the cat", "THE CAT") == 100


def test_an_empty_output_is_worst_but_ter_has_no_ceiling():
    assert one(BLEU(), "", "a b") == 0
    assert one(TER(), "", "a b") == 100
    assert one(TER(), "a b c d e f", "x") == 600
    assert one(TER(), "", "") == 0
    assert one(TER(), "a", "") == 100


def test_ter_is_computed_once_per_text():
    from metrics.automatic.ter import _edits

    TER().statistics(PAIRS)
    before = _edits.cache_info()
    TER().statistics(PAIRS)
    after = _edits.cache_info()
    assert after.misses == before.misses and after.hits == before.hits + len(PAIRS)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SentencePiece model of a few sentences, trained on the spot."""
    trainer = pytest.importorskip("sentencepiece", reason="needs sentencepiece")
    folder = tmp_path_factory.mktemp("pieces")
    lines = [text for refs in REFERENCES for text in refs]
    (folder / "text").write_text("\n".join(lines), encoding="utf-8")
    trainer.SentencePieceTrainer.train(
        input=str(folder / "text"), model_prefix=str(folder / "tiny"), vocab_size=60,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    return folder / "tiny.model"


@pytest.mark.parametrize("name", ["flores200", "spm"])
def test_bleu_over_the_pieces_of_a_local_model(pieces: Path, name: str):
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=str(pieces))

    def cut(text: str) -> str:
        return " ".join(processor.encode(text.rstrip(), out_type=str))

    metric = BLEU(tokenize=name, model=str(pieces))
    statistics = metric.statistics(PAIRS)
    streams = [[cut(text) for text in stream] for stream in STREAMS]
    expected = sacrebleu.corpus_bleu(
        [cut(text) for text in HYPOTHESES], streams, tokenize="none", force=True
    )
    assert metric.score(statistics) == pytest.approx(expected.score, abs=1e-9)
    digest = hashlib.sha256(pieces.read_bytes()).hexdigest()[:12]
    assert f"|tok:{name}|" in metric.signature() and f"|spm:{digest}" in metric.signature()
    assert f"|spm:{digest}" in metric.segment_signature()


def test_a_file_that_is_no_piece_model_is_named(tmp_path: Path):
    pytest.importorskip("sentencepiece", reason="needs sentencepiece")
    with pytest.raises(NotFound, match="no SentencePiece model could be read from"):
        BLEU(tokenize="flores200", model=str(tmp_path / "none.model"))
    (tmp_path / "bad.model").write_bytes(b"no model")
    with pytest.raises(NotFound, match="no SentencePiece model could be read from"):
        BLEU(tokenize="spm", model=str(tmp_path / "bad.model"))
    with pytest.raises(BadInput, match="with a SentencePiece file in the option `model`"):
        BLEU(tokenize="spm")
