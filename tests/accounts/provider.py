"""A small OpenID provider on this machine: real HTTP, tokens signed with a key of its own."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "nikash", "provider-secret"


class Provider:
    """`claims` go into the token over the right ones; `asked` is what reached its doors."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with = self.key
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.shown: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(provider.get(urlsplit(self.path).path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = {name: values[0] for name, values in parse_qs(body).items()}
                self._answer(provider.post(urlsplit(self.path).path, fields))

            def _answer(self, answer: tuple[int, dict[str, Any]]) -> None:
                status, body = answer
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def approve(self, address: str, subject: str = "u-1") -> dict[str, str]:
        """The person signed in there: what the provider sends back in the address."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**query, "sub": subject}
        return {"code": code, "state": query["state"]}

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**public, "kid": "k1", "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return 200, self.shown
        return 404, {}

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append((path, fields))
        known = self.codes.pop(fields.get("code", ""), None)
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_right = known and (
            fields.get("client_secret") == SECRET
            and known["code_challenge"] == challenge
            and known["redirect_uri"] == fields["redirect_uri"]
        )
        if path != "/token" or not known or not is_right:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": known["sub"],
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": known["nonce"],
            "preferred_username": "asha",
            "email": "bob@example.org",
            **self.claims,
        }
        self.shown = {"sub": known["sub"], **self.userinfo}
        token = jwt.encode(claims, self.signs_with, algorithm="RS256", headers={"kid": "k1"})
        return 200, {"access_token": "a-token", "id_token": token, "token_type": "Bearer"}
