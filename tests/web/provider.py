"""An OpenID provider on loopback, as small as one can be: discovery, keys, codes, tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "desk-of-us", "s3cret"


class Provider:
    """What the provider says; a test changes `claims`, `described` and `signing` to make it lie."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self.signing: Any = self.key
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.described: dict[str, Any] = {}
        self.leave_out = ""  # a claim, or id_token
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def discovery(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.described,
        }  # fmt: skip

    def authorize(self, location: str) -> tuple[str, str]:
        """Let a person agree: return the code and the state that the browser brings back."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code, asked["state"]

    def token(self, form: dict[str, str], header: str) -> tuple[int, dict[str, Any]]:
        """Give tokens for a code, once, to who began with it."""
        begun = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = (
            begun is not None
            and header == f"Basic {basic}"
            and challenge == begun["code_challenge"]
            and form.get("redirect_uri") == begun["redirect_uri"]
        )
        if not right or begun is None:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "42", "aud": CLIENT, "iat": now, "exp": now + 300,
                  "nonce": begun["nonce"], **self.claims}  # fmt: skip
        claims.pop(self.leave_out, None)
        if self.algorithm == "none":
            parts = [json.dumps({"alg": "none"}), json.dumps(claims)]
            text = ".".join(base64.urlsafe_b64encode(p.encode()).rstrip(b"=").decode()
                            for p in parts) + "."  # fmt: skip
        else:
            header_ = {"alg": self.algorithm, "kid": "one"}
            text = jwt.encode(header_, claims, self.signing, algorithms=[self.algorithm])
        found = {"access_token": "a", "token_type": "Bearer", "id_token": text}
        found.pop(self.leave_out, None)
        return 200, found

    def by_its_public_key(self) -> None:
        """Sign as who takes the public key for a shared secret would."""
        public = json.dumps(self.key.as_dict(private=False)).encode()
        self.signing, self.algorithm = OctKey.import_key(public), "HS256"


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                self.answer(200, made.discovery())
            elif self.path == "/keys":
                self.answer(200, {"keys": [made.key.as_dict(private=False)]})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            made.asked.append(self.path)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {k: v[0] for k, v in parse_qs(text).items()}
            self.answer(*made.token(form, self.headers.get("Authorization", "")))

        def answer(self, status: int, data: dict[str, Any]) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Provider(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
