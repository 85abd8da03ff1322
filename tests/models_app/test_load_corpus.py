"""Loading what models are trained on: every kind of file, the card, and what is refused."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from common.errors import BadInput, NikashError
from common.tables import BadTable
from models_app.loading.common import Loaded
from models_app.loading.corpus import Card, load_corpus
from models_app.loading.pairs import LinePairs, examples_in
from models_app.models import Corpus, Example
from tests import files

pytestmark = pytest.mark.django_db
PAIRS = Card("pairs", "parallel", "en", "ga", "CC-BY-NC-SA-4.0", "made up here", "native")
ASKED = Card("asked", "instruction", "mr", "mr", "CC-BY-NC-4.0", "Alpaca", "machine", "NLLB-200")
NEWS = Card("news", "summary", "mr", "mr", "CC-BY-NC-SA-4.0", "made up here", "native")


def load(data: bytes | str, card: Card = PAIRS, file: str = "a.csv", **options: Any) -> Loaded:
    raw = data.encode() if isinstance(data, str) else data
    return load_corpus(examples_in(io.BytesIO(raw), file), card, **options)


def changed(card: Card, **fields: Any) -> Card:
    return Card(**(vars(card) | fields))


def stored() -> list[tuple[Any, ...]]:
    return list(Example.objects.values_list("key", "split", "instruction", "input", "output"))


def refused(data: bytes | str, card: Card = PAIRS, file: str = "a.csv") -> str:
    n = Example.objects.count()
    with pytest.raises(NikashError) as caught:
        load(data, card, file)
    assert Example.objects.count() == n
    return str(caught.value)


def test_instructions_are_kept_with_and_without_input() -> None:
    data = "instruction,input,output,topic\nसांगा,पुणे,शहर,भूगोल\nनमस्कार म्हणा,,नमस्कार,\n"
    assert str(load(data, ASKED)) == "2 rows: 2 new, 0 already there."
    assert stored() == [("2", "", "सांगा", "पुणे", "शहर"), ("3", "", "नमस्कार म्हणा", "", "नमस्कार")]
    assert Example.objects.first().extra == {"topic": "भूगोल"}
    assert [e.asked for e in Example.objects.all()] == ["सांगा\nपुणे", "नमस्कार म्हणा"]


def test_documents_and_summaries_take_the_columns_of_xlsum() -> None:
    row = {"key": "n1", "url": "u", "title": "t", "text": "मजकूर " * 5000, "summary": "सार"}
    load(json.dumps(row), NEWS, "a.jsonl")
    example = Example.objects.get()
    assert (example.key, example.output, len(example.input)) == ("n1", "सार", 30_000)
    assert example.extra == {"url": "u", "title": "t"}


NESTED = [
    {"translation": {"en": "The dog ran.", "ga": "Rith an madra."}},
    {"translation": {"ga": "Tá sé fuar.", "en": "It is cold."}},
]


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.json", "\n".join(map(json.dumps, NESTED))),
        ("a.jsonl", "\n".join(map(json.dumps, NESTED))),
        ("a.json", json.dumps(NESTED, indent=1)),
        ("a.json", json.dumps({"data": NESTED})),
        ("a.csv", "source,target\nThe dog ran.,Rith an madra.\nIt is cold.,Tá sé fuar.\n"),
        ("a.tsv", "target\tsource\nRith an madra.\tThe dog ran.\nTá sé fuar.\tIt is cold.\n"),
    ],
)
def test_pairs_come_as_tables_and_as_nested_json(file: str, data: str) -> None:
    load(data, file=file)
    assert [row[3:] for row in stored()] == [
        ("The dog ran.", "Rith an madra."),
        ("It is cold.", "Tá sé fuar."),
    ]


def write(path: Path, text: str) -> Path:
    packed = path.suffix == ".gz"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_two_plain_texts_are_pairs_line_by_line(tmp_path: Path, ending: str) -> None:
    source = write(tmp_path / f"train.en{ending}", "One\u2028still one\r\nTwo\n")
    target = write(tmp_path / f"train.ga{ending}", "A haon\nA dó")
    load_corpus(LinePairs(source, target), PAIRS, split="train")
    assert stored() == [
        ("train-1", "train", "", "One\u2028still one", "A haon"),
        ("train-2", "train", "", "Two", "A dó"),
    ]


def test_two_plain_texts_of_different_length_are_refused(tmp_path: Path) -> None:
    pairs = LinePairs(write(tmp_path / "a.en", "1\n2\n3\n"), write(tmp_path / "a.ga", "1\n2\n"))
    with pytest.raises(BadInput, match=r"row 3: a\.ga ends here and the other goes on"):
        load_corpus(pairs, PAIRS)
    empty = write(tmp_path / "empty", "")
    with pytest.raises(BadInput, match="the files are empty"):
        load_corpus(LinePairs(empty, empty), PAIRS)
    with pytest.raises(BadInput, match=r"a\.ga: cannot be read"):
        load_corpus(LinePairs(tmp_path / "a.en", tmp_path / "none" / "a.ga"), PAIRS)
    latin = tmp_path / "latin"
    latin.write_bytes(b"ok\ncaf\xe9\n")
    with pytest.raises(BadInput, match="latin, row 2: not UTF-8 text"):
        load_corpus(LinePairs(latin, tmp_path / "a.ga"), PAIRS)
    assert not Corpus.objects.exists()


def test_every_bad_row_is_named() -> None:
    data = "source,target,split,key\na,,,\n ,b,,\nc,d,trial,\ne,f,,k\ng,h,,k\n"
    with pytest.raises(BadTable) as caught:
        load(data)
    assert [(bad.row, bad.column, bad.reason) for bad in caught.value.problems] == [
        (2, "target", "is empty; write the text"),
        (3, "source", "is empty; write the text"),
        (4, "split", "'trial' is no split; write train, valid or test"),
        (6, "key", "'k' stands already in row 5; keys must differ"),
    ]
    assert not Corpus.objects.exists()


def test_nested_pairs_in_other_languages_are_named() -> None:
    data = '{"translation": {"en": "a", "mr": "b"}}\n{"translation": "x"}\n{"other": 1}'
    message = refused(data, file="a.json")
    assert "row 1, column translation: has en, mr; it must hold en and ga" in message
    assert "row 2, column translation: has 'x'; it must hold en and ga" in message
    assert "row 3, column source: is missing; write" in message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ('"text"', "must hold a list of objects, and at least one"),
        ("[]", "must hold a list of objects, and at least one"),
        ("[1]", "row 1: not a JSON object; write a list of objects"),
        ("[{", "not JSON"),
        (b"[\xff]", "not UTF-8 text"),
    ],
)
def test_json_that_is_no_list_of_pairs_is_refused(data: bytes | str, reason: str) -> None:
    assert reason in refused(data, file="a.json")


def test_a_list_of_instructions_is_read_and_what_it_lacks_is_told() -> None:
    rows = [{"instruction": "i", "output": "o"}, {"instruction": "i"}]
    assert "row 2: has no output; add it" in refused(json.dumps(rows), ASKED, "a.json")
    load(json.dumps(rows[:1]), ASKED, "a.json")
    assert stored() == [("1", "", "i", "", "o")]


def test_loading_twice_changes_nothing_and_more_is_added() -> None:
    first = "source,target\na,b\nc,d\n"
    load(first)
    corpus = Corpus.objects.get()
    assert str(load(first)) == "2 rows: 0 new, 2 already there."
    assert Corpus.objects.get().content_hash == corpus.content_hash
    load("source,target\ne,f\n", split="valid")
    load("source,target,split,key\ng,h,dev,valid-2b\n", split="test")
    again = Corpus.objects.get()
    assert again.n_examples == 4 and again.content_hash != corpus.content_hash
    assert [row[:2] for row in stored()] == [
        ("2", ""), ("3", ""), ("valid-2", "valid"), ("valid-2b", "valid"),
    ]  # fmt: skip


def test_another_text_under_a_key_is_refused() -> None:
    load("source,target\na,b\n")
    assert "another text is stored for the example '2'" in refused("source,target\na,c\n")
    assert "another text is stored" in refused("source,target,more\na,b,x\n")


def test_the_hash_is_of_the_texts_in_their_order() -> None:
    load("source,target,key\na,b,1\nc,d,2\n")
    load("source,target,key\na,b,x\nc,d,y\n", changed(PAIRS, name="other keys"))
    load("source,target,key\nc,d,1\na,b,2\n", changed(PAIRS, name="other order"))
    hashes = dict(Corpus.objects.values_list("name", "content_hash"))
    assert hashes["pairs"] == hashes["other keys"] != hashes["other order"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"licence": " "},
            "the card has no licence; write it, since adapters trained on the texts",
        ),
        ({"origin": ""}, "the card has no origin"),
        ({"text_origin": "machine"}, "machine-translated: say by what"),
        ({"text_origin": "synthetic"}, "written by a model: say by what"),
        ({"text_origin": "found"}, "'found' cannot be the text_origin"),
        ({"kind": "chat"}, "'chat' cannot be the kind"),
        ({"kind": "summary"}, "documents and summaries are of one language"),
        ({"target_lang": "tlh"}, "the language 'tlh' is not in the registry"),
        ({"name": "a/b"}, "'a/b' cannot be the name"),
    ],
)
def test_a_card_that_says_too_little_is_refused(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        load("source,target\na,b\n", changed(PAIRS, **fields))
    assert reason in str(caught.value)
    assert not Corpus.objects.exists()


def test_a_stored_card_is_not_changed_by_loading_more() -> None:
    load("source,target\na,b\n")
    with pytest.raises(BadInput, match=r"exists with the licence .CC-BY-NC-SA-4\.0."):
        load("source,target\na,b\n", changed(PAIRS, licence="CC0"))


def test_no_corpus_without_a_licence_in_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Corpus.objects.create(name="a", kind="parallel", source_lang="en", target_lang="ga")


def test_a_dry_run_stores_nothing() -> None:
    assert load("source,target\na,b\n", dry_run=True).n_new == 1
    assert not Corpus.objects.exists()


OPTIONS = (
    "--name=c", "--kind=parallel", "--source-lang=en", "--target-lang=ga", "--licence=CC0",
    "--origin=here", "--text-origin=native",
)  # fmt: skip


@pytest.mark.parametrize("case", files.BAD)
def test_a_bad_file_is_a_sentence_and_stores_nothing(case: str, tmp_path: Path) -> None:
    path = files.write_bad(tmp_path, case)
    with pytest.raises(CommandError):
        call_command("load_corpus", str(path), *OPTIONS, "--map=target=output")
    assert not Corpus.objects.exists()


def test_the_command_loads_files_and_pairs_of_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = write(tmp_path / "a.en", "x\n"), write(tmp_path / "a.ga", "y\n")
    call_command("load_corpus", str(a), str(b), *OPTIONS, "--split=test")
    assert "Corpus c: 1 rows: 1 new, 0 already there." in capsys.readouterr().err
    table = write(tmp_path / "a.csv", "en,ga\np,q\n")
    call_command("load_corpus", str(table), *OPTIONS, "--map=source=en", "--map=target=ga")
    assert stored() == [("test-1", "test", "", "x", "y"), ("2", "", "", "p", "q")]
    with pytest.raises(CommandError, match="give one file; or, of parallel texts, two"):
        call_command("load_corpus", "a", "b", "c", *OPTIONS)
    with pytest.raises(CommandError, match="two plain texts have no columns"):
        call_command("load_corpus", str(a), str(b), *OPTIONS, "--map=a=b")
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("load_corpus", str(tmp_path / "none.json"), *OPTIONS)
