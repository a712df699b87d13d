"""Canaille, with its own pages, and all that it knows in memory."""

import datetime
import logging
import socket
import sys
from threading import Thread

import canaille
from canaille.app import models
from werkzeug.serving import WSGIRequestHandler, make_server

SITE = sys.argv[1]
# Its configuration names its address.
listening = socket.create_server(("127.0.0.1", 0))
host = f"127.0.0.1:{listening.getsockname()[1]}"

app = canaille.create_app(
    {
        "SECRET_KEY": "for tests",
        "SERVER_NAME": host,
        "PREFERRED_URL_SCHEME": "http",
        "SESSION_COOKIE_NAME": "canaille",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "HTMX": False},
        # Clients of trusted domains get no consent page.
        "CANAILLE_OIDC": {"TRUSTED_DOMAINS": []},
    }
)
logging.disable(logging.INFO)


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


def client(name, client_id, audience=()):
    one = models.Client(
        client_id=client_id,
        client_name=name,
        client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
        client_uri=SITE,
        redirect_uris=[f"{SITE}/cb"],
        post_logout_redirect_uris=[f"{SITE}/app/"],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        scope=["openid", "profile", "email", "phone", "offline_access", "read:notes", "write:notes"],
        token_endpoint_auth_method="none",
    )
    app.backend.save(one)
    one.audience = [one, *audience]
    app.backend.save(one)
    return one


with app.app_context(), app.backend.session():
    app.backend.save(
        models.User(
            user_name="ada",
            formatted_name="Ada Lovelace",
            given_name="Ada",
            family_name="Lovelace",
            emails=["ada@example.org"],
            phone_numbers=["+44 20 7946 0000"],
            password="correct horse",
        )
    )
    client("Notes", "app")
    client("Notes with an API", "app-with-api", [client("The API", "api")])

server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet, fd=listening.fileno())
Thread(target=server.serve_forever, daemon=True).start()
print(f"http://{host}", flush=True)
# The tests close the input when they are done, or are gone.
sys.stdin.read()
