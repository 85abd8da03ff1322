"""The playground: asking within limits, answers as they come, blind votes and their sum."""

from collections.abc import Iterator

import pytest

from common.errors import BadInput, Conflict, NikashError
from config.celery import app
from config.processes import playground_worker, worker
from metrics.statistics.bradley_terry import bradley_terry
from metrics.statistics.intervals import proportion_interval
from models_app import tasks
from models_app.backends.base import Piece, Turn
from models_app.backends.echo import Echo
from models_app.checkpoints import register_system
from models_app.jobs import request_cancel, run_inline
from models_app.models import PlaygroundRequest, PlaygroundVote, PromptTemplate
from models_app.playground import answering, limits, votes
from models_app.playground.asking import Full, ask
from models_app.playground.showing import give_up_waiting, seen
from models_app.prompting import registered_template
from models_app.prompts.base import Asked
from models_app.prompts.gemma import Gemma
from tests.people import alice, charlie, small_dataset, small_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def echo():
    return register_system(name="plain", backend="echo")


@pytest.fixture
def asking():
    template = PromptTemplate.objects.create(name="Q", text="Q: {source} A:")
    return register_system(name="secret-lora", backend="echo", template=template)


def done(**given):
    return run_inline(ask(user=given.pop("user", None) or alice(), **given))


def texts(request):
    return {item.system.name: item.text for item in request.answers.select_related("system")}


def test_each_system_answers_in_its_own_prompt(echo, asking):
    request = done(systems=[echo, asking], text="one two")
    assert request.state == "done"
    assert texts(request) == {"plain": "two one", "secret-lora": "A: two one Q:"}
    found = seen(request)
    assert [a["system"] for a in found["answers"]] == ["plain", "secret-lora"]
    assert found["answers"][1]["prompt"] == "Q: one two A:"
    assert not found["can_vote"]


def test_raw_is_without_the_prompt(echo, asking):
    assert texts(done(systems=[asking], text="one two", raw=True)) == {"secret-lora": "two one"}


def test_a_chat_goes_on_with_what_was_said(echo, asking):
    first = done(systems=[asking, echo], text="one two", mode="chat")
    second = done(text="three", follows=first)
    item = second.answers.get(system=asking)
    assert item.prompt == "Q: one two A:A: two one Q:\n\nQ: three A:"
    assert answering.turns_before(second, echo.pk) == (Turn("one two", "two one"),)
    assert second.answers.get(system=echo).prompt == "one twotwo one\n\nthree"


def test_a_registered_prompt_writes_turns_as_in_training():
    text = Gemma().conversation([(Asked("a"), "b")], Asked("c"))
    turn = "<start_of_turn>{}\n{}<end_of_turn>\n"
    assert text == turn.format("user", "a") + turn.format("model", "b") + (
        turn.format("user", "c") + "<start_of_turn>model\n"
    )


def test_a_chat_has_an_end(echo, monkeypatch):
    monkeypatch.setattr(limits, "MOST_TURNS", 2)
    first = done(systems=[echo], text="one", mode="chat")
    second = done(text="two", follows=first)
    with pytest.raises(BadInput, match="2 turns at most"):
        ask(user=alice(), text="three", follows=second)
    with pytest.raises(BadInput, match="is no finished turn of a chat"):
        ask(user=alice(), text="no", follows=done(systems=[echo], text="one"))


def test_languages_are_told_in_words_or_by_codes(echo):
    nllb = register_system(
        name="nllb", backend="echo", template=registered_template("nllb"),
        decoding={"src_lang": "en", "tgt_lang": "mr"},
    )  # fmt: skip
    languages = {"source_lang": "en", "target_lang": "mr-IN"}
    request = done(systems=[echo, nllb], text="a dog", mode="translate", **languages)
    prompts = {item.system.name: item.prompt for item in request.answers.all()}
    assert prompts == {"nllb": "a dog", "plain": "Translate from English to Marathi:\n\na dog"}
    assert request.target_lang == "mr"
    settings = answering.wording.settings_of(nllb, request, translates=True)
    assert (settings["src_lang"], settings["tgt_lang"]) == ("eng_Latn", "mar_Deva")


def test_stacked_answers_first_and_translates_then(echo, asking):
    request = done(
        systems=[asking], text="one two", mode="stacked", translator=echo,
        source_lang="en", target_lang="mr",
    )  # fmt: skip
    item = request.answers.get()
    assert item.text == "A: two one Q:"
    assert item.translation == "Q: one two A: Marathi: to English from Translate"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": " "}, "the text is empty"),
        ({"text": "x" * 8001}, "8001 characters; write 8000 at most"),
        ({"text": "a\0b"}, "NUL character"),
        ({"mode": "sing"}, "no mode 'sing'; write one of prompt, chat, translate, stacked"),
        ({"mode": "translate", "source_lang": "mr"}, "target_lang is empty"),
        ({"source_lang": "klingon"}, "the language 'klingon' is not in the registry"),
        ({"mode": "stacked", "source_lang": "mr", "target_lang": "en"}, "needs a translator"),
        ({"systems": []}, "choose 1 to 4 different systems"),
        ({"blind": True}, "there must be two systems at least"),
        ({"decoding": {"max_new_tokens": 513}}, "write a whole number from 1 to 512"),
        ({"decoding": {"temperature": 3}}, "write a number from 0"),
        ({"decoding": {"num_beams": 3}}, "no decoding setting 'num_beams' here"),
    ],
)
def test_what_cannot_be_asked_is_refused(echo, wrong, sentence):
    given = {"systems": [echo], "text": "one", **wrong}
    with pytest.raises(BadInput, match=sentence):
        ask(user=alice(), **given)
    assert not PlaygroundRequest.objects.exists()


def test_systems_that_were_imported_do_not_answer():
    imported = small_system("google", small_dataset())
    with pytest.raises(BadInput, match="'google' does not generate here"):
        ask(user=alice(), systems=[imported], text="one")


def test_a_person_has_one_open_request_and_the_site_a_few(echo, monkeypatch):
    ask(user=alice(), systems=[echo], text="one")
    with pytest.raises(Conflict, match="your last request is not finished"):
        ask(user=alice(), systems=[echo], text="two")
    monkeypatch.setenv("NIKASH_PLAYGROUND_WAITING", "1")
    with pytest.raises(Full, match="many people are asking"):
        ask(user=charlie(), systems=[echo], text="two")
    monkeypatch.setenv("NIKASH_PLAYGROUND_WAITING", "many")
    with pytest.raises(BadInput, match="NIKASH_PLAYGROUND_WAITING is 'many'"):
        ask(user=charlie(), systems=[echo], text="two")


def test_its_tasks_go_to_a_worker_of_their_own():
    route = app.amqp.router.route
    assert route({}, tasks.playground.name)["queue"].name == limits.QUEUE
    assert route({}, tasks.generation.name)["queue"].name == "generation"

    def queues(command):
        return command[command.index("--queues") + 1].split(",")

    assert limits.QUEUE in queues(playground_worker())
    assert limits.QUEUE not in queues(worker())


def slowly(self: Echo, requests: list) -> Iterator[Piece]:
    for n in range(100):
        yield Piece(0, f"{n} ", n + 1)


def test_time_runs_out(echo, monkeypatch):
    monkeypatch.setattr(Echo, "stream", slowly)
    monkeypatch.setattr(answering, "most_seconds", lambda: 0)
    item = done(systems=[echo], text="one").answers.get()
    assert (item.text, item.finish_reason) == ("0 ", "time")


def test_a_person_can_stop_it(echo, monkeypatch):
    monkeypatch.setattr(Echo, "stream", slowly)
    monkeypatch.setattr(answering, "WRITE_EVERY", 0)
    monkeypatch.setattr("models_app.jobs.WRITE_EVERY", 0)
    request = ask(user=alice(), systems=[echo], text="one")
    write = answering._Writer.write

    def cancel_then_write(writer):
        PlaygroundRequest.objects.update(cancel_requested=True)
        write(writer)

    monkeypatch.setattr(answering._Writer, "write", cancel_then_write)
    request = run_inline(request)
    assert request.state == "cancelled"
    assert request.answers.get().text == "0 "


def test_one_that_fails_says_why_and_the_others_answer(echo, monkeypatch):
    broken = register_system(name="broken", backend="huggingface", checkpoint=missing())
    request = done(systems=[broken, echo], text="one two", blind=False)
    assert request.state == "done"
    found = {a["system"]: a for a in seen(request)["answers"]}
    assert "no folder" in found["broken"]["error"] and found["plain"]["text"] == "two one"
    alone = done(systems=[broken], text="one two")
    assert alone.state == "failed" and "no folder" in alone.error


def missing():
    from models_app.models import Checkpoint

    return Checkpoint.objects.create(name="gone", location="/gone", architecture="causal")


def test_a_request_nobody_takes_fails_in_the_end(echo, monkeypatch):
    request = ask(user=alice(), systems=[echo], text="one")
    assert give_up_waiting(request).state == "queued"
    monkeypatch.setattr(limits, "NO_WORKER_SECONDS", -1)
    request = give_up_waiting(request)
    assert request.state == "failed" and "No worker takes" in request.error


def test_cancelled_while_it_waits(echo):
    request = ask(user=alice(), systems=[echo], text="one")
    request_cancel(request)
    request.refresh_from_db()
    assert request.state == "cancelled"


def test_blind_hides_everything_that_tells(echo, asking):
    request = done(systems=[echo, asking], text="one", blind=True)
    found = seen(request)
    assert found["can_vote"] and not found["named"]
    assert "secret" not in str(found)
    told = {name for answer in found["answers"] for name in answer}
    assert told.isdisjoint({"prompt", "error", "n_tokens", "seconds"})
    assert {answer["system"] for answer in found["answers"]} == {None}
    votes.cast(request=request, user=alice(), choice="B", note="clearer")
    found = seen(request)
    assert found["named"] and not found["can_vote"]
    assert found["vote"] == {"verdict": "best", "best": "B", "note": "clearer"}
    assert {a["system"] for a in found["answers"]} == {"plain", "secret-lora"}


def test_the_order_is_mixed_and_stays_in_a_chat(echo, asking):
    first = set()
    for _ in range(30):
        request = done(systems=[echo, asking], text="one", blind=True, mode="chat")
        first.add(request.answers.first().system.name)
    assert first == {"plain", "secret-lora"}
    after = done(text="two", follows=request)
    assert after.blind and list(texts(after)) == list(texts(request))


def test_a_vote_is_cast_once_and_only_where_it_counts(echo, asking):
    seen_one = done(systems=[echo, asking], text="one")
    with pytest.raises(Conflict, match="only finished blind ones"):
        votes.cast(request=seen_one, user=alice(), choice="A")
    request = done(systems=[echo, asking], text="one", blind=True)
    with pytest.raises(BadInput, match="'C' is no vote; write one of A, B, tie, both_bad"):
        votes.cast(request=request, user=alice(), choice="C")
    votes.cast(request=request, user=alice(), choice="tie")
    with pytest.raises(Conflict, match="has its vote already"):
        votes.cast(request=request, user=alice(), choice="A")
    assert PlaygroundVote.objects.count() == 1


def vote_for(systems, choice):
    request = done(systems=systems, text="one", blind=True)
    if not isinstance(choice, str):
        choice = request.answers.get(system=choice).letter
    votes.cast(request=request, user=alice(), choice=choice)


def test_votes_add_up(echo, asking):
    third = register_system(name="third", backend="echo")
    for choice in (echo, echo, asking, "tie", "both_bad"):
        vote_for([echo, asking], choice)
    vote_for([echo, asking, third], third)
    rows = {row.system: row for row in votes.standings()}
    plain = rows["plain"]
    assert (plain.wins, plain.losses, plain.ties, plain.both_bad, plain.n) == (2, 2, 1, 1, 6)
    assert (rows["third"].wins, rows["third"].losses) == (2, 0)
    assert votes.standings()[0].system == "third"
    assert (plain.share, plain.low, plain.high) == pytest.approx(proportion_interval(2, 4))
    assert votes.wilson(0, 0)[0] != votes.wilson(0, 0)[0]


def test_the_export_feeds_bradley_terry(echo, asking):
    for choice in (echo, echo, asking, "tie"):
        vote_for([echo, asking], choice)
    rows = [dict(zip(votes.HEADER, row, strict=True)) for row in votes.rows()]
    chosen = [row.get(f"system_{row['verdict']}", "tie") for row in rows]
    assert sorted(chosen) == ["plain", "plain", "secret-lora", "tie"]
    assert {row["rater"] for row in rows} == {f"person-{alice().pk}"}
    assert all(row["output_a"] in ("one", "A: one Q:") for row in rows)
    won = {"a": 1, "b": -1, "tie": 0}
    fitted = bradley_terry(
        [row["system_a"] for row in rows],
        [row["system_b"] for row in rows],
        [won[row["verdict"]] for row in rows],
    )
    assert [s.system for s in fitted.systems] == ["plain", "secret-lora"]


def test_old_requests_without_a_vote_are_forgotten(echo, asking, monkeypatch):
    vote_for([echo, asking], "tie")
    done(systems=[echo], text="one")
    monkeypatch.setattr(limits, "KEEP_DAYS", -1)
    ask(user=alice(), systems=[echo], text="two")
    assert sorted(PlaygroundRequest.objects.values_list("text", "blind")) == [
        ("one", True),
        ("two", False),
    ]


def test_settings_of_a_person_go_over_those_of_the_system():
    system = register_system(
        name="e", backend="echo", decoding={"max_new_tokens": 2000, "temperature": 0.3, "seed": 1}
    )
    request = PlaygroundRequest(decoding={"temperature": 0, "seed": 5, "top_p": 0.5})
    found = answering.wording.settings_of(system, request, translates=False)
    assert found == {"max_new_tokens": 512, "seed": 5, "do_sample": False}
    request.decoding = {"temperature": 0.9, "top_p": 0.5}
    found = answering.wording.settings_of(system, request, translates=False)
    assert found["do_sample"] and (found["temperature"], found["top_p"]) == (0.9, 0.5)


def test_an_accident_of_a_backend_is_told(echo, monkeypatch):
    def fail(self: Echo, requests: list) -> Iterator[Piece]:
        raise NikashError("the server is down")
        yield

    monkeypatch.setattr(Echo, "stream", fail)
    request = done(systems=[echo], text="one")
    assert (request.state, request.error) == ("failed", "the server is down")
