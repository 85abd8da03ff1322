"""Nikash's settings, read from the environment; every default runs on one machine as it is."""

import os
import warnings
from pathlib import Path

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import doors, environment, logs

# Jobs show their own progress; the libraries' bars and notices to their developers would cover it.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.data_dir(BASE_DIR)
SECRET_KEY = environment.secret_key(DATA_DIR)
DEBUG = environment.flag("NIKASH_DEBUG", default=False)
ALLOWED_HOSTS = environment.words("NIKASH_HOSTS", "localhost 127.0.0.1 [::1]")
CSRF_TRUSTED_ORIGINS = environment.words("NIKASH_ORIGINS")
HTTPS = environment.flag("NIKASH_HTTPS", default=False)
PROXIES = doors.number("NIKASH_PROXIES", 1 if HTTPS else 0, least=0, most=9)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "rest_framework",
    "drf_spectacular",
    "config",
    "accounts",
    "models_app",
    "annotation",
    "metrics",
    "studies",
    "api",
]
MIDDLEWARE = [
    "config.request_log.request_log",
    "config.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.readable",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.measured",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.doors",
    "accounts.acting.middleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "config.errors.too_old"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "annotation.context.nav",
            ]
        },
    }
]

DATABASES = {"default": environment.database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["accounts.backend.Backend"]
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = 3600 * doors.number("NIKASH_SESSION_HOURS", 720, least=1, most=8760)
SESSION_IDLE_HOURS = doors.number("NIKASH_SESSION_IDLE_HOURS", 12, least=0, most=8760)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # a cookie of this name is taken from this host over HTTPS only
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SIGNIN_TRIES = doors.number("NIKASH_SIGNIN_TRIES", 10, least=1, most=1000)
SIGNIN_MINUTES = doors.number("NIKASH_SIGNIN_MINUTES", 15, least=1, most=1440)
ADMIN_TWO_FACTOR = environment.flag("NIKASH_ADMIN_TWO_FACTOR", default=False)
OTP_TOTP_ISSUER = "Nikash"
OIDC = doors.provider()
PASSWORD_RESET_TIMEOUT = 3600 * doors.number("NIKASH_RESET_HOURS", 24, least=1, most=168)
SECURE_SSL_REDIRECT = HTTPS and environment.flag("NIKASH_HTTPS_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^(health|ready|metrics)\b"]  # asked by this machine, without the proxy
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = environment.flag("NIKASH_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # preloading is for the owner of the domain to decide
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

MAIL = doors.mail()
HAS_MAIL = bool(MAIL)
globals().update(MAIL)
DEFAULT_FROM_EMAIL = os.environ.get("NIKASH_MAIL_FROM", "").strip() or "nikash@localhost"
DEFAULT_EXCEPTION_REPORTER = "config.redacting.Reporter"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("mr", _("Marathi")),
    ("hi", _("Hindi")),
    ("ga", _("Irish")),
    ("en", _("English")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("NIKASH_STATIC_DIR") or DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.storage.HashedStaticFiles",
        # Collected by one user, served by another: a container's, or the proxy's.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
MEDIA_ROOT = DATA_DIR / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
try:
    MAX_UPLOAD_MB = int(environment.words("NIKASH_MAX_UPLOAD_MB", "512")[0])
except (ValueError, IndexError) as problem:
    raise ImproperlyConfigured("NIKASH_MAX_UPLOAD_MB must be a whole number, say 512.") from problem
UPLOAD_JOB_BYTES = doors.number("NIKASH_UPLOAD_JOB_BYTES", 2_000_000, least=0, most=2**40)

CACHES = {"default": environment.cache(DATA_DIR)}
API_RATE = environment.rate("NIKASH_API_RATE", 600)
API_ANONYMOUS_RATE = environment.rate("NIKASH_API_ANONYMOUS_RATE", 60)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.PersonThrottle"],
    "EXCEPTION_HANDLER": "api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Nikash",
    "DESCRIPTION": "Human evaluation of language models beside automatic metrics.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
}

ENERGY, GRID_COUNTRY, PUE = environment.energy()
WEBHOOK_HOSTS = environment.words("NIKASH_WEBHOOK_HOSTS")
RETENTION_DAYS = environment.days("NIKASH_RETENTION_DAYS")
AUDIT_DAYS = environment.days("NIKASH_AUDIT_DAYS")

FIXTURES = BASE_DIR / "fixtures"
REMOTE_CODE_ALLOWED = environment.flag("NIKASH_ALLOW_REMOTE_CODE", default=False)
MODEL_FOLDERS = environment.words("NIKASH_MODEL_FOLDERS")  # beside ours, see models_app.places
STUDY_FOLDERS = environment.words("NIKASH_STUDY_FOLDERS")

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = environment.broker(DATA_DIR)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlasts any absence of its broker
CELERY_BROKER_CONNECTION_TIMEOUT = 2.0
CELERY_TASK_PUBLISH_RETRY_POLICY = environment.ONE_TRY
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# In memory: a schedule file cut short by a killed worker would stop every later one.
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"
CELERY_BEAT_SCHEDULE = {
    "requeue-lost-jobs": {
        "task": "models_app.tasks.requeue_lost_jobs",
        "schedule": 5.0,
        "options": {"expires": 10.0},
    },
    "expire-leases": {
        "task": "annotation.tasks.expire_leases",
        "schedule": 60.0,
        "options": {"expires": 120.0},
    },
    "send-webhooks": {
        "task": "api.webhooks.tasks.send_due",
        "schedule": 20.0,
        "options": {"expires": 60.0},
    },
    "announce-complete-campaigns": {
        "task": "api.webhooks.tasks.announce_complete",
        "schedule": 60.0,
        "options": {"expires": 120.0},
    },
    "keep-no-longer": {
        "task": "annotation.tasks.keep_no_longer",
        "schedule": crontab(minute="47", hour="3"),
        "options": {"expires": 3600.0},
    },
    "tidy-up": {
        "task": "config.tasks.tidy_up",
        "schedule": crontab(minute="17"),
        "options": {"expires": 1800.0},
    },
}
JOB_LEASE_SECONDS = float(environment.words("NIKASH_JOB_LEASE_SECONDS", "15")[0])

LOGGING = logs.settings_of(DEBUG)
METRICS_TOKEN = os.environ.get("NIKASH_METRICS_TOKEN", "").strip()
MIN_FREE_MB = doors.number("NIKASH_MIN_FREE_MB", 200, least=0, most=10_000_000)
