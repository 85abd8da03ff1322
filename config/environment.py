"""What the surroundings say: environment variables read into plain values.

A value that cannot be used stops the start with a sentence saying what to write.
"""

import contextlib
import os
import secrets
from importlib.util import find_spec
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SQLITE_OPTIONS = {
    # A transaction that reads first cannot be upgraded once another writes, whatever the timeout;
    # IMMEDIATE takes the write lock at the start, WAL lets readers go on meanwhile.
    # FULL: what was acknowledged outlives a power cut, as with PostgreSQL's own settings.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
}
# Each thread of the web server keeps a connection: 2 MB of pages in each, given up and filled anew
# every minute, would make the heap grow for hours; what is read again, the system keeps.
WEB_OPTIONS = {"init_command": f"{SQLITE_OPTIONS['init_command']}PRAGMA cache_size=-512;"}
ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
# A database that is away must not hold every thread of the web server for a minute each.
# Queries that are always worded alike are kept planned by a connection (accounts.prepared).
POSTGRES_OPTIONS: dict[str, object] = {"connect_timeout": 5, "prepare_threshold": 5}
# A message that is not acknowledged for an hour comes again; the job's row then says that it is
# held, and the message is dropped. So this only has to be longer than a lease.
REDIS_OPTIONS = {
    "visibility_timeout": 3600,
    "priority_steps": [0, 3, 6, 9],
    "sep": ":",
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "socket_keepalive": True,
    "health_check_interval": 30,
}
ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
BROKER_LIBRARIES = {
    "redis": "redis",
    "rediss": "redis",
    "amqp": "amqp",
    "amqps": "amqp",
    "filesystem": "",
    "memory": "",
}


def flag(name: str, default: bool) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    if text:
        raise ImproperlyConfigured(f"{name} is {text!r}; write 1 or 0.")
    return default


def energy() -> tuple[bool | None, str, float]:
    """Whether energy is measured (None: where CodeCarbon is), on which grid, with which PUE."""
    country = os.environ.get("NIKASH_GRID_COUNTRY", "").strip().upper()
    if country and not (len(country) == 3 and country.isalpha() and country.isascii()):
        raise ImproperlyConfigured(
            f"NIKASH_GRID_COUNTRY is {country!r}; write a three-letter country code, say IND."
        )
    text = os.environ.get("NIKASH_PUE", "").strip() or "1"
    try:
        pue = float(text)
    except ValueError:
        pue = 0.0
    if not 1 <= pue < 10:
        raise ImproperlyConfigured(f"NIKASH_PUE is {text!r}; write a number from 1, say 1.3.")
    wanted = os.environ.get("NIKASH_ENERGY", "").strip()
    return (flag("NIKASH_ENERGY", default=False) if wanted else None), country, pue


def days(name: str) -> int:
    """A number of days; 0, which means for ever, where nothing is said."""
    text = os.environ.get(name, "").strip() or "0"
    if not text.isdecimal() or int(text) > 36500:
        raise ImproperlyConfigured(f"{name} is {text!r}; write a whole number of days, say 730.")
    return int(text)


def words(name: str, default: str = "") -> list[str]:
    return [word for word in os.environ.get(name, default).replace(",", " ").split() if word]


def data_dir(base: Path) -> Path:
    """The one folder that everything but the database is written to; made when missing."""
    folder = Path(os.environ.get("NIKASH_DATA_DIR") or base / "var").expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(
            f"NIKASH_DATA_DIR is {folder}, which cannot be made ({problem.strerror}); "
            "name a folder that this user may write to."
        ) from problem
    return folder


def secret_key(folder: Path) -> str:
    """NIKASH_SECRET_KEY, or a key made once and kept beside the data for its owner only."""
    if key := os.environ.get("NIKASH_SECRET_KEY"):
        return key
    path = folder / "secret-key"
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ImproperlyConfigured(
            f"The secret key in {path} cannot be made or read ({problem}); let this user write to "
            "the folder and read the file, or set NIKASH_SECRET_KEY."
        ) from problem
    if not key:
        raise ImproperlyConfigured(
            f"{path} is empty; write the site's key into it, or delete it for a new one "
            "(people sign in again)."
        )
    return key


def _make_key(path: Path) -> None:
    """There wholly or not at all; of processes that start at once, all take the first one's."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_urlsafe(50).encode())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


def database(folder: Path) -> dict[str, object]:
    """DATABASE_URL as Django's settings; SQLite in the data folder when it is not set."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'nikash.sqlite3'}"
    try:
        config: dict[str, object] = dict(
            dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
        )
    except (ValueError, KeyError) as problem:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read; write sqlite:////absolute/path.sqlite3 "
            "or postgres://user:password@host:5432/name."
        ) from problem
    if config["ENGINE"] not in ENGINES:
        raise ImproperlyConfigured(
            "DATABASE_URL names an engine that Nikash does not use; write "
            "sqlite:////absolute/path.sqlite3 or postgres://user:password@host:5432/name."
        )
    if "postgresql" in str(config["ENGINE"]) and find_spec("psycopg") is None:
        raise ImproperlyConfigured(
            "DATABASE_URL names PostgreSQL, whose driver psycopg is missing; run make install."
        )
    if "postgresql" in str(config["ENGINE"]):
        config["OPTIONS"] = POSTGRES_OPTIONS | dict(config.get("OPTIONS") or {})
    if str(config["ENGINE"]).endswith("sqlite3"):
        config["OPTIONS"] = dict(SQLITE_OPTIONS)
        if "WEB_SLOT" in os.environ:
            config |= {"OPTIONS": {**SQLITE_OPTIONS, **WEB_OPTIONS}, "CONN_MAX_AGE": None}
        path = Path(str(config["NAME"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_absolute():
            _keep_from_others(path)
    return config


def _keep_from_others(path: Path) -> None:
    """Password hashes and answers lie in it: nobody else on the machine may read a new one."""
    with contextlib.suppress(OSError):  # it is there, or cannot be made: SQLite says why
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def check_broker(url: str) -> None:
    """Raise ImproperlyConfigured for an address that no library here can use."""
    scheme = url.partition("://")[0]
    if scheme not in BROKER_LIBRARIES:
        raise ImproperlyConfigured(
            f"CELERY_BROKER_URL begins with {scheme[:20]!r}; write redis://host:6379/0 or "
            "amqp://user:password@host//, or leave it out for the embedded broker."
        )
    library = BROKER_LIBRARIES[scheme]
    if library and find_spec(library) is None:
        raise ImproperlyConfigured(
            f"CELERY_BROKER_URL needs the package {library}; run make install."
        )


def broker(folder: Path) -> tuple[str, dict[str, object]]:
    """CELERY_BROKER_URL, or the embedded broker: message files in the data folder.

    A page that queues a job must not wait for a broker that is away: two short tries, no more.
    """
    if url := os.environ.get("CELERY_BROKER_URL"):
        check_broker(url)
        return url, (REDIS_OPTIONS if url.startswith("redis") else {}) | ONE_TRY
    box, control = folder / "broker" / "messages", folder / "broker" / "control"
    box.mkdir(parents=True, exist_ok=True)
    control.mkdir(parents=True, exist_ok=True)
    return "filesystem://", {
        "data_folder_in": str(box),
        "data_folder_out": str(box),
        "control_folder": str(control),
        "polling_interval": 0.1,
        "store_processed": False,
    }


def cache(folder: Path) -> dict[str, object]:
    """NIKASH_CACHE_URL, else the broker where that is Redis, else files in the data folder."""
    url = os.environ.get("NIKASH_CACHE_URL") or os.environ.get("CELERY_BROKER_URL", "")
    if url.startswith(("redis://", "rediss://", "unix://")):
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "nikash",
        }
    if os.environ.get("NIKASH_CACHE_URL"):
        raise ImproperlyConfigured(
            "NIKASH_CACHE_URL cannot be read; write redis://host:6379/1, or leave it empty."
        )
    return {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(folder / "cache"),
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }


def rate(name: str, default: int) -> int:
    """Requests a minute; 0 for as many as one likes."""
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise ImproperlyConfigured(
            f"{name} is {text!r}; write how many requests a minute, say {default}, or 0."
        )
    return int(text)
