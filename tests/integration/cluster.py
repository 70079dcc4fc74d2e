# SPDX-License-Identifier: Apache-2.0
"""A real Kafka for tests, run by scripts/broker, that ends with whoever wanted it.

Usage: cluster.py start|stop SCRIPTS_BROKER FOLDER VERSION
`start` leaves the cluster running until `stop`, or until the process that called it ends: a ctest that is killed leaves no
brokers behind.
"""

import fcntl
import os
import select
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

# Beside what scripts/broker sets: the log cleaner looks often, so that a test of compaction need not wait for it, and so does
# who aborts transactions that take too long.
SETTINGS = ("log.cleaner.backoff.ms=300", "log.retention.check.interval.ms=1000",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
            # Members of KIP-848 are counted out as soon as classic ones may be. Older brokers ignore all of these.
            "group.consumer.min.session.timeout.ms=6000", "group.consumer.session.timeout.ms=6000",
            "group.consumer.min.heartbeat.interval.ms=1000", "group.consumer.heartbeat.interval.ms=1000")
# A start may find the machine busy with compilers.
START_SECONDS = 240


class Cluster:
    """A cluster in a folder of its own. Any process may look at one that another has started."""

    def __init__(self, script, folder, version):
        self.script, self.folder, self.version = str(script), Path(folder).resolve(), version

    def start(self, owner, nodes=1, settings=()):
        """Begins with empty data. The cluster is stopped when the process `owner` has ended, if not before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._owner_file().write_text(str(owner))
            self._run("stop")
            options = [word for each in (*SETTINGS, *settings) for word in ("--config", each)]
            self._run("start", "--version", self.version, "--nodes", str(nodes), *options)
        guard = [sys.executable, "-B", __file__, "guard", self.script, str(self.folder), self.version, str(owner)]
        subprocess.run(guard, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def stop(self):
        with self._locked():
            self._run("stop")

    def stop_if_owned_by(self, owner):
        with self._locked():
            if self._owner_file().read_text() == str(owner):
                self._run("stop")

    def brokers(self):
        status = subprocess.run([self.script, "status", "--dir", str(self.folder)], stdout=subprocess.PIPE, text=True,
                                check=False).stdout
        return next(line.split(": ")[1] for line in status.splitlines() if line.startswith("bootstrap: "))

    def act(self, verb, node):
        """kill, pause, resume or restart a node."""
        self._run(verb, str(node))

    def data_folder(self, node=1):
        return self.folder / f"node{node}" / "data"

    def _run(self, command, *arguments):
        # Not through pipes: the brokers would keep them open.
        subprocess.run([self.script, command, *arguments, "--dir", str(self.folder)], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=START_SECONDS, check=True)

    def _owner_file(self):
        return self.folder / "owner"

    @contextmanager
    def _locked(self):
        with open(self.folder / "lock", "w", encoding="ascii") as lock:
            os.set_inheritable(lock.fileno(), False)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def guard(cluster, owner):
    """Goes on in a process of its own, out of its caller's family, until `owner` has ended."""
    try:
        ended = os.pidfd_open(int(owner))
    except ProcessLookupError:
        cluster.stop_if_owned_by(owner)
        return
    if os.fork() > 0:
        return
    os.setsid()
    select.select([ended], [], [])
    cluster.stop_if_owned_by(owner)


def main(command, script, folder, version, owner=None):
    cluster = Cluster(script, folder, version)
    if command == "start":
        cluster.start(os.getppid())
        print(cluster.brokers())
    elif command == "stop":
        cluster.stop()
    elif command == "guard":
        guard(cluster, owner)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
