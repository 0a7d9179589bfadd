"""The parts of a cluster on one machine: PostgreSQL, Patroni, etcd, HAProxy, tannhad.

Everything listens on loopback, on ports that were free, and lives in one private folder. Programs
are started and ended by their process id alone.
"""

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

POSTGRES = "/usr/lib/postgresql/15/bin"
PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(PROJECT, "build/release/bin")
TENANT = "H42"
# PostgreSQL refuses to run as root.
DATABASE_USER = "postgres" if os.getuid() == 0 else None


class Failed(Exception):
    """What ends the run, in words."""


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, condition, seconds):
    """Returns the first true value of the condition."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise Failed(f"not within {seconds} s: {what}")


def get(port, path, timeout=3):
    """(status, text); (0, why) when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except (OSError, ValueError) as e:
        return 0, str(e)


class Place:
    """The private folder, and every program that was started in it."""

    def __init__(self):
        # A socket's path has room for about a hundred characters.
        self.path = tempfile.mkdtemp(prefix="tannha-cluster-", dir="/tmp")
        os.chmod(self.path, 0o711)
        self.programs = []
        self.databases = []
        self.passwords = {n: secrets.token_hex(16) for n in ("postgres", "replicator", "tannha")}
        self.pgpass = self.write("pgpass", f"*:*:*:tannha:{self.passwords['tannha']}\n", 0o600)

    def __truediv__(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text, mode=0o644, owner=None):
        path = self / name
        with open(path, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
        if owner:
            shutil.chown(path, owner, owner)
        return path

    def folder(self, name, owner=None):
        os.makedirs(self / name, mode=0o700, exist_ok=True)
        if owner:
            shutil.chown(self / name, owner, owner)
        return self / name

    def start(self, name, command, user=None, env=None):
        program = Program(self, name, command, user, env)
        self.programs.append(program)
        return program

    def close(self, keep):
        # PostgreSQL outlives its Patroni.
        for database in self.databases:
            database.kill()
        for program in reversed(self.programs):
            program.kill()
        if keep:
            say(f"kept: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)


class Program:
    """A child process; its output goes to NAME.log."""

    def __init__(self, place, name, command, user, env):
        self.name = name
        with open(place / (name + ".log"), "ab") as log:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env={**os.environ, "LC_ALL": "C", "HOME": place.path, **(env or {})},
                **({"user": user, "group": user, "extra_groups": []} if user else {}))
        self.pid = self.child.pid

    def ended(self):
        return self.child.poll() is not None

    def signal(self, number):
        if not self.ended():
            self.child.send_signal(number)

    def kill(self):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self.child.wait()

    def stop(self, seconds=30):
        self.signal(signal.SIGTERM)
        return self.child.wait(seconds)


def run(command, env=None, user=None, ok=True):
    """Runs to the end. @return (code, stdout and stderr)"""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/",
        env={**os.environ, "LC_ALL": "C", **(env or {})}, check=False,
        **({"user": user, "group": user, "extra_groups": []} if user else {}))
    if ok and done.returncode != 0:
        raise Failed(f"{' '.join(command[:3])}: {done.stdout.strip()}")
    return done.returncode, done.stdout


def tannha(place, *arguments, ok=True):
    return run([BIN + "/tannha", *arguments], {"PGPASSFILE": place.pgpass}, ok=ok)


def children_of(pid):
    """Process ids whose parent is this one."""
    out = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as stat:
                if int(stat.read().rsplit(")", 1)[1].split()[1]) == pid:
                    out.append(int(entry))
        except OSError:
            pass
    return out


class Database:
    """One PostgreSQL server under its Patroni."""

    def __init__(self, place, name, etcd_port):
        self.place, self.name = place, name
        self.port, self.rest = free_port(), free_port()
        self.folder = place.folder("db-" + name, DATABASE_USER)
        self.data = os.path.join(self.folder, "data")
        self.config = place.write(f"patroni-{name}.yml", json.dumps(self.settings(etcd_port)),
                                  0o600, DATABASE_USER)
        self.patroni = None
        place.databases.append(self)

    def settings(self, etcd_port):
        here = "127.0.0.1"
        login = lambda name: {"username": name, "password": self.place.passwords[name]}
        return {
            "scope": "tannha", "name": self.name,
            "restapi": {"listen": f"{here}:{self.rest}", "connect_address": f"{here}:{self.rest}"},
            "etcd3": {"host": f"{here}:{etcd_port}"},
            "bootstrap": {
                "dcs": {
                    # The least that Patroni takes; its default is 30, 10, 10.
                    "ttl": 20, "loop_wait": 2, "retry_timeout": 5,
                    "maximum_lag_on_failover": 1048576,
                    "synchronous_mode": True,
                    # ADR 12: two servers, of which one may be away.
                    "synchronous_mode_strict": False,
                    # The primary goes on without etcd as long as it reaches every member.
                    "failsafe_mode": True,
                    "postgresql": {"use_pg_rewind": True, "use_slots": True},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{here}:{self.port}", "connect_address": f"{here}:{self.port}",
                "data_dir": self.data, "bin_dir": POSTGRES,
                "pgpass": os.path.join(self.folder, "pgpass"),
                "authentication": {"superuser": login("postgres"),
                                   "replication": login("replicator")},
                "parameters": {
                    "unix_socket_directories": self.folder,
                    "synchronous_commit": "on", "fsync": "on", "max_connections": 50,
                    "wal_keep_size": "128MB", "wal_sender_timeout": "10s",
                    "wal_receiver_timeout": "10s",
                },
                "pg_hba": ["local all all scram-sha-256",
                           "host all all 127.0.0.1/32 scram-sha-256",
                           "host replication replicator 127.0.0.1/32 scram-sha-256"],
            },
            "watchdog": {"mode": "off"},
        }

    def start(self):
        self.patroni = self.place.start("patroni-" + self.name, ["/usr/bin/patroni", self.config],
                                        DATABASE_USER)

    def postmaster(self):
        """Its process id, if that is really the server of this folder."""
        try:
            with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
                pid = int(file.readline())
            return pid if os.readlink(f"/proc/{pid}/cwd") == self.data else None
        except (OSError, ValueError):
            return None

    def processes(self):
        """PostgreSQL and its Patroni: all of this machine."""
        main = self.postmaster()
        own = [main, *children_of(main)] if main else []
        return own + ([self.patroni.pid] if self.patroni and not self.patroni.ended() else [])

    def signal_all(self, number):
        # Patroni first: it would start PostgreSQL again.
        for pid in reversed(self.processes()):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        self.signal_all(signal.SIGKILL)
        if self.patroni:
            self.patroni.child.wait()

    def is_primary(self):
        return get(self.rest, "/primary", 2)[0] == 200

    def members(self):
        """Name to (role, state), as this Patroni sees the cluster."""
        status, text = get(self.rest, "/cluster", 2)
        if status != 200:
            return {}
        return {m["name"]: (m["role"], m.get("state")) for m in json.loads(text)["members"]}

    def psql(self, sql, database="postgres"):
        return run([POSTGRES + "/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                    str(self.port), "-U", "postgres", "-d", database, "-c", sql],
                   {"PGPASSWORD": self.place.passwords["postgres"]})[1].strip()


class Node:
    """One tannhad, its own folder and its own link to the databases."""

    def __init__(self, place, number, databases, first=None):
        self.place, self.name, self.port = place, f"node-{number}", free_port()
        self.folder = place.folder(self.name)
        os.symlink(place.folder("blobs"), os.path.join(self.folder, "blobs"))
        if first:
            for file in ("keys.cbor", "admin.secret", "catalogue.cbor"):
                shutil.copy(os.path.join(first.folder, file), self.folder)
        else:
            tannha(place, "catalogue", "import", "curated", "--data", self.folder)
        self.links = [free_port() for _ in databases]
        self.link = place.start("link-" + self.name, [
            "/usr/sbin/haproxy", "-db", "-f", self.link_settings(databases)])
        ports = ",".join(str(p) for p in self.links)
        hosts = ",".join("127.0.0.1" for _ in self.links)
        self.registry = (f"postgres://tannha@/tannha?host={hosts}&port={ports}"
                         "&target_session_attrs=read-write&connect_timeout=3")
        self.checkpoints = place / (self.name + "-checkpoints")
        self.program = None

    def link_settings(self, databases):
        text = ("global\n maxconn 200\n"
                "defaults\n mode tcp\n timeout connect 3s\n timeout client 1h\n"
                " timeout server 1h\n")
        for port, database in zip(self.links, databases):
            text += (f"listen db-{database.name}\n bind 127.0.0.1:{port}\n"
                     f" server one 127.0.0.1:{database.port}\n")
        return self.place.write(f"link-{self.name}.cfg", text)

    def start(self):
        self.program = self.place.start(self.name, [
            BIN + "/tannhad", "--data", self.folder, "--tenant", TENANT, "--tenant-name",
            "Ninh Bình", "--port", str(self.port), "--checkpoint-store",
            self.checkpoints, "--registry", self.registry],
            env={"PGPASSFILE": self.place.pgpass})

    def start_until_ready(self, seconds=60):
        """As a service manager does: again when it ends."""
        def ready():
            if self.program is None or self.program.ended():
                self.start()
            return get(self.port, "/readyz")[0] == 200
        wait_until(self.name + " is ready", ready, seconds)


def start_etcd(place):
    client, peer = free_port(), free_port()
    url = f"http://127.0.0.1:{client}"
    peer_url = f"http://127.0.0.1:{peer}"
    etcd = place.start("etcd", [
        "/usr/bin/etcd", "--name", "one", "--data-dir", place.folder("etcd", DATABASE_USER),
        "--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls",
        peer_url, "--initial-advertise-peer-urls", peer_url, "--initial-cluster",
        "one=" + peer_url, "--logger", "zap"], DATABASE_USER)
    wait_until("etcd is healthy", lambda: get(client, "/health")[0] == 200, 30)
    return etcd, client


def start_front(place, nodes):
    """HAProxy before the nodes: what phones connect to."""
    port = free_port()
    text = ("global\n maxconn 2000\n"
            "defaults\n mode http\n timeout connect 2s\n timeout client 65s\n"
            " timeout server 65s\n timeout tunnel 1h\n timeout check 5s\n"
            " option redispatch\n retries 2\n"
            f"frontend phones\n bind 127.0.0.1:{port}\n default_backend nodes\n"
            "backend nodes\n balance roundrobin\n option httpchk GET /readyz\n"
            " http-check expect status 200\n default-server check inter 1s fall 2 rise 1\n")
    for node in nodes:
        text += f" server {node.name} 127.0.0.1:{node.port}\n"
    place.start("front", ["/usr/sbin/haproxy", "-db", "-f", place.write("front.cfg", text)])
    return port


def check_system():
    for program in ("/usr/bin/patroni", "/usr/bin/etcd", "/usr/sbin/haproxy",
                    POSTGRES + "/postgres", BIN + "/tannhad", BIN + "/tannha"):
        if not os.path.exists(program):
            raise Failed(f"{program} is missing: tools/install --cluster; tools/build")
    if DATABASE_USER:
        pwd.getpwnam(DATABASE_USER)


def main(work, keep):
    """Runs work(place); tells what failed and leaves nothing behind. Exits."""
    place = None
    code = 1
    # Programs that were started are ended on a signal, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        check_system()
        place = Place()
        code = work(place)
    except (Failed, OSError, subprocess.SubprocessError) as e:
        say(f"failed: {e}")
        keep = True
    finally:
        if place:
            place.close(keep)
    sys.exit(code)
