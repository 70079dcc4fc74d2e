# SPDX-License-Identifier: Apache-2.0
"""What Kafka's own system tests demand of the events of a group's members (kafkatest/services/verifiable_consumer.py), and what
a group promises as a whole: checked over everything that all members printed, in the order of its time.

A member prints what it gives up before it tells the group, so the time stamps of one machine order the events of different
members well enough; of two in the same millisecond an assignment is taken for the later one.
"""

import heapq
import json
import subprocess
import threading
import time


class MemberLog:
    """Keeps what one verifiable consumer prints, as it comes, and what is done to it."""

    def __init__(self, process, name):
        self.process, self.name, self.events, self.came = process, name, [], threading.Condition()
        self.reading = threading.Event()
        self.reading.set()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            self.reading.wait()
            line = self.process.stdout.readline()
            if not line:
                break
            try:
                event = json.loads(line)
            except ValueError:
                event = {"timestamp": time.time_ns() // 1_000_000, "name": "noise", "line": repr(line)}
            self._add(event)

    def _add(self, event):
        with self.came:
            self.events.append(event)
            self.came.notify_all()

    def note(self, what):
        """Something that was done to the member: stopped or killed. After a kill nothing of it is still to come."""
        if what == "killed":
            self.thread.join()
        self._add({"timestamp": time.time_ns() // 1_000_000, "name": what})

    def wait_for(self, condition, patience):
        """The first true result of `condition` on the events; false if there was none in time."""
        end = time.monotonic() + patience
        with self.came:
            while not (result := condition(self.events)) and time.monotonic() < end:
                self.came.wait(0.2)
        return result

    def names(self):
        with self.came:
            return [event["name"] for event in self.events]

    def owned(self):
        """The partitions it has, by its last events."""
        with self.came:
            events = list(self.events)
        owned = set()
        for event in events:
            if event["name"] == "partitions_assigned":
                owned |= places(event["partitions"])
            elif event["name"] == "partitions_revoked":
                owned -= places(event["partitions"])
            elif event["name"] in ("killed", "shutdown_complete"):
                owned = set()
        return owned

    def count(self, name):
        return self.names().count(name)

    def end(self, with_signal, patience):
        """Exit code and complaints."""
        self.process.send_signal(with_signal)
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.thread.join(patience)
        return code, self.process.stderr.read().decode()


def places(partitions):
    return {(each["topic"], each["partition"]) for each in partitions}


class Broken(AssertionError):
    """A rule that does not hold."""


class _Member:
    def __init__(self, name):
        self.name, self.joined, self.stopped, self.begun, self.ended = name, False, False, False, False
        self.under_way = False  # maybe a commit, when it was stopped
        self.owned, self.position = set(), {}
        self.commits = {}  # the last one of each partition


class GroupRules:
    """Goes through the events of all members. `gapless`: the topic has neither markers nor compaction."""

    def __init__(self, gapless=True):
        self.members, self.owner, self.consumed, self.committed = {}, {}, {}, {}
        self.gapless, self.assignments, self.commit_failures, self.seen_twice = gapless, 0, 0, 0

    def check(self, logs):
        """Raises Broken for the first rule that does not hold; returns itself."""
        streams = [[(event["timestamp"], event["name"] == "partitions_assigned", index, number)
                    for number, event in enumerate(log.events)] for index, log in enumerate(logs)]
        for stream in streams:
            # A member's own order counts, also if the clock was set back.
            for at in range(1, len(stream)):
                if stream[at][0] < stream[at - 1][0]:
                    stream[at] = (stream[at - 1][0], *stream[at][1:])
        for _, _, index, number in heapq.merge(*streams):
            self.event(logs[index].name, logs[index].events[number])
        return self

    def event(self, name, event):
        member = self.members.setdefault(name, _Member(name))
        handler = getattr(self, "_" + event["name"], None)
        self._demand(handler is not None, member, event, "no such event")
        self._demand(member.begun or event["name"] in ("startup_complete", "shutdown_requested", "killed", "stopped"), member,
                     event, "before startup_complete")
        self._demand(not member.ended, member, event, "after the end")
        handler(member, event)

    @staticmethod
    def _demand(holds, member, event, rule):
        if not holds:
            raise Broken(f"{member.name}: {rule}: {event}")

    def _startup_complete(self, member, event):
        self._demand(not member.begun, member, event, "twice")
        member.begun = True

    def _shutdown_requested(self, member, event):
        pass

    def _shutdown_complete(self, member, event):
        self._demand(not member.owned, member, event, f"still has {member.owned}")
        member.ended = True

    def _killed(self, member, _):
        self._take_away(member, set(member.owned))
        member.ended = True

    def _stopped(self, member, _):
        # The group will count it out, and it learns of that later.
        member.stopped = member.under_way = True
        for place in member.owned:
            self.owner.pop(place, None)

    def _take_away(self, member, gone):
        for place in gone:
            if self.owner.get(place) == member.name:
                del self.owner[place]
            member.position.pop(place, None)
        member.owned -= gone

    def _partitions_assigned(self, member, event):
        self.assignments += 1
        member.joined, member.stopped = True, False
        for place in places(event["partitions"]):
            self._demand(place not in member.owned, member, event, f"had {place} already")
            other = self.owner.get(place)
            self._demand(other is None, member, event, f"{place} is {other}'s")
            self.owner[place] = member.name
            member.owned.add(place)

    def _partitions_revoked(self, member, event):
        gone = places(event["partitions"])
        self._demand(gone <= member.owned, member, event, f"had only {sorted(member.owned)}")
        self._take_away(member, gone)
        member.stopped = False

    def _records_consumed(self, member, event):
        self._demand(member.joined, member, event, "before an assignment")
        counted = 0
        for each in event["partitions"]:
            place, first, last = (each["topic"], each["partition"]), each["minOffset"], each["maxOffset"]
            self._demand(place in member.owned, member, event, f"{place} is not assigned")
            self._demand(first <= last, member, event, "maxOffset is below minOffset")
            if self.gapless:
                self._demand(each["count"] == last - first + 1, member, event, f"count of {place}")
            counted += each["count"]
            if place in member.position:
                self._demand(first == member.position[place] if self.gapless else first >= member.position[place], member,
                             event, f"{place} was at {member.position[place]}")
            elif not member.stopped:
                self._demand(first >= self.committed.get(place, 0), member, event,
                             f"{place} begins before what was stored, {self.committed.get(place)}")
                if self.gapless:
                    self._demand(first <= self.consumed.get(place, first), member, event,
                                 f"{place} skips what comes after {self.consumed.get(place)}")
            self.seen_twice += max(0, self.consumed.get(place, first) - first)
            member.position[place] = last + 1
            self.consumed[place] = max(self.consumed.get(place, 0), last + 1)
        self._demand(event["count"] >= counted > 0, member, event, "count")

    def _record_data(self, member, event):
        self._demand((event["topic"], event["partition"]) in member.owned, member, event, "not assigned")

    def _offsets_committed(self, member, event):
        # It waits for one commit at a time. The first that it tells of may have been stored before it was stopped.
        told_late, member.under_way = member.under_way, False
        for each in event["offsets"]:
            place, offset = (each["topic"], each["partition"]), each["offset"]
            self._demand(place in member.owned, member, event, f"{place} is not assigned")
            self._demand(offset <= member.position.get(place, -1), member, event, f"{place} is at {member.position.get(place)}")
            if not event["success"]:
                continue
            self._demand(offset >= member.commits.get(place, 0), member, event, "goes back")
            member.commits[place] = offset
            if told_late and offset < self.committed.get(place, 0):
                continue
            self._demand(offset >= self.committed.get(place, 0), member, event,
                         f"goes back from {self.committed.get(place)}")
            self.committed[place] = offset
        if not event["success"]:
            self._demand(event["error"] != "", member, event, "no error")
            self.commit_failures += 1


def consumed_everything(logs, topic, ends):
    """What of the offsets 0 ... end - 1 of each partition no member has read: (partition, first, next)."""
    missing = []
    for partition, end in ends.items():
        ranges = sorted((each["minOffset"], each["maxOffset"] + 1) for log in logs for event in log.events
                        if event["name"] == "records_consumed" for each in event["partitions"]
                        if (each["topic"], each["partition"]) == (topic, partition))
        at = 0
        for first, after in ranges:
            if first > at:
                missing.append((partition, at, min(first, end)))
            at = max(at, after)
        if at < end:
            missing.append((partition, at, end))
    return [each for each in missing if each[1] < each[2]]
