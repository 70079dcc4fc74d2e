# SPDX-License-Identifier: Apache-2.0
"""What the tests have in common that disturb the members of a group: verifiable consumers, a producer that never rests, and the
rules that everything they printed must fulfil."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chaos import ChaosTest
from support import PATIENCE

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from group_rules import GroupRules, MemberLog, consumed_everything  # noqa: E402  pylint: disable=wrong-import-position

JAVA = "org.apache.kafka.clients.consumer."
ASSIGNORS = {name: f"{JAVA}{name}Assignor" for name in ("Range", "RoundRobin", "Sticky", "CooperativeSticky")}
# The least that brokers take unless they are told otherwise.
SESSION_SECONDS = 6


class GroupTest(ChaosTest):
    session_seconds = SESSION_SECONDS
    throughput = 300

    def setUp(self):
        super().setUp()
        self.members, self.stored = [], {}

    def begin(self, topic, partitions):
        """A topic, and a producer that writes to it until it is told to end."""
        self.topic, self.partitions = self.create(topic, partitions=partitions), partitions
        # Keys, so that every partition gets its share.
        self.load = self.start_verifiable(topic, self.throughput, repeating_keys=100)
        self.load.wait_for(lambda lines: self.acked(lines) > 100)

    def file(self, properties):
        file = tempfile.NamedTemporaryFile("w", suffix=".properties")
        self.addCleanup(file.close)
        file.write("".join(f"{key}={value}\n" for key, value in properties.items()))
        file.flush()
        return file.name

    def member(self, *options, assignor="Range", protocol="classic", properties=()):
        """Another member. Heartbeats are frequent, so that a rebalance does not wait for them."""
        number = len(self.members)
        settings = {"heartbeat.interval.ms": 1000, **dict(properties)}
        if protocol == "classic":
            own = ("--session-timeout", str(int(self.session_seconds * 1000)), "--assignment-strategy",
                   ASSIGNORS[assignor])
        else:
            own = ("--group-protocol", protocol)
            del settings["heartbeat.interval.ms"]
        process = subprocess.Popen(
            [self.cli, "verifiable-consumer", "--topic", self.topic, "--group-id", self.topic, "--bootstrap-server",
             self.brokers, "--command-config", self.file(settings), *own, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(self.put_away, process)
        self.members.append(MemberLog(process, f"member-{number}"))
        return self.members[-1]

    def java_member(self, *options):
        """One of Java's tool."""
        process = subprocess.Popen(
            [self.cluster.script, "tool", "org.apache.kafka.tools.VerifiableConsumer", "--bootstrap-server", self.brokers,
             "--topic", self.topic, "--group-id", self.topic, "--session-timeout", str(int(self.session_seconds * 1000)),
             *options, "--dir", str(self.cluster.folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        self.addCleanup(self.put_away, process)
        self.addCleanup(self.signal_java, process, signal.SIGKILL)  # first: what the script started lives on without it
        self.members.append(MemberLog(process, f"java-{len(self.members)}"))
        return self.members[-1]

    @staticmethod
    def signal_java(process, number):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass

    def terminate_java(self, member):
        self.signal_java(member.process, signal.SIGTERM)
        member.thread.join(PATIENCE)
        member.process.wait(PATIENCE)
        self.assertEqual(member.names()[-1], "shutdown_complete")

    @staticmethod
    def kill(member):
        member.process.kill()
        member.process.wait()
        member.note("killed")

    def terminate(self, member):
        self.assertEqual(member.end(signal.SIGTERM, PATIENCE), (143, ""), member.name)
        self.assertEqual(member.names()[-1], "shutdown_complete")

    @staticmethod
    def stop(member):
        member.process.send_signal(signal.SIGSTOP)
        threads = Path(f"/proc/{member.process.pid}/task")
        # The last field before the state is the name, in brackets.
        while any((each / "stat").read_text().rpartition(")")[2].split()[0] != "T" for each in threads.iterdir()):
            time.sleep(0.005)
        member.note("stopped")

    @staticmethod
    def go_on(member):
        member.process.send_signal(signal.SIGCONT)

    def look_at_stored(self):
        """What the group has stored never falls, whatever its members are told."""
        told, _ = self.run_cli("groups", "lag", self.topic, "--json", code=None)
        for line in told.splitlines():
            for each in json.loads(line).get("partitions", ()):
                last, now = self.stored.get(each["partition"], -1), each.get("committed") or 0
                self.assertGreaterEqual(now, last, f"what is stored of partition {each['partition']} fell")
                self.stored[each["partition"]] = now

    # --- what is waited for ---------------------------------------------------------------------------------------------

    def alive(self):
        return [member for member in self.members if member.process.poll() is None]

    def shared_out(self):
        """Whether each partition has one owner."""
        owned = [place for member in self.alive() for place in member.owned()]
        return len(owned) == self.partitions and len(set(owned)) == self.partitions

    def await_shared_out(self, seconds, what):
        began = time.monotonic()
        while not self.shared_out():
            if time.monotonic() - began > seconds:
                self.fail(f"{what}: after {seconds} s " +
                          str({member.name: sorted(member.owned()) for member in self.alive()}))
            time.sleep(0.1)
        print(f"{what}: shared out after {time.monotonic() - began:.1f} s", flush=True)

    def ends(self):
        out = self.out("topics", "describe", self.topic, "--json")
        return {each["partition"]: each["newest"] for each in json.loads(out)["partitions"]}

    def await_progress(self, what):
        """Until all that is there now was read."""
        ends = self.ends()
        self.wait_until(lambda: not consumed_everything(self.members, self.topic, ends), what)

    # --- what must hold at the end --------------------------------------------------------------------------------------

    def finish(self):
        """Ends producer and members; everything that was acknowledged was read, by the rules. Returns those."""
        code, told = self.load.finish(signal.SIGTERM)
        self.assertEqual((code, told), (143, ""))
        ends = self.ends()
        acked = {}
        for line in self.load.lines:
            if line["name"] == "producer_send_success":
                acked[line["partition"]] = max(acked.get(line["partition"], 0), line["offset"] + 1)
        self.assertLessEqual(set(acked.items()), set(ends.items()), "what was acknowledged is there")
        self.await_progress("everything read")
        stored = lambda: sum(GroupRules().check(self.members).committed.values()) == sum(ends.values())
        self.wait_until(stored, "everything stored")
        for member in self.alive():
            self.terminate(member)
        rules = GroupRules().check(self.members)
        self.assertEqual({where[1]: offset for where, offset in rules.committed.items()},
                         {partition: end for partition, end in ends.items() if end > 0})
        print(f"{sum(ends.values())} records, {rules.seen_twice} of them more than once, {rules.assignments} assignments, "
              f"{rules.commit_failures} commits refused", flush=True)
        return rules

    def has_consumer_protocol(self):
        """KIP-848: where the client knows it, and the broker."""
        return self.version >= (4, 0) and b"`group.protocol`" in self.out("config-doc")
