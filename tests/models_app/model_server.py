"""A real HTTP server on this machine that speaks OpenAI's protocol, with faults on demand."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = ("base", "lora-a")
KEY = "sk-secret"


def written(model: str, prompt: str) -> str:
    """What the served models answer."""
    return f"{model}: {' '.join(reversed(prompt.split()))}"


class ModelServer(ThreadingHTTPServer):
    """`faults` are used up one by one: (status, headers, body), or the name of an accident."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: list[Any] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.seconds = 0.0
        self.together: threading.Barrier | None = None  # so many wait for each other
        self.now = self.most_at_once = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self.send({"data": [{"id": name, "root": "base"} for name in MODELS]})
        elif self.path == "/version":
            self.send({"version": "0.99"})
        else:
            self.send({"error": {"message": "no such page"}}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked.append(body)
            self.server.keys.append(self.headers.get("Authorization"))
            self.server.now += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.now)
            fault = self.server.faults.pop(0) if self.server.faults else None
        if self.server.together:
            self.server.together.wait(timeout=30)
        time.sleep(self.server.seconds)
        with self.server.lock:
            self.server.now -= 1  # before it is answered: then the next one may come at once
        with suppress(ConnectionError):  # whoever asked may have given up
            self.answer(body, fault)

    def answer(self, body: dict[str, Any], fault: Any) -> None:
        if isinstance(fault, tuple):
            status, headers, said = fault
            self.send(said, status, headers)
        elif body["model"] not in MODELS:
            self.send({"error": {"message": f"The model `{body['model']}` does not exist."}}, 404)
        elif fault == "hang up":
            self.close_connection = True
        elif fault == "not json":
            self.send("<html>busy</html>")
        elif fault == "no text":
            self.send({"choices": []})
        elif body.get("stream"):
            self.stream(body, fault)
        else:
            self.whole(body)

    def text(self, body: dict[str, Any]) -> tuple[list[str], str]:
        prompt = body["prompt"] if "prompt" in body else body["messages"][-1]["content"]
        words = written(body["model"], prompt).split(" ")
        cut = words[: body["max_tokens"]]
        return cut, "length" if len(cut) < len(words) else "stop"

    def whole(self, body: dict[str, Any]) -> None:
        words, reason = self.text(body)
        text = " ".join(words)
        said = {"text": text} if "prompt" in body else {"message": {"content": f" {text}\n"}}
        self.send(
            {
                "choices": [{**said, "finish_reason": reason}],
                "usage": {"completion_tokens": len(words)},
            }
        )

    def stream(self, body: dict[str, Any], fault: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        words, reason = self.text(body)
        for n, word in enumerate(words):
            if fault == "break off" and n == 1:
                return
            piece = word if n == 0 else f" {word}"
            said = {"text": piece} if "prompt" in body else {"delta": {"content": piece}}
            self.event({"choices": [{**said, "finish_reason": None}]})
        last = {"text": ""} if "prompt" in body else {"delta": {}}
        self.event({"choices": [{**last, "finish_reason": reason}]})
        self.event({"choices": [], "usage": {"completion_tokens": len(words)}})
        self.wfile.write(b": a comment\n\ndata: [DONE]\n\n")

    def event(self, data: Any) -> None:
        self.wfile.write(f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode())
        self.wfile.flush()

    def send(self, said: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = (said if isinstance(said, str) else json.dumps(said)).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
