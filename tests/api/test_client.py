"""The client: pages, retries with one key, refusals, waiting."""

import sys
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "client"))
from nikash_client import ApiError, Client, JobFailed
from nikash_client.transport import Transport

JOB = {"id": 1, "kind": "scoring", "name": "bleu", "n_done": 0, "n_total": 2, "message": ""}


def client(answer, **options):
    http = httpx.Client(transport=httpx.MockTransport(answer))
    found = Client("https://here.example", "nik_x", http=http, **options)
    found._transport._sleep = lambda seconds: None
    return found


def test_what_is_lost_is_sent_again_with_the_same_key():
    keys = []

    def answer(request):
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ConnectError("lost", request=request)
        if len(keys) == 2:
            return httpx.Response(503, headers={"Retry-After": "1"})
        return httpx.Response(201, json={"id": 5})

    assert client(answer).ask("POST", "x/", {}) == {"id": 5}
    assert len(keys) == 3 and len(set(keys)) == 1


def test_it_gives_up_at_last():
    def answer(request):
        raise httpx.ConnectError("lost", request=request)

    with pytest.raises(httpx.ConnectError):
        client(answer, retries=1).me()


def test_pages_are_walked_through_on_this_server_only():
    asked = []

    def answer(request):
        asked.append(str(request.url))
        last = "after" in str(request.url)
        following = None if last else "https://elsewhere.example/api/v1/rows/?after=2"
        return httpx.Response(200, json={"next": following, "results": [1, 2]})

    assert list(client(answer).rows("rows/", limit=2)) == [1, 2, 1, 2]
    assert all(url.startswith("https://here.example/api/v1/rows/") for url in asked)


def test_a_refusal_says_what_the_server_said():
    error = {"code": "bad_input", "message": "No.", "fields": {"name": ["No."]}, "request_id": "r"}
    with pytest.raises(ApiError) as caught:
        client(lambda request: httpx.Response(422, json={"error": error})).me()
    assert (caught.value.status, caught.value.fields) == (422, {"name": ["No."]})


def test_an_answer_that_is_not_ours_is_told_too():
    with pytest.raises(ApiError, match="no_answer"):
        client(lambda request: httpx.Response(404, text="<html>")).me()


def test_a_job_is_waited_for():
    states = ["queued", "running", "done", "failed"]

    def answer(request):
        state = states.pop(0)
        finished = state in ("done", "failed")
        return httpx.Response(
            200, json=JOB | {"state": state, "finished": finished, "error": "why"}
        )

    site = client(answer)
    assert site.wait("scoring", 1, every=0).state == "done"
    with pytest.raises(JobFailed, match="failed: why"):
        site.wait("scoring", 1, every=0)


@pytest.mark.parametrize("status", [200, 202])
def test_a_file_is_loaded_whoever_loads_it(status, tmp_path):
    path = tmp_path / "outputs.csv"
    path.write_text("key,output\ns1,a\n")
    loaded = {"dry_run": False, "n_rows": 1, "n_new": 1, "n_unchanged": 0, "notes": ["New."]}
    sent = []

    def answer(request):
        if request.method == "POST":
            sent.append(request.read())
            if len(sent) == 1:
                return httpx.Response(503)
            return httpx.Response(status, json=loaded if status == 200 else JOB)
        if request.url.path.endswith("/jobs/upload/1/"):
            return httpx.Response(200, json=JOB | {"state": "done", "finished": True, "error": ""})
        return httpx.Response(200, json={"loaded": loaded})

    found = client(answer).load("outputs/load/", path, dataset="d", every=0)
    assert (found.n_new, found.notes) == (1, ("New.",))
    assert all(b"s1,a" in body and b'name="dataset"' in body for body in sent)


def test_a_token_is_never_sent_elsewhere():
    sent = Transport("https://here.example/", "nik_x")
    assert sent._url("https://evil.example/api/v1/me/") == "https://here.example/api/v1/me/"
    sent.close()
