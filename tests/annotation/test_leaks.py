"""What would give a system away is found before annotators see it; ordinary text is left alone."""

import json
from pathlib import Path

import pytest

from annotation.giveaways import giveaways
from annotation.leaks import Leak, Text, scan

ROOT = Path(__file__).resolve().parents[2]
SYSTEMS = {"base": ["google/gemma-2-2b"], "lora-culture": ["owner/lora-culture"], "nagpur-x": []}
GOOD = {
    "mr": "महाराष्ट्राची राजधानी मुंबई आहे.",
    "ga": "Tá an dochtúir sa chlinic inniu agus tá sé gnóthach.",
    "en": "The doctor is in the clinic today, and she has the time.",
    "hi": "डॉक्टर आज अस्पताल में हैं और समय है।",
}


def of(text: str, source: str = "", language: str = "mr", system: str = "base") -> list[Leak]:
    return scan({"k": source}, [Text(system, "k", text)], SYSTEMS, language)


def kinds(text: str, source: str = "", language: str = "mr") -> list[tuple[str, str]]:
    return [(leak.severity, leak.kind) for leak in of(text, source, language)]


@pytest.mark.parametrize("language", GOOD)
def test_ordinary_text_is_left_alone(language):
    assert kinds(GOOD[language], "A question?", language) == []


@pytest.mark.parametrize(
    ("file", "field", "language"),
    [
        ("parallel/en_mr.jsonl", "reference", "mr"),
        ("parallel/en_mr.jsonl", "source", "en"),
        ("parallel/en_ga.jsonl", "reference", "ga"),
        ("questions/mr150.jsonl", "sentence", "mr"),
        ("questions/mr150.jsonl", "reference", "mr"),
    ],
)
def test_texts_that_people_wrote_are_left_alone(file, field, language):
    lines = (ROOT / "fixtures" / file).read_text(encoding="utf-8").splitlines()
    outputs = [Text("person", row["key"], row[field]) for row in map(json.loads, lines)]
    assert scan({}, outputs, {"person": []}, language) == []


@pytest.mark.parametrize(
    "text",
    [
        "lora-culture म्हणते: मुंबई आहे.",
        "Gemma: मुंबई",
        "उत्तर google/gemma-2-2b वरून आहे",
        "मी Nagpur-X आहे",
    ],
)
def test_a_systems_name_and_its_parts_are_errors(text):
    assert ("error", "name") in kinds(text)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("ही base आहे.", ""),  # says nothing about who wrote it
        ("उत्तर: Nagpur ला जा, ते मोठे शहर आहे", "Where is Nagpur ?"),  # ordinary in this dataset
        ("GEMMA म्हणजे रत्न असे आहे.", "What does Gemma mean?"),  # the question's own word
        ("Gemmas आणि ownership आहे हे सर्व मोठे शब्द", ""),  # only parts of other words
    ],
)
def test_a_word_that_is_only_a_word_is_no_name(text, source):
    assert "name" not in [kind for _, kind in kinds(text, source)]


@pytest.mark.parametrize(
    "piece",
    [
        "<eos>",
        "</s>",
        "<pad>",
        "<|im_end|>",
        "<|start_header_id|>",
        "<start_of_turn>",
        "[/INST]",
        "<<SYS>>",
        "<extra_id_0>",
        "<0x0A>",
        "### Response",
        "▁",
        "\nAssistant:",
    ],
)
def test_a_piece_of_a_template_is_an_error(piece):
    (leak,) = of(f"मुंबई आहे. {piece} हे उत्तर आहे")
    assert (leak.severity, leak.kind, leak.system, leak.key) == ("error", "template", "base", "k")
    assert piece.strip() in leak.message


def test_byte_level_blanks_are_told_from_the_dotted_g_of_old_irish():
    assert kinds("TáĠsé anseo", language="ga") == [("error", "template")]
    assert kinds("Tá an Ġaeḋilge go hálainn, a ġrá", language="ga") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("As an AI language model, I cannot say what the time is.", "en"),
        ("I’m a large language model and that is the truth.", "en"),
        ("एक एआय मॉडेल म्हणून मला माहीत नाही.", "mr"),
        ("मी एक भाषा मॉडेल आहे.", "mr"),
        ("मैं एक एआई हूँ और मेरे पास उत्तर नहीं है।", "hi"),
        ("Is múnla teanga mé agus níl a fhios agam.", "ga"),
    ],
)
def test_a_text_that_speaks_of_itself_as_a_model_is_an_error(text, language):
    assert kinds(text, language=language) == [("error", "self")]
    assert kinds(text, source=text[:-1], language=language) == []


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("ChatGPT म्हणते की मुंबई आहे", "error"),
        ("OpenAI ने मला बनवले आहे", "error"),
        ("GPT-4 आहे", "error"),
        ("माझे नाव Claude आहे", "warning"),
        ("रास Gemini आहे", "warning"),
        ("हे उत्तर LoRA वापरून लिहिले आहे", "warning"),
    ],
)
def test_models_and_their_makers_are_named(text, severity):
    leaks = scan({}, [Text("x", "k", text)], {"x": []}, "mr")
    assert [(leak.severity, leak.kind) for leak in leaks] == [(severity, "vendor")]


@pytest.mark.parametrize(
    ("text", "language", "severity"),
    [
        ("The capital is Mumbai", "mr", "error"),
        (GOOD["hi"], "mr", "warning"),
        (GOOD["mr"] + " आणि ते शहर मोठे आहे.", "hi-IN", "warning"),
        (GOOD["en"], "ga", "warning"),
        (GOOD["mr"], "ga", "error"),
        (GOOD["ga"], "en", "warning"),
    ],
)
def test_the_wrong_script_and_the_wrong_language_are_found(text, language, severity):
    assert kinds(text, language=language) == [(severity, "language")]


def test_a_language_without_rules_and_a_text_without_letters_have_no_wrong_script():
    assert kinds("Paris", language="xx") == [] and kinds("२०२४") == [] and kinds("42") == []
    assert kinds("मुंबई (Mumbai) आहे") == []


@pytest.mark.parametrize("text", ["", " \n", "\u00a0"])
def test_an_empty_output_is_an_error(text):
    assert kinds(text) == [("error", "empty")]


def test_a_copy_of_the_source_is_told_once():
    assert kinds("The capital  is Mumbai", "the capital is Mumbai") == [("warning", "copy")]
    assert kinds("क़लम आहे", "क\u093cलम आहे") == [("warning", "copy")]


@pytest.mark.parametrize("text", ["तो गेला मग " * 4, "मुंबई आहे. " * 9, "हा" * 40])
def test_a_loop_is_found(text):
    assert kinds(text) == [("warning", "loop")]


def test_a_refrain_is_no_loop():
    assert kinds("तो गेला, ती गेली, मग सर्व मुले गेली आणि शेवटी तो गेला तसा परत आला.") == []


def test_a_lost_character_is_found():
    assert kinds("मुं\ufffdई आहे") == [("warning", "broken")]


def outputs(n: int = 40, **ends: str) -> dict[str, list[str]]:
    return {name: [f"हे उत्तर {i} आहे{end}" for i in range(n)] for name, end in ends.items()}


def test_a_system_that_does_not_finish_its_sentences_gives_itself_away():
    found = list(giveaways(outputs(a=".", b="।", c=" आणि")))
    assert [(kind, name) for kind, name, _ in found] == [("unfinished", "c")]
    assert found[0][2] == "100% of its outputs stop without a full stop; of the other systems', 0%"
    assert list(giveaways(outputs(a=" आणि", b=" आणि"))) == []
    assert list(giveaways(outputs(n=9, a=".", b=" आणि"))) == []


def test_a_system_that_differs_now_and_then_does_not():
    texts = outputs(a=".", b=".")
    texts["b"][:10] = ["मुंबई"] * 10  # 25 points, and chance would not do it either
    assert list(giveaways(texts)) == []


def test_markup_and_quotation_marks_give_a_system_away():
    texts = {**outputs(a=".", b="."), "c": [f"- **मुंबई** {i}." for i in range(20)]}
    assert [(kind, name) for kind, name, _ in giveaways(texts)] == [("markup", "c")]
    texts["c"] = [f"“मुंबई {i}.”" for i in range(20)]
    assert [(kind, name) for kind, name, _ in giveaways(texts)] == [("quoted", "c")]


def test_three_times_the_length_gives_a_system_away():
    texts = {**outputs(a=".", b="."), "c": ["हे लांब उत्तर आहे, " * 5 + "होय."] * 20}
    assert [(kind, name) for kind, name, _ in giveaways(texts)] == [("length", "c")]
    texts["c"] = ["हो."] * 20
    ((kind, name, sentence),) = giveaways(texts)
    assert (kind, name) == ("length", "c") and "much shorter" in sentence
    del texts["b"]
    ((_, name, sentence),) = giveaways(texts)
    assert name == "a" and "much longer" in sentence


def test_findings_about_systems_come_first_and_others_in_order():
    texts = outputs(a=".", b=" आणि")
    texts["a"][3], texts["b"][2] = "", "<eos> आणि"
    leaks = scan(
        {},
        [Text(name, str(i), text) for name, rows in texts.items() for i, text in enumerate(rows)],
        {"a": [], "b": []},
        "mr",
    )
    assert [(leak.kind, leak.system, leak.key) for leak in leaks] == [
        ("unfinished", "b", ""),
        ("empty", "a", "3"),
        ("template", "b", "2"),
    ]
    assert leaks[0].severity == "warning"


def test_nothing_is_found_in_nothing():
    assert scan({}, [], {}, "mr") == []
