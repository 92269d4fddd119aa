"""Every setting of Undersigned, read from the environment, grouped by concern.

`.env.example` lists what an operator sets. Nothing secret has a default outside DEBUG: a deployment that
forgets a key does not start.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ---------------------------------------------------------------------------------------------- mode and keys
DEBUG = env.bool("DEBUG", default=False)


def _secret(name: str) -> str:
    """A required secret; in DEBUG a fixed stand-in, so that a developer's shell needs no set-up."""
    value = env.str(name, default="")
    if value:
        return value
    if DEBUG:
        return base64.b64encode(hashlib.sha256(f"debug:{name}".encode()).digest()).decode()
    raise ImproperlyConfigured(f"Set {name}; .env.example shows how to make one.")


SECRET_KEY = _secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Capability links in mails and sealed form state. The first key signs, all of them verify: to rotate, put a new
# one in front and drop the old one when its links have expired (LINK_DAYS; for unsubscribing UNSUBSCRIBE_LINK_DAYS).
LINK_KEYS = env.list("LINK_KEYS", default=[]) or [_secret("LINK_KEY")]

# Personal data at rest: `id:base64 of 32 bytes`, the first encrypts, all decrypt.
FIELD_KEYS = env.list("FIELD_KEYS", default=[]) or [f"k1:{_secret('FIELD_KEY')}"]

# Blind indexes: one key, 32 bytes in base64. Changing it means re-indexing every signature.
INDEX_KEY = _secret("INDEX_KEY")

# ----------------------------------------------------------------------------------------------- the address
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")  # what mails link to
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
USE_X_FORWARDED_HOST = False
# Only these peers' X-Forwarded-For is believed, read from the right; everybody else is their own address.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

_https = PUBLIC_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_https)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes speak plain HTTP to the process itself
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_SECONDS > 0
SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_CONTENT_TYPE_NOSNIFF = True
# `no-referrer` would make browsers send `Origin: null` with our own forms.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/desk/"  # a staff cookie never travels to a public page
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=15 * 60)  # seconds without a request, then log in again
SESSION_SAVE_EVERY_REQUEST = True  # each request starts them anew; only the desk has sessions
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# ------------------------------------------------------------------------------------------- the application
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_countries",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "anymail",
    "signatures",
]
ROOT_URLCONF = "petition.urls"
WSGI_APPLICATION = "petition.wsgi.application"

# Each way through the house has its own middleware, chosen by the first path prefix that fits: the counter's JSON
# needs none, a public page can set no cookie because no session exists there, and the desk has all of Django's.
MIDDLEWARE = ["petition.chains.ByPath"]
MIDDLEWARE_BY_PATH = {
    "/api/": [],
    "/oembed": [],
    "/embed/": [
        "django.middleware.security.SecurityMiddleware",
        "petition.policy.EmbedPolicy",
    ],
    "/healthz": [],
    "/readyz": [],
    "/desk/": [
        "signatures.desk.limits.DeskLimits",
        "django.middleware.security.SecurityMiddleware",
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "signatures.desk.languages.DeskLanguage",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django_otp.middleware.OTPMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "axes.middleware.AxesMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "": [
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "petition.policy.PublicPolicy",
    ],
}
SILENCED_SYSTEM_CHECKS = [
    "admin.E408",
    "admin.E409",
    "admin.E410",  # the desk's middleware is there, one level down
    "security.W001",
    "security.W002",
    "security.W003",  # likewise; and public forms have no CSRF cookie by design
    "axes.W002",  # likewise
    "django_ratelimit.E003",
    "django_ratelimit.W001",  # the guard's cache is Redis with a fallback of its own
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]

# --------------------------------------------------------------------------------------------- staff's way in
DESK_SECOND_FACTOR = env.bool("DESK_SECOND_FACTOR", default=True)  # off on a developer's own machine alone
DESK_SUDO_SECONDS = env.int("DESK_SUDO_SECONDS", default=300)  # how long password and code count as fresh
DESK_REVEALS_A_DAY = env.int("DESK_REVEALS_A_DAY", default=30)  # names that one person may unmask within 24 hours
OTP_TOTP_ISSUER = "Undersigned"
OTP_TOTP_THROTTLE_FACTOR = 1  # seconds, doubled with each wrong code
OTP_STATIC_THROTTLE_FACTOR = 1
# Guessing passwords: an account and a network are each shut out for a while after so many failures.
AXES_FAILURE_LIMIT = env.int("DESK_LOGIN_FAILURES", default=8)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_CLIENT_IP_CALLABLE = "signatures.desk.entrance.lockout.network_address"
AXES_RESET_ON_SUCCESS = False  # `desk.entrance.lockout.forgive_typos` does it, and forgives less
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "admin/entrance/locked.html"
AXES_HTTP_RESPONSE_CODE = 429

# ------------------------------------------------------------------------------------------------ PostgreSQL
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://127.0.0.1:5432/undersigned")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": None,  # each thread keeps its connection; a lost one costs one retried statement
    "CONN_HEALTH_CHECKS": False,  # a SELECT 1 on every request would cost as much as the signature itself
    "OPTIONS": {
        "connect_timeout": env.int("DATABASE_CONNECT_TIMEOUT", default=3),
        "prepare_threshold": env.int("DATABASE_PREPARE_THRESHOLD", default=3) or None,  # 0 behind pgbouncer
        "application_name": env.str("APPLICATION_NAME", default="undersigned"),
    },
}

# ----------------------------------------------------------------------------------------------------- Redis
# Disposable: the broker, rate-limit counts and the published tally. Losing it costs latency, nothing else.
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
REDIS_TIMEOUT = env.float("REDIS_TIMEOUT", default=0.2)  # seconds a request waits for a frozen Redis, once
REDIS_PAUSE = env.float("REDIS_PAUSE", default=5.0)  # seconds it is then left alone
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "guard": {
        "BACKEND": "petition.caches.RedisOrLocal",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "guard",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # of the counts in each process while Redis is away
    },
}

# ---------------------------------------------------------------------------------------------------- Celery
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CLOCK_EVERY = env.float("CLOCK_EVERY", default=5.0)  # seconds between looks at what opens or closes by itself
FOLD_EVERY = env.float("FOLD_EVERY", default=1.0)  # seconds; the count's usual delay is half of it
MAIL_EVERY = env.float("MAIL_EVERY", default=1.0)  # seconds between looks at the outbox
COUNTRY_FIGURES_EVERY = env.int("COUNTRY_FIGURES_EVERY", default=3600)  # seconds between two public ones, at least
RECOUNT_AT = env.int("RECOUNT_AT", default=3)  # hour, UTC
DESK_FIGURES_EVERY = env.float("DESK_FIGURES_EVERY", default=60.0)  # seconds between two counts for staff
SOURCES_EVERY = env.float("SOURCES_EVERY", default=900.0)  # seconds between two counts by source tag
JOBS_EVERY = env.float("JOBS_EVERY", default=1.0)  # seconds between looks for jobs that staff started
JOB_LANES = env.int("JOB_LANES", default=2)  # worker processes that jobs take at once; the first never writes files
JOB_SLICE = env.float("JOB_SLICE", default=5.0)  # seconds of work in one tick, shared by all that wait
JOB_LEASE = env.int("JOB_LEASE", default=30)  # seconds until a killed worker's job is gone on with
JOB_MAX_ATTEMPTS = env.int("JOB_MAX_ATTEMPTS", default=6)  # in a row, about two minutes with the back-off
EXPORT_HOURS = env.int("EXPORT_HOURS", default=24)  # until an exported file is deleted
EXPORT_DOWNLOADS = env.int("EXPORT_DOWNLOADS", default=5)  # of one file
PAPER_HOURS = env.int("PAPER_HOURS", default=24)  # until a file of paper signatures is deleted, imported or not
JOB_UNDO_SECONDS = env.int("JOB_UNDO_SECONDS", default=3600)  # until what a job did can no longer be undone

# ------------------------------------------------------------------------------------------------------ mail
vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025"))
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default=vars()["EMAIL_BACKEND"])
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)  # seconds for one SMTP answer
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Undersigned <letters@undersigned.example>")
SERVER_EMAIL = env.str("SERVER_EMAIL", default=DEFAULT_FROM_EMAIL)
MAIL_BATCH = env.int("MAIL_BATCH", default=100)  # one SMTP connection's worth
MAIL_LANES = env.int("MAIL_LANES", default=2)  # batches under way at once, so that mail never starves the fold
MAIL_LEASE = env.int("MAIL_LEASE", default=300)  # seconds until a killed worker's batch is due again
MAIL_MAX_ATTEMPTS = env.int("MAIL_MAX_ATTEMPTS", default=16)  # about two days with the back-off
MAIL_AGAIN_AFTER = env.int("MAIL_AGAIN_AFTER", default=15 * 60)  # seconds between two mails to one signer
MAIL_PER_DAY = env.int("MAIL_PER_DAY", default=3)  # within any 24 hours
MAIL_PER_SIGNATURE = env.int("MAIL_PER_SIGNATURE", default=5)  # mails to one signer in all, reminders included
REMIND_AFTER_HOURS = env.list("REMIND_AFTER_HOURS", cast=int, default=[24, 72])  # the unconfirmed; empty: nobody
# Updates to supporters. They go behind every other mail, and at this pace over all workers; 0: as fast as they can.
UPDATE_MAILS_PER_MINUTE = env.float("UPDATE_MAILS_PER_MINUTE", default=600.0)
UPDATE_MAILS_PER_DAY = env.int("UPDATE_MAILS_PER_DAY", default=1)  # of one petition, to one person
UPDATE_TESTS_PER_HOUR = env.int("UPDATE_TESTS_PER_HOUR", default=10)  # to each of the staff
UPDATE_TRACE_DAYS = env.int("UPDATE_TRACE_DAYS", default=30)  # who got an update is forgotten then; counts stay
UNSUBSCRIBE_LINK_DAYS = env.int("UNSUBSCRIBE_LINK_DAYS", default=3650)  # also from a mail found years later
REMIND_EVERY = env.float("REMIND_EVERY", default=60.0)  # seconds between two slices of reminders

# -------------------------------------------------------------------------------------------------- webhooks
WEBHOOK_EVERY = env.float("WEBHOOK_EVERY", default=5.0)  # seconds between looks for milestones and for what is due
WEBHOOK_TIMEOUT = env.float("WEBHOOK_TIMEOUT", default=15.0)  # seconds for a whole delivery
WEBHOOK_CONNECT_TIMEOUT = env.float("WEBHOOK_CONNECT_TIMEOUT", default=5.0)  # seconds for a name, for an address
WEBHOOK_LEASE = env.int("WEBHOOK_LEASE", default=120)  # seconds until what a killed worker was sending is due again
WEBHOOK_KEEP_DAYS = env.int("WEBHOOK_KEEP_DAYS", default=30)  # how long staff can look at a delivery that is over
WEBHOOK_AT_ONCE = env.int("WEBHOOK_AT_ONCE", default=8)  # deliveries under way, in one worker process
WEBHOOK_SECRET_HOURS = env.int("WEBHOOK_SECRET_HOURS", default=48)  # how long a replaced secret still signs as well
WEBHOOK_PORTS = env.list("WEBHOOK_PORTS", cast=int, default=[443])  # a partner's address may name these and no others
WEBHOOK_NAMESERVERS = env.list("WEBHOOK_NAMESERVERS", default=[])  # address or address#port; none: the system's
WEBHOOK_CA_FILE = env.str("WEBHOOK_CA_FILE", default="")  # whom to trust, in PEM; empty: the system's authorities
# For trials and tests on one machine: http, any port, and addresses of this machine itself. Never where people sign.
WEBHOOK_ALLOW_LOOPBACK = env.bool("WEBHOOK_ALLOW_LOOPBACK", default=False)

# --------------------------------------------------------------------------------------------------- signing
LINK_DAYS = env.int("LINK_DAYS", default=14)  # how long a confirm link lives; unconfirmed rows go then
RETENTION_AT = env.int("RETENTION_AT", default=2)  # UTC hour in which names and addresses go whose time is over
MANAGE_LINK_DAYS = env.int("MANAGE_LINK_DAYS", default=730)  # see, withdraw, erase: as long as we hold the data
PREVIEW_LINK_DAYS = env.int("PREVIEW_LINK_DAYS", default=14)  # how long a link to a draft lives
FORM_HOURS = env.int("FORM_HOURS", default=48)  # how old a signing form may be when it is sent
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024  # a signing form is under 2 kB; the desk's upload view has its own limit
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024  # more than any upload may have: names never lie on a disk in clear
GUARD_SIGN_RATE = env.str("GUARD_SIGN_RATE", default="60/m")  # per network: /24 or /64
GUARD_LINK_RATE = env.str("GUARD_LINK_RATE", default="120/m")
# Forms a minute that are taken without more ado; above it each asks for a proof of work, or to wait.
PRESSURE_NETWORK = env.int("PRESSURE_NETWORK", default=12)
PRESSURE_DOMAIN = env.int("PRESSURE_DOMAIN", default=30)  # one mail domain; twenty times that for the large providers
PRESSURE_PETITION = env.int("PRESSURE_PETITION", default=600)
PROOF_COST = env.int("PROOF_COST", default=2000)  # rounds of one try; up to 300 tries: seconds on a slow phone
PATIENCE_SECONDS = env.int("PATIENCE_SECONDS", default=30)  # what somebody waits whose browser computes no proof
GUARD_PATIENCE_RATE = env.str("GUARD_PATIENCE_RATE", default="6/10m")  # per network; held for review beyond it
GUARD_DOMAIN_HOUR = env.int("GUARD_DOMAIN_HOUR", default=300)  # forms of one mail domain; held for review beyond it
RATELIMIT_ENABLE = env.bool("RATELIMIT_ENABLE", default=True)
RATELIMIT_USE_CACHE = "guard"

# -------------------------------------------------------------------------------------------------- readers
PAGE_TTL = env.float("PAGE_TTL", default=1.0)  # seconds a process keeps a rendered public page or tally
PICTURE_EVERY = env.float("PICTURE_EVERY", default=60.0)  # seconds between two drawings of one letter for sharing
STREAM_LIMIT = env.int("STREAM_LIMIT", default=5000)  # listeners in one process; the next one polls
STREAM_HEARTBEAT = env.float("STREAM_HEARTBEAT", default=15.0)  # seconds
RECORD_TTL = env.float("RECORD_TTL", default=10.0)  # the same for the public record, but for its names
NAMES_AT = env.int("NAMES_AT", default=6)  # hour, UTC: when approved names join the public list

# ------------------------------------------------------------------------------------ language, time, places
LANGUAGE_CODE = "en"
# Each by its own name, which is how its readers look for it. Only languages whose every public string is translated.
LANGUAGES = [
    ("ar", "العربية"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("kk", "Қазақша"),
    ("ru", "Русский"),
    ("ug", "ئۇيغۇرچە"),
    ("zh-hans", "简体中文"),
]
DESK_LANGUAGES = ["en", "fr"]  # what only staff meet is translated into these; the public's words into all
LOCALE_PATHS = [BASE_DIR / "signatures" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
COUNTRIES_COMMON_NAMES = True
COUNTRIES_OVERRIDE = {"XK": "Kosovo"}  # not in ISO 3166-1; signing/countries/names.py has the names in each language

# --------------------------------------------------------------------------------------------------- statics
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# ----------------------------------------------------------------------------- content security policy (CSP)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ---------------------------------------------------------------------------------------------------- logging
# Nothing that a person typed, no address and no token goes to a log: request lines are the proxy's business, with
# link tokens cut there, and ours name views and outcomes only.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"redact": {"()": "petition.logs.Redact"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "django.security": {"level": "CRITICAL"},  # anybody can send too large a body; that is a 400, not an event
    },
}
