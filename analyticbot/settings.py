"""Django settings; everything that differs between machines comes from `analyticbot.env`."""

import os
import sys
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _
from kombu import Queue

from analyticbot.core.logs import logging_config
from analyticbot.env import database_parameters, read_environment

ENV = read_environment()
BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = ENV.analyticbot_env == "production"
TESTING = ENV.analyticbot_env == "test"
LOCAL = ENV.analyticbot_env == "local"
STATE_DIR = ENV.analyticbot_home or BASE_DIR / ".local"

SECRET_KEY = ENV.secret_key.get_secret_value()
ENC_KEYS = ENV.enc_keys.get_secret_value()
AUDIT_KEYS = ENV.audit_keys.get_secret_value() if ENV.audit_keys else ""
# One line for each anchor of the audit trail; worth copying to where the database's keepers cannot write.
AUDIT_ANCHOR_FILE = STATE_DIR / "audit" / "anchors.jsonl"
DEBUG = ENV.debug
SITE_URL = ENV.site_url.rstrip("/")
_LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [h.strip() for h in ENV.allowed_hosts.split(",") if h.strip()] or (
    [urlsplit(SITE_URL).hostname or ""] if PRODUCTION else [*_LOCAL_HOSTS, "testserver"]
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    # Before the admin, whose templates it replaces.
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "django_otp",
    "django_celery_beat",
    "django_htmx",
    "template_partials",
    "csp",
    "analyticbot.apps.AnalyticbotConfig",
    "analyticbot.core",
    "accounts",
    "mtproto",
    "billing",
    "channels_app",
    "analytics",
    "superadmin",
]

MIDDLEWARE = [
    "analyticbot.core.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "analyticbot.core.compression.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Before anything that asks for the host.
    "analyticbot.core.probes.ProbeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.page_limits.PageLimitMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.middleware.SessionMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.ApiHeadersMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.DemoMiddleware",
    # After the demo, which refuses whatever is sent with a way to an account.
    "analyticbot.core.middleware.PageMethodsMiddleware",
    "superadmin.people.seeing.ImpersonationMiddleware",
    "analyticbot.core.middleware.AppErrorMiddleware",
    "accounts.factors.middleware.FactorMiddleware",
]

ROOT_URLCONF = "analyticbot.urls"
ASGI_APPLICATION = "analyticbot.asgi.application"

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
                "accounts.demo.context",
            ],
        },
    }
]


def _database(url: str, *, pooled: bool) -> dict[str, object]:
    """Django's database settings from postgres://user:password@host:port/name?sslmode=…

    `pooled`: behind a pooler that hands out connections by transaction, where nothing of a session may outlive it.
    """
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        "OPTIONS": {"connect_timeout": 10, **database_parameters(url)},
    }


_POOLED = ENV.database_pooler == "transaction"
DATABASES = {"default": _database(ENV.database_url.get_secret_value(), pooled=_POOLED)}
if ENV.database_replica_url:
    # Statistics are read from it while it keeps up (`analyticbot.core.replica`); in tests it is the same database.
    DATABASES["replica"] = {
        **_database(ENV.database_replica_url.get_secret_value(), pooled=_POOLED),
        "TEST": {"MIRROR": "default"},
    }
DATABASE_ROUTERS = ["analyticbot.core.replica.PrimaryRouter"]
DATABASE_REPLICA_MAX_LAG = timedelta(seconds=ENV.database_replica_max_lag)
SNAPSHOT_RAW_DAYS = ENV.snapshot_raw_days
DEFAULT_PLAN = ENV.default_plan
# How long a process goes by the plan it has read; in tests only a change of plan makes it read again.
PLAN_KEPT_SECONDS = 3_600.0 if TESTING else 5.0
# How old what a process knows of the changeable configuration may be; tests change it within their own process.
CONFIGURATION_KEPT_SECONDS = 3_600.0 if TESTING else 2.0
SIGN_UP_OPEN = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENV.redis_url.get_secret_value()
# Databases of one server: tasks in the named one, the cache in the next.
_redis = urlsplit(REDIS_URL)
CACHE_REDIS_URL = _redis._replace(path=f"/{int(_redis.path.strip('/') or 0) + 1}").geturl()
CACHES = {
    "default": {
        "BACKEND": "analyticbot.core.cache.ResilientRedisCache",
        "LOCATION": CACHE_REDIS_URL,
        "KEY_PREFIX": f"ab-{os.getpid()}" if TESTING else "ab",
        "TIMEOUT": 120,
        # A cache that hangs must cost less than the answer it might have kept.
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
# Pub/sub: nothing is kept for who does not listen. Pages that hear nothing ask by themselves.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1, "socket_timeout": 5}],
            "prefix": f"ab-live-{os.getpid()}" if TESTING else "ab-live",
        },
    }
}
# Test processes share one Redis and must not use up each other's limits.
RATE_LIMIT_PREFIX = f"rl-{os.getpid()}" if TESTING else "rl"
API_LIMIT_FACTOR = 10 if LOCAL else 1
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "accounts.passwords.GuessablePasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
# One address each; a new one takes over when it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_FORMS = {"add_email": "accounts.address_form.ChangeAddressForm"}
# Guessing at accounts is counted by accounts.guarding: by account alone, a stranger could lock somebody out.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxy_count
# Sensitive acts are confirmed (accounts.stepup); MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN must never be set: it takes the
# answer of a key for any site.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.factors.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.factors.forms.CodeForm",
    "activate_totp": "accounts.factors.forms.ActivateAppForm",
    "add_webauthn": "accounts.factors.keys.AddKeyForm",
    "authenticate_webauthn": "accounts.factors.keys.SignInKeyForm",
    "login_webauthn": "accounts.factors.keys.LoginKeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "accounts.provider_adapter.ProviderAdapter"
# An equal address proves nothing (accounts.provider_adapter).
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": one.id,
                "name": one.name,
                "client_id": one.client_id,
                "secret": one.secret.get_secret_value(),
                "settings": {"server_url": one.server_url},
            }
            for one in ENV.oidc_providers
        ],
    }
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/app/"
LOGOUT_REDIRECT_URL = "/"

UNFOLD = {
    "SITE_TITLE": "SuperAdmin",
    "SITE_HEADER": "SuperAdmin",
    "SHOW_HISTORY": False,
    "SIDEBAR": {"navigation": "superadmin.navigation.navigation"},
    "STYLES": ["superadmin.navigation.colours"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "superadmin.navigation.mark"}],
    "ACCOUNT": {"navigation": "superadmin.navigation.own_pages"},
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian")), ("uz", _("Uzbek"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = STATE_DIR / "static"
_STATIC_BACKEND = (
    "django.contrib.staticfiles.storage.StaticFilesStorage" if TESTING else "analyticbot.core.assets.BundledStorage"
)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STATE_DIR / "files"},
    },
    "staticfiles": {"BACKEND": _STATIC_BACKEND},
}
WHITENOISE_AUTOREFRESH = TESTING
WHITENOISE_USE_FINDERS = TESTING

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.IsWorkspaceMember"],
    "DEFAULT_THROTTLE_CLASSES": ["billing.throttling.WorkspaceThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["analyticbot.core.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["analyticbot.core.api.OrjsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # OPTIONS would describe a view to whoever asks; the schema does that.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "analyticbot.core.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Seconds that adding a channel waits for the collector to say who it is.
CHANNEL_RESOLVE_WAIT = 0.0 if TESTING else 3.0
SPECTACULAR_SETTINGS = {
    "TITLE": "AnalyticBot API",
    "DESCRIPTION": "Statistics of Telegram channels; every number names its source, unknown is null.",
    "VERSION": "2.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v2",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "analyticbot.core.openapi.describe_errors",
        "analyticbot.core.openapi.free_anything",
        "analytics.schemas.examples.add_examples",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Fields of one name whose words differ: each set of words has a name of its own.
    "ENUM_NAME_OVERRIDES": {
        "ExportFormat": "analytics.exports.models.ExportFormat.values",
        "FileState": "analyticbot.core.made_files.FileState.values",
        "ReportFormat": "analytics.reports.models.ReportForm.values",
        "ReportKind": "analytics.reports.models.ReportKind.values",
        "ReportSection": "analytics.reports.models.Section.values",
        "SharedSection": "analytics.sharing.models.SHAREABLE",
        "LinkState": "analytics.sharing.models.LinkState.values",
        "LedgerKind": ["edit", "deletion"],
        "EventKind": "analytics.queries.events.EventKind",
        "RateName": "analytics.network.bands.RATES",
    },
    # A reader of the page may look; trying requests is for those who have a token.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A task longer than this would be delivered twice; ours work in slices far below it.
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name) for name in ("default", "sync", "statistics")]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
# A ring is only a bell: the sweep finds the row anyway, so a broker that is away must not delay the request.
CELERY_TASK_PUBLISH_RETRY = False

TELEGRAM_API_ID = ENV.telegram_api_id
TELEGRAM_API_HASH = ENV.telegram_api_hash.get_secret_value() if ENV.telegram_api_hash else None
TELEGRAM_BOT_TOKEN = ENV.telegram_bot_token.get_secret_value() if ENV.telegram_bot_token else None
TELEGRAM_BOT_USERNAME = ENV.telegram_bot_username
# In production Telegram's own signature is asked for too: who has stolen the bot's token could else make up people.
TELEGRAM_SIGNATURE_DEMANDED = PRODUCTION
TELEGRAM_SERVER = ENV.telegram_server
TELEGRAM_SERVER_KEY = ENV.telegram_server_key
TELEGRAM_BOT_API_URL = ENV.telegram_bot_api_url
TELEGRAM_PREVIEW_URL = ENV.telegram_preview_url.rstrip("/")
SANDBOX = ENV.sandbox
PUBLIC_DEMO = ENV.public_demo
SANDBOX_CHANNELS = ENV.sandbox_channels

MTPROTO_HISTORY_ENABLED = ENV.mtproto_history_enabled
MTPROTO_UPDATES_ENABLED = ENV.mtproto_updates_enabled
MTPROTO_STATS_ENABLED = ENV.mtproto_stats_enabled
MTPROTO_JOIN_ENABLED = ENV.mtproto_join_enabled
EXPORT_ENABLED = ENV.export_enabled
SHARE_LINKS_ENABLED = ENV.share_links_enabled
ALERTS_ENABLED = ENV.alerts_enabled

METRICS_TOKEN = ENV.metrics_token.get_secret_value() if ENV.metrics_token else None
TRUSTED_PROXY_COUNT = ENV.trusted_proxy_count

MAIL_DIR = STATE_DIR / "mail"
# Elsewhere the output of a process is kept in logs.
MAIL_LINKS_PRINTED = LOCAL
DEFAULT_FROM_EMAIL = ENV.default_from_email
OPERATOR_NAME = ENV.operator_name
OPERATOR_EMAIL = ENV.operator_email or parseaddr(ENV.default_from_email)[1]
STORAGE_PLACE = ENV.storage_place
if ENV.email_url:
    _mail = urlsplit(ENV.email_url.get_secret_value())
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or ""
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    EMAIL_TIMEOUT = 15
elif not TESTING:
    EMAIL_BACKEND = "accounts.mail.FileMailBackend"

DEVICE_COOKIE_NAME = "device"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    DEVICE_COOKIE_NAME = "__Host-device"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    # Asked from inside, without a certificate.
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_PROVIDERS_AT = [urlsplit(one.server_url) for one in ENV.oidc_providers]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        # Not every browser counts WebSockets of the same host as 'self'.
        "connect-src": ["'self'", f"{'wss' if PRODUCTION else 'ws'}://{urlsplit(SITE_URL).netloc}"],
        # A form that signs in with a provider is answered by a redirect to it, which browsers hold against this too.
        "form-action": ["'self'", *(f"{_at.scheme}://{_at.netloc}" for _at in _PROVIDERS_AT)],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
        "report-uri": ["/csp-report/"],
    }
}

LOGGING_CONFIG = None
logging_config(level=ENV.log_level, fmt=ENV.log_format, quiet="pytest" in sys.modules)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Files are taken by the page of imports only; it chooses its own handler.
FILE_UPLOAD_HANDLERS = ["analyticbot.core.uploads.RefuseFiles"]
UPLOAD_DIR = STATE_DIR / "uploads"
EXPORT_DIR = STATE_DIR / "exports"
REPORT_DIR = STATE_DIR / "reports"
# What people have asked for of what we keep about them, and the list of who was erased.
ARCHIVE_DIR = STATE_DIR / "archives"
TOMBSTONES = STATE_DIR / "erased.jsonl"
UPLOAD_MOST_BYTES = ENV.upload_most_megabytes * 1_000_000
SILENCED_SYSTEM_CHECKS: list[str] = []
