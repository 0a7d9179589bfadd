"""Backup of a PostgreSQL registry, recovery to a moment, and what keeps an older state from being
taken for the newest: pg_basebackup, archived WAL, and the checkpoint store."""

import argparse
import json
import os
import shutil
import signal
import time

from parts import (BIN, DATABASE_USER, POSTGRES, Failed, Node, TENANT, free_port, get, main, run,
                   say, tannha, wait_until)

TOLD = "an older copy was restored"


class Server:
    """One PostgreSQL without Patroni, whose data folder is changed by a recovery."""

    def __init__(self, place):
        self.place, self.name, self.port = place, "db", free_port()
        self.folder = place.folder("db", DATABASE_USER)
        self.archive = os.path.join(self.folder, "archive")
        os.mkdir(self.archive, 0o700)
        if DATABASE_USER:
            shutil.chown(self.archive, DATABASE_USER, DATABASE_USER)
        self.data = os.path.join(self.folder, "first")
        secret = place.write("superuser", place.passwords["postgres"], 0o600, DATABASE_USER)
        run([POSTGRES + "/initdb", "-D", self.data, "-U", "postgres", "--pwfile", secret,
             "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums"],
            user=DATABASE_USER)
        self.program = None

    def start(self, *settings):
        archive = self.archive
        # A name appears in the archive when all of the file is on its disk, and never twice.
        keep = (f"test ! -f {archive}/%f && cp %p {archive}/.%f && sync {archive}/.%f && "
                f"mv {archive}/.%f {archive}/%f && sync {archive}")
        options = ["archive_mode=on", f"archive_command={keep}", "listen_addresses=127.0.0.1",
                   f"port={self.port}", f"unix_socket_directories={self.folder}", *settings]
        command = [POSTGRES + "/postgres", "-D", self.data]
        for option in options:
            command += ["-c", option]
        self.program = self.place.start("postgres", command, DATABASE_USER)
        wait_until("PostgreSQL serves", lambda: self.program.ended() or
                   self.psql("SELECT pg_is_in_recovery()", ok=False) == "f", 60)
        if self.program.ended():
            raise Failed("PostgreSQL ended: see postgres.log")

    def psql(self, sql, database="postgres", ok=True):
        return run([POSTGRES + "/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                    str(self.port), "-U", "postgres", "-d", database, "-c", sql],
                   {"PGPASSWORD": self.place.passwords["postgres"]}, ok=ok)[1].strip()

    def journal_size(self):
        return int(self.psql(f"SELECT size FROM tannha_{TENANT.lower()}.head", "tannha"))

    def back_up(self):
        target = os.path.join(self.folder, "base")
        run([POSTGRES + "/pg_basebackup", "-h", "127.0.0.1", "-p", str(self.port), "-U",
             "postgres", "-D", target, "--checkpoint=fast", "--wal-method=none"],
            {"PGPASSWORD": self.place.passwords["postgres"]}, user=DATABASE_USER)

    def finish_archive(self):
        segment = self.psql("SELECT pg_walfile_name(pg_switch_wal())")
        wait_until("the WAL is archived",
                   lambda: os.path.exists(os.path.join(self.archive, segment)), 60)

    def recover(self, name, *target):
        """A new data folder from the backup and the archive; the archive itself stays as it is."""
        self.program.signal(signal.SIGQUIT)
        self.program.child.wait()
        self.data = os.path.join(self.folder, name)
        run(["cp", "-a", os.path.join(self.folder, "base"), self.data], user=DATABASE_USER)
        run(["touch", os.path.join(self.data, "recovery.signal")], user=DATABASE_USER)
        # What is only looked at must not archive a second history under the first one's names.
        self.start("archive_mode=off", f"restore_command=cp {self.archive}/%f %p",
                   "recovery_target_action=promote", *target)


def work_for(place, node, seconds):
    """The same two phones each time."""
    return place.start("load", [
        BIN + "/tannha", "load", "--data", node.folder, "--server", f"http://127.0.0.1:{node.port}",
        "--folder", place.folder("phones"), "--unit", TENANT + ".101", "--phones", "2",
        "--seconds", str(seconds)])


def end_of(load):
    if load.child.wait(120) != 0:
        raise Failed(f"{load.name}: see {load.name}.log")


def sync(place, phone):
    """(exit code, what the phone says)"""
    return tannha(place, "phone", "--data", phone, "sync", ok=False)


def restart(node, store, expect):
    """@return what /readyz says"""
    if node.program and not node.program.ended():
        node.program.stop()
    node.checkpoints = store
    node.start()
    wait_until("tannhad answers", lambda: get(node.port, "/healthz")[0], 30)
    status, text = get(node.port, "/readyz", 10)
    if status != expect:
        raise Failed(f"/readyz says {status}, not {expect}: {text}")
    return text


def set_up(place):
    server = Server(place)
    server.start()
    server.psql(f"CREATE ROLE tannha LOGIN PASSWORD '{place.passwords['tannha']}'")
    server.psql("CREATE DATABASE tannha OWNER tannha")
    node = Node(place, 1, [server])
    node.start_until_ready()
    return server, node


def play(place):
    server, node = set_up(place)
    apart = node.checkpoints
    load = work_for(place, node, 6)
    phones = [place / f"phones/phone-{n}" for n in (1, 2)]
    server.back_up()
    end_of(load)
    moment = server.psql("SELECT clock_timestamp()")
    at_moment = server.journal_size()
    time.sleep(0.5)
    end_of(work_for(place, node, 4))
    newest = server.journal_size()
    server.finish_archive()
    node.program.stop()
    say(f"backup under load; {at_moment} records at {moment}, {newest} when the disk is lost")

    server.recover("earlier", f"recovery_target_time={moment}")
    if server.journal_size() != at_moment:
        raise Failed(f"recovered {server.journal_size()} records, not {at_moment}")
    told = restart(node, apart, 503)
    if TOLD not in told:
        raise Failed("tannhad does not say what is wrong: " + told)
    if sync(place, phones[0])[0] == 0:
        raise Failed("a registry that was put back took in records")
    say(f"recovered to the moment, {at_moment} records: tannhad takes in nothing and says")
    print("    " + told.strip().replace("\n", "\n    "))

    # As if the rest were lost for good: the operator moves the checkpoint aside.
    restart(node, place / "new-checkpoints", 200)
    code, words = sync(place, phones[0])
    if code == 0:
        raise Failed("a phone that saw the lost part does not notice")
    say("checkpoint moved aside: it starts, and a phone that saw the lost part refuses it:")
    print("    " + words.strip().replace("\n", "\n    "))
    node.program.stop()

    server.recover("newest", "recovery_target_timeline=current")
    if server.journal_size() != newest:
        raise Failed(f"recovered {server.journal_size()} records, not {newest}")
    restart(node, apart, 200)
    for phone in phones:
        code, words = sync(place, phone)
        if code != 0:
            raise Failed(f"{phone}: {words}")
    code, text = tannha(place, "reconcile", "--json", "--data", node.folder, "--registry",
                        node.registry, *phones, ok=False)
    result = json.loads(text.splitlines()[-1] if code == 0 else "{}")
    if code != 0:
        raise Failed("reconcile: " + text)
    print(f"recovered to the end: {result['acknowledged']} acknowledged, {result['found']} found, "
          f"{result['lost']} lost, {result['doubled']} doubled")
    return {**result, "records_at_moment": at_moment, "records_newest": newest}


def work(options):
    def judged(place):
        result = play(place)
        if options.json:
            print(json.dumps(result))
        return 0 if result["lost"] == 0 and result["doubled"] == 0 else 1
    return judged


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tools/cluster pitr", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures as the last line")
    parser.add_argument("--keep", action="store_true", help="leave the folder with all logs")
    chosen = parser.parse_args()
    main(work(chosen), chosen.keep)
