"""The stages of a local run, in the order they happen; each prints its line."""

import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from analyticbot.local import ports, sandbox, services
from analyticbot.local.binaries import postgres_programs, valkey_program
from analyticbot.local.catalogues import compile_catalogues
from analyticbot.local.console import Progress, plain, say
from analyticbot.local.environment import write_variables
from analyticbot.local.identity import Secrets, read_ports, write_ports
from analyticbot.local.places import Places
from analyticbot.local.postgres import STOP_SIGNAL, Cluster
from analyticbot.local.problems import StartError, last_lines
from analyticbot.local.processes import spawn
from analyticbot.local.supervisor import Service, Supervisor
from analyticbot.local.valkey import Valkey
from analyticbot.local.variables import for_second_shell, names_telegram, uses_sandbox, value_of

_LEAST_DISK = 300_000_000  # bytes; below it a database stops in the middle of its work
_WEB_SECONDS = 60.0
_OK = 200
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Run:
    """What the stages share."""

    places: Places
    secrets: Secrets
    given: dict[str, str]
    variables: dict[str, str]
    port: int
    supervisor: Supervisor
    ports: dict[str, int] = field(default_factory=dict)
    demo_ready: bool = False

    @property
    def address(self) -> str:
        """Where a browser finds the product."""
        return f"http://{ports.LOOPBACK}:{self.port}"


def check_room(run: Run) -> None:
    """Refuse to start without disk space or with the web port taken, before anything is started."""
    for folder in {run.places.home, run.places.database}:
        free = shutil.disk_usage(folder).free
        if free < _LEAST_DISK:
            raise StartError(
                f"Only {free / 1e6:.0f} MB are free on the disk of {folder}; "
                f"{_LEAST_DISK / 1e6:.0f} MB are needed. Free some space and start again."
            )
    if not ports.is_free(run.port):
        holder = ports.holder_of(run.port)
        raise StartError(
            f"Port {run.port} is in use{f' by {holder}' if holder else ''}.\n"
            f"Stop that program, or use another port: PORT={run.port + 1} make run"
        )
    run.ports = read_ports(run.places.home)


def start_database(run: Run) -> None:
    """PostgreSQL: the one DATABASE_URL names, or our own."""
    url = value_of(run.given, "DATABASE_URL")
    if url:
        run.variables["DATABASE_URL"] = url
        _check_database(url)
        say("database", f"ready (DATABASE_URL: {_public(url)})")
        return
    places = run.places
    cluster = Cluster(
        folder=places.database,
        programs=postgres_programs(places.account, shared=places.shared),
        password=run.secrets.database_password,
        account=places.account,
        log=services.log_of("postgres", places.logs),
        port=run.ports.get("postgres"),
        marker=str(places.home),
    )
    cluster.stop_running()
    new = not cluster.data.exists()
    if new and places.account:
        say("database", f"root may not run PostgreSQL: it runs as {places.account.name} in {places.database}")
    process = cluster.start()
    if process is None:
        raise StartError(f"Another process started a database over {cluster.data}. Stop it and start again.")
    service = Service("database", cluster.spawn, phase=services.DATABASE, stop_signal=STOP_SIGNAL, grace=5.0)
    run.supervisor.add(service, process)
    run.ports["postgres"] = cluster.port or 0
    run.variables["DATABASE_URL"] = cluster.url
    made = "made and ready" if new else "ready"
    text = f"{made} (PostgreSQL {cluster.programs.version}, port {cluster.port}, kept in {cluster.data})"
    say("database", text)


def start_redis(run: Run) -> None:
    """Redis: the one REDIS_URL names, or our own."""
    url = value_of(run.given, "REDIS_URL")
    if url:
        run.variables["REDIS_URL"] = url
        _check_redis(url)
        say("redis", f"ready (REDIS_URL: {_public(url)})")
        return
    server = Valkey(
        folder=run.places.home / "redis",
        program=valkey_program(),
        password=run.secrets.redis_password,
        log=services.log_of("redis", run.places.logs),
        port=run.ports.get("redis"),
        marker=str(run.places.home),
    )
    process = server.start()
    run.supervisor.add(Service("redis", server.spawn, phase=services.REDIS, grace=3.0), process)
    run.ports["redis"] = server.port or 0
    run.variables["REDIS_URL"] = server.url
    say("redis", f"ready (Valkey, port {server.port})")


def start_sandbox(run: Run) -> sandbox.Sandbox | None:
    """Start the sandbox Telegram where no other was named; it gets ready while the next stages run."""
    if not uses_sandbox(run.given):
        named = run.given.get("TELEGRAM_SERVER")
        say("telegram", f"the server at {named}" if named else "Telegram itself (TELEGRAM_API_ID is set)")
        return None
    if names_telegram(run.given):
        say("telegram", "SANDBOX_CHANNELS is set: the sandbox plays Telegram, not the one that is configured")
        for name in ("TELEGRAM_API_ID", "TELEGRAM_API_HASH", "TELEGRAM_SERVER"):
            run.variables.pop(name, None)
            run.variables.pop(f"{name}_FILE", None)
    if not (run.places.project / "sandbox" / "__main__.py").is_file():
        say("sandbox", "is not part of this copy; nothing is collected")
        return None
    started = sandbox.sandbox_service(
        home=run.places.home,
        project=run.places.project,
        variables=run.variables,
        chosen=run.ports,
        channels=run.given.get("SANDBOX_CHANNELS"),
    )
    run.supervisor.add(started.service)
    return started


def compile_translations(run: Run) -> None:
    """Compile changed catalogues."""
    compiled = compile_catalogues(run.places.project / "locale")
    say("translations", f"{compiled} compiled" if compiled else "up to date")


def await_sandbox(run: Run, started: sandbox.Sandbox | None) -> None:
    """Wait until the sandbox listens, and tell the other processes where."""
    if started is None:
        return
    variables, what = sandbox.wait_ready(started, home=run.places.home)
    run.variables.update(variables)
    folder = run.given.get("SANDBOX_CHANNELS")
    origin = f"from {folder}" if folder else "invented"
    say("sandbox", f"a Telegram of our own at {variables['TELEGRAM_SERVER']} ({what}, {origin})")


def prepare(run: Run, what: str) -> None:
    """One word of `prepare.py` in a process of its own, whose reports become our lines."""
    log = services.log_of("prepare", run.places.logs)
    position = log.stat().st_size if log.is_file() else 0
    progress: dict[str, Progress] = {}
    process = spawn(
        [sys.executable, "-m", "analyticbot.local.prepare", what],
        log=log,
        cwd=run.places.project,
        env=run.variables,
        stdout=subprocess.PIPE,
    )
    service = Service("prepare", lambda: process, phase=services.WEB, grace=2.0)
    run.supervisor.services.append(service)
    service.process = process
    try:
        for record in _reports(process):
            stage, text = str(record["stage"]), str(record["text"])
            if record["done"]:
                say(stage, text)
                run.demo_ready = run.demo_ready or (stage == "demo" and "SANDBOX" in run.variables)
            else:
                progress.setdefault(stage, Progress(stage)).show(text)
        code = process.wait()
    finally:
        run.supervisor.services.remove(service)
        if process.poll() is None:
            process.kill()
            process.wait()
    if code != 0:
        raise StartError(_failed_preparing(log, position))


def _reports(process: subprocess.Popen[bytes]) -> Iterator[dict[str, object]]:
    if process.stdout is None:
        return
    with process.stdout:
        for line in process.stdout:
            if line.startswith(b"{"):
                yield json.loads(line)


def _failed_preparing(log: Path, position: int) -> str:
    words = last_lines(log, since=position, count=8)
    if "No space left on device" in words:
        return "The disk is full. Free some space and start again."
    tail = "\n".join(f"  {line}" for line in words.splitlines())
    return f"The preparation failed. Its last words (all of them in {log}):\n{tail}"


def remember(run: Run) -> None:
    """Keep the ports, and write what a second shell needs."""
    write_ports(run.places.home, run.ports)
    write_variables(run.places.home / "env", for_second_shell(run.variables))


def start_web(run: Run) -> Service:
    """Start the web server; `await_web` waits for it."""
    service = services.web(run.port, project=run.places.project, logs=run.places.logs, variables=run.variables)
    run.supervisor.add(service)
    return service


def await_web(run: Run, service: Service) -> None:
    """Wait until the web server answers."""
    log = run.places.logs / "web.log"
    deadline = time.monotonic() + _WEB_SECONDS
    while (answer := _status(f"{run.address}/health/live")) != _OK:
        if service.process is None or service.process.poll() is not None or time.monotonic() > deadline:
            what = f"answers {answer} instead of 200" if answer else "does not start"
            tail = "\n".join(f"  {line}" for line in last_lines(log).splitlines())
            raise StartError(f"The web server {what}. Its last words (all of them in {log}):\n{tail}")
        time.sleep(0.1)
    say("web", f"ready at {run.address}")


def _status(url: str) -> int | None:
    """The HTTP status this address answers with; None if nothing answers. Never through a proxy of the environment."""
    try:
        with _OPENER.open(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return None


def start_work(run: Run) -> None:
    """Start worker, beat and collector; each says in its log when it is ready."""
    place = {"project": run.places.project, "logs": run.places.logs}
    run.supervisor.add(services.worker(**place, variables=run.variables))
    say("worker", "started (queues sync, statistics, default)")
    run.supervisor.add(services.beat(**place, variables=run.variables))
    say("beat", "started")
    if run.variables.get("MTPROTO_UPDATES_ENABLED", "").lower() in {"1", "true", "yes", "on"}:
        run.supervisor.add(services.collector(**place, variables=run.variables))
        say("collector", "started (live updates)")
    else:
        say("collector", "not started: MTPROTO_UPDATES_ENABLED is off")


def print_welcome(run: Run) -> None:
    """The address, how to sign in, how to stop."""
    plain("")
    plain(f"  AnalyticBot   {run.address}")
    if run.demo_ready:
        password = run.given.get("DEMO_PASSWORD") or run.secrets.demo_password
        plain(f"  Sign in as    demo@analyticbot.local   password {password}")
    plain(f"  Logs          {run.places.logs}")
    plain("  Ctrl-C stops everything.")
    plain("")


def _public(url: str) -> str:
    """An address without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}:{parts.port or ''}{parts.path}"


def _check_database(url: str) -> None:
    import psycopg  # third party: present only once the requirements are installed

    try:
        psycopg.connect(url, connect_timeout=10).close()
    except (psycopg.Error, ValueError) as error:
        raise StartError(f"DATABASE_URL ({_public(url)}) does not answer: {str(error).strip()}") from error


def _check_redis(url: str) -> None:
    import redis  # third party: present only once the requirements are installed

    try:
        redis.Redis.from_url(url, socket_connect_timeout=10, socket_timeout=10).ping()
    except (redis.RedisError, ValueError) as error:
        raise StartError(f"REDIS_URL ({_public(url)}) does not answer: {error}") from error


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
