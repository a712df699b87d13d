"""django-oauth-toolkit as a Django application that lets users tick the scopes that they grant."""

import os
import sys
import tempfile

SITE = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory()
# The tests' server speaks plain HTTP.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

PAGE = '<!doctype html><meta charset="utf-8"><title>Django</title><link rel="icon" href="data:,"><form method="post">{% csrf_token %}'
FIELDS = "{% for field in form.hidden_fields %}{% if field.name != 'scope' %}{{ field }}{% endif %}{% endfor %}"
TEMPLATES = {
    "accounts.html": PAGE + "{% for user in users %}<button name=user value={{ user }} data-testid=account-{{ user }}>{{ user }}</button>{% endfor %}",
    "oauth2_provider/authorize.html": PAGE
    + FIELDS
    + "{% if error %}<p data-testid=error>{{ error.error }}: {{ error.description }}{% endif %}"
    + "{% for scope in scopes %}<label data-testid=consent-{{ scope }}><input type=checkbox name=scope value={{ scope }} checked>{{ scope }}</label>{% endfor %}"
    + "<button data-testid=deny>Cancel</button><button name=allow value=yes data-testid=allow>Authorize</button>",
    "oauth2_provider/logout_confirm.html": PAGE
    + "{{ form }}<button data-testid=stay>Cancel</button><button name=allow value=yes data-testid=leave>Sign out</button>",
}

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

settings.configure(
    SECRET_KEY="for tests",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="__main__",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{FOLDER.name}/db.sqlite3",
            # Nothing of it is needed after a crash.
            "OPTIONS": {"init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "corsheaders",
        "oauth2_provider",
    ],
    # Tables as they are now, which takes a fraction of the time that all steps to them take.
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "sessions": None, "oauth2_provider": None},
    MIDDLEWARE=[
        "corsheaders.middleware.CorsMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)]},
        }
    ],
    CORS_ALLOWED_ORIGINS=[SITE],
    LOGIN_URL="/accounts/",
    # Errors of the server's own, for where a test fails by them.
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"stderr": {"class": "logging.StreamHandler"}},
        "loggers": {"django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
    },
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": pem.decode(),
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "SCOPES": {
            "openid": "Who you are",
            "profile": "Your name",
            "offline_access": "While you are away",
            "read:notes": "Read notes",
            "write:notes": "Write notes",
        },
        "OAUTH2_VALIDATOR_CLASS": "__main__.Validator",
    },
)

import django

django.setup()

from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.auth import get_user_model, login
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.forms import MultipleHiddenInput
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import include, path
from oauth2_provider import urls as toolkit
from oauth2_provider.forms import AllowForm
from oauth2_provider.models import get_application_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.views import AuthorizationView

User = get_user_model()
Application = get_application_model()


class Validator(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self):
        return {"name": lambda request: request.user.get_full_name()}


class Consent(AllowForm):
    """The toolkit's form, with a box for each scope."""

    def clean_scope(self):
        return " ".join(self.data.getlist("scope"))


class Authorize(AuthorizationView):
    form_class = Consent


def accounts(request):
    if request.method == "POST":
        login(request, User.objects.get(username=request.POST["user"]))
        return HttpResponseRedirect(request.GET["next"])
    return render(request, "accounts.html", {"users": ["ada", "grace"]})


urlpatterns = [
    path("accounts/", accounts),
    path("o/authorize/", Authorize.as_view()),
    path("o/", include("oauth2_provider.urls")),
    path("", include((toolkit.metadata_urlpatterns, "root"))),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


call_command("migrate", run_syncdb=True, verbosity=0)
User.objects.create_user("ada", first_name="Ada", last_name="Lovelace")
User.objects.create_user("grace", first_name="Grace", last_name="Hopper")
Application.objects.create(
    client_id="app",
    name="Notes",
    client_type=Application.CLIENT_PUBLIC,
    authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    redirect_uris=f"{SITE}/cb",
    post_logout_redirect_uris=f"{SITE}/app/",
    algorithm=Application.RS256_ALGORITHM,
)
server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}/o", flush=True)
# The tests close the input when they are done, or are gone.
sys.stdin.read()
