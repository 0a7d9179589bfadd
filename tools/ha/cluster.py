"""Breaks a whole cluster under load, and looks for every record that was acknowledged."""

import argparse
import json
import os
import signal
import time

from parts import (BIN, Database, Failed, Node, get, main, say, start_etcd, start_front,
                   tannha, wait_until)

# Patroni's ttl, its loop, and a promotion on a busy machine.
FAILOVER_S_MAX = 90
STEADY_S = 4


class Cluster:
    def __init__(self, place):
        self.place = place
        self.etcd, etcd_port = start_etcd(place)
        self.databases = [Database(place, name, etcd_port) for name in ("a", "b")]
        for database in self.databases:
            database.start()
            # The first one makes the cluster, the second one copies it.
            wait_until(f"database {database.name} runs",
                       lambda d=database: d.members().get(d.name, ("", ""))[1] == "running", 120)
        self.wait_for_standby()
        primary = self.primary()
        primary.psql(f"CREATE ROLE tannha LOGIN PASSWORD '{place.passwords['tannha']}'")
        primary.psql("CREATE DATABASE tannha OWNER tannha")
        one = Node(place, 1, self.databases)
        one.start_until_ready()
        two = Node(place, 2, self.databases, first=one)
        two.start_until_ready()
        self.nodes = [one, two]
        self.front = start_front(place, self.nodes)
        wait_until("the front passes", lambda: get(self.front, "/readyz")[0] == 200, 30)

    def primary(self):
        return wait_until("a primary", lambda: next(
            (d for d in self.databases if d.is_primary()), None), FAILOVER_S_MAX)

    def other(self, database):
        return next(d for d in self.databases if d is not database)

    def has_sync_standby(self):
        for database in self.databases:
            roles = sorted(database.members().values())
            if roles == [("leader", "running"), ("sync_standby", "running")]:
                return True
        return False

    def wait_for_nodes(self):
        for node in self.nodes:
            wait_until(f"{node.name} is ready", lambda n=node: get(n.port, "/readyz")[0] == 200, 60)

    def wait_for_standby(self):
        wait_until("a primary with a synchronous standby", self.has_sync_standby, FAILOVER_S_MAX)


class Load:
    """The phones, and what they have been told so far."""

    def __init__(self, cluster, phones):
        place = cluster.place
        self.folder = place.folder("phones")
        self.log = os.path.join(self.folder, "acknowledged.log")
        self.program = place.start("load", [
            BIN + "/tannha", "load", "--data", cluster.nodes[0].folder, "--server",
            f"http://127.0.0.1:{cluster.front}", "--folder", self.folder, "--unit", "H42.101",
            "--phones", str(phones), "--seconds", "3600"])
        self.count = phones
        wait_until("the phones are enrolled", self.answered, 60)

    def answered(self):
        """Unix seconds of each exchange that brought receipts."""
        try:
            with open(self.log, encoding="ascii") as file:
                return [int(line.split()[0]) / 1000 for line in file if line.endswith("\n")]
        except OSError:
            return []

    def wait_for_answers_after(self, moment, what):
        wait_until(f"records are acknowledged again after: {what}",
                   lambda: [t for t in self.answered()[-50:] if t > moment], FAILOVER_S_MAX)

    def longest_pause(self, begin, end):
        """Seconds in which no phone at all was answered."""
        inside = [t for t in self.answered() if begin - 1 <= t <= end]
        return max((b - a for a, b in zip(inside, inside[1:])), default=end - begin)

    def finish(self):
        self.program.stop(180)
        with open(self.program_log(), encoding="utf-8") as file:
            lines = file.read().splitlines()
        if self.program.child.returncode != 0 or not lines[-1].startswith("{"):
            raise Failed("the load: " + " ".join(lines[-3:]))
        return json.loads(lines[-1])

    def program_log(self):
        return os.path.join(os.path.dirname(self.folder), "load.log")


# Faults. Each returns when all is as before, or as good.

def kill_primary(cluster, load):
    primary = cluster.primary()
    moment = time.time()
    primary.kill()
    successor = cluster.other(primary)
    wait_until("the standby is promoted", successor.is_primary, FAILOVER_S_MAX)
    load.wait_for_answers_after(max(moment, time.time()), "the primary was killed")
    primary.start()
    cluster.wait_for_standby()


def hang_primary(cluster, load):
    """The whole machine of the primary stands still, and wakes up believing that it is primary."""
    primary = cluster.primary()
    primary.signal_all(signal.SIGSTOP)
    try:
        wait_until("the standby is promoted", cluster.other(primary).is_primary, FAILOVER_S_MAX)
        load.wait_for_answers_after(time.time(), "the primary stands still")
    finally:
        primary.signal_all(signal.SIGCONT)
    cluster.wait_for_standby()


def kill_standby(cluster, load):
    standby = cluster.other(cluster.primary())
    standby.kill()
    load.wait_for_answers_after(time.time(), "the standby was killed")
    standby.start()
    cluster.wait_for_standby()


def kill_node(cluster, load):
    node = cluster.nodes[0]
    node.program.kill()
    load.wait_for_answers_after(time.time(), "a node was killed")
    time.sleep(2)
    node.start_until_ready()


def cut_link(cluster, load):
    """Nothing goes through between a node and the databases, and nobody says so."""
    node = cluster.nodes[1]
    node.link.signal(signal.SIGSTOP)
    try:
        wait_until("the front leaves the node", lambda: get(node.port, "/readyz", 1)[0] != 200, 30)
        time.sleep(8)
        load.wait_for_answers_after(time.time(), "a link was cut")
    finally:
        node.link.signal(signal.SIGCONT)
    wait_until("the node is ready again", lambda: get(node.port, "/readyz")[0] == 200, 60)


def cut_etcd(cluster, load):
    """Longer than Patroni's ttl: the primary must not step down for it."""
    primary = cluster.primary()
    cluster.etcd.signal(signal.SIGSTOP)
    try:
        time.sleep(23)
        load.wait_for_answers_after(time.time(), "etcd was cut off")
        if not primary.is_primary():
            raise Failed("without etcd the primary stepped down")
    finally:
        cluster.etcd.signal(signal.SIGCONT)
    cluster.wait_for_standby()


FAULTS = {
    "primary killed": kill_primary,
    "node killed": kill_node,
    "node cut off from the database": cut_link,
    "standby killed": kill_standby,
    "etcd cut off": cut_etcd,
    "primary hung": hang_primary,
}


def break_everything(cluster, load, rounds):
    """@return fault to the longest pause of all phones in it, seconds"""
    pauses = {}
    for number in range(rounds):
        for name, fault in FAULTS.items():
            begin = time.time()
            say(f"fault: {name}")
            fault(cluster, load)
            cluster.wait_for_nodes()
            time.sleep(STEADY_S)
            if load.program.ended():
                raise Failed("the load ended: see load.log")
            pause = load.longest_pause(begin, time.time())
            pauses[name] = max(pause, pauses.get(name, 0))
            say(f"  healed after {time.time() - begin - STEADY_S:.1f} s; "
                f"longest pause {pause:.1f} s")
    return pauses


def judge(cluster, load, seen):
    """What the registry holds of what was acknowledged."""
    node = cluster.nodes[0]
    phones = [os.path.join(load.folder, f"phone-{i + 1}") for i in range(load.count)]
    code, text = tannha(cluster.place, "reconcile", "--json", "--data", node.folder, "--registry",
                        node.registry, *phones, ok=False)
    lines = [line for line in text.splitlines() if line.startswith("{")]
    if not lines:
        raise Failed("reconcile: " + text)
    result = json.loads(lines[-1])
    for line in text.splitlines():
        if line.startswith("problem:"):
            say(line)
    for each in cluster.nodes:
        audited, words = tannha(cluster.place, "audit", f"http://127.0.0.1:{each.port}", ok=False)
        say(f"audit of {each.name}: {words.splitlines()[0] if words else '?'}")
        result["problems"] += audited != 0
    if seen["acknowledged"] != result["acknowledged"]:
        raise Failed("the phones were told of other records than their stores hold")
    return result, code == 0 and result["problems"] == 0


def work(options):
    def play(place):
        begin = time.time()
        say(f"set-up in {place.path}")
        cluster = Cluster(place)
        load = Load(cluster, options.phones)
        say(f"set-up took {time.time() - begin:.0f} s; {options.phones} phones write")
        begin = time.time()
        time.sleep(STEADY_S)
        pauses = break_everything(cluster, load, options.rounds)
        seen = load.finish()
        say(f"{time.time() - begin:.0f} s under load; the phones have sent everything")
        result, sound = judge(cluster, load, seen)
        longest = seen["pause_ms_max"] / 1000
        print(f"{seen['written']} records written, {result['acknowledged']} acknowledged, "
              f"{result['found']} found, {result['lost']} lost, {result['doubled']} doubled, "
              f"{result['attachments']} photos, longest pause of one phone {longest:.1f} s")
        if options.json:
            print(json.dumps({**result, "written": seen["written"], "broken_syncs": seen["broken"],
                              "pause_s_max": longest, "sound": sound,
                              "pauses_s": {k: round(v, 1) for k, v in pauses.items()}}))
        return 0 if sound and result["lost"] == 0 and result["doubled"] == 0 else 1
    return play


def arguments():
    parser = argparse.ArgumentParser(prog="tools/cluster", description=__doc__)
    parser.add_argument("--phones", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1, help="of all faults")
    parser.add_argument("--json", action="store_true", help="the figures as the last line")
    parser.add_argument("--keep", action="store_true", help="leave the folder with all logs")
    return parser.parse_args()


if __name__ == "__main__":
    chosen = arguments()
    main(work(chosen), chosen.keep)
