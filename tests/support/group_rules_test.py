# SPDX-License-Identifier: Apache-2.0
"""That the rules for groups catch what breaks them."""

import unittest

from group_rules import Broken, GroupRules, consumed_everything

PLACE = [{"topic": "t", "partition": 0}]


class Log:
    def __init__(self, name, *events):
        self.name, self.events = name, list(events)


def event(timestamp, name, **more):
    return {"timestamp": timestamp, "name": name, **more}


def assigned(timestamp, partitions=None):
    return event(timestamp, "partitions_assigned", partitions=PLACE if partitions is None else partitions)


def revoked(timestamp):
    return event(timestamp, "partitions_revoked", partitions=PLACE)


def consumed(timestamp, first, last, count=None):
    count = last - first + 1 if count is None else count
    return event(timestamp, "records_consumed", count=count,
                 partitions=[{"topic": "t", "partition": 0, "count": count, "minOffset": first, "maxOffset": last}])


def committed(timestamp, offset, **more):
    return event(timestamp, "offsets_committed", offsets=[{"topic": "t", "partition": 0, "offset": offset}],
                 **(more or {"success": True}))


START = event(0, "startup_complete")
STOP = event(99, "shutdown_complete")


class Rules(unittest.TestCase):
    def broken(self, says, *logs, **more):
        with self.assertRaisesRegex(Broken, says):
            GroupRules(**more).check([Log(f"m{number}", *events) for number, events in enumerate(logs)])

    def test_what_a_healthy_group_prints(self):
        first = Log("a", START, assigned(1), consumed(2, 0, 9), committed(3, 10), revoked(4), assigned(5, []), STOP)
        other = Log("b", START, assigned(4), consumed(5, 10, 19), committed(6, 5, success=False, error="why"),
                    committed(7, 20), event(8, "shutdown_requested"), revoked(9), STOP)
        rules = GroupRules().check([first, other])
        self.assertEqual((rules.assignments, rules.commit_failures, rules.seen_twice), (3, 1, 0))
        self.assertEqual(rules.committed, {("t", 0): 20})
        self.assertEqual(consumed_everything([first, other], "t", {0: 20}), [])
        self.assertEqual(consumed_everything([other], "t", {0: 25, 1: 0}), [(0, 0, 10), (0, 20, 25)])

    def test_events_of_one_member(self):
        self.broken("before startup", [assigned(1)])
        self.broken("twice", [START, START])
        self.broken("after the end", [START, STOP, START])
        self.broken("no such event", [START, event(1, "noise")])
        self.broken("before an assignment", [START, consumed(1, 0, 1)])
        self.broken("not assigned", [START, assigned(1), revoked(2), consumed(3, 0, 1)])
        self.broken("not assigned", [START, assigned(1), consumed(2, 0, 1), revoked(2), committed(3, 2)])
        self.broken("had only", [START, revoked(1)])
        self.broken("had .* already", [START, assigned(1), assigned(2)])
        self.broken("still has", [START, assigned(1), STOP])
        self.broken("was at 2", [START, assigned(1), consumed(2, 0, 1), consumed(3, 3, 4)])
        self.broken("count of", [START, assigned(1), consumed(2, 0, 5, count=3)])
        self.broken("is at 2", [START, assigned(1), consumed(2, 0, 1), committed(3, 3)])
        self.broken("is at None", [START, assigned(1), committed(3, 3)])
        self.broken("goes back", [START, assigned(1), consumed(2, 0, 9), committed(3, 9), committed(4, 8)])
        self.broken("no error", [START, assigned(1), consumed(2, 0, 9), committed(3, 9, success=False, error="")])

    def test_what_members_owe_each_other(self):
        self.broken("is m0's", [START, assigned(1)], [START, assigned(2)])
        before = [START, assigned(1), consumed(2, 0, 9), committed(3, 10), revoked(4), STOP]
        self.broken("before what was stored", before, [START, assigned(5), consumed(6, 9, 12)])
        self.broken("skips", before, [START, assigned(5), consumed(6, 11, 12)])
        unstored = [START, assigned(1), consumed(2, 0, 9), revoked(4), STOP]
        again = [START, assigned(4), consumed(6, 0, 12)]
        logs = [Log("a", *unstored), Log("b", *again)]
        self.assertEqual(GroupRules().check(logs).seen_twice, 10)

    def test_those_that_are_killed_and_stopped_have_nothing_any_more(self):
        takes_over = Log("b", START, assigned(5), consumed(6, 0, 12), committed(7, 13))
        killed = Log("a", START, assigned(1), consumed(2, 0, 9), event(3, "killed"))
        GroupRules().check([killed, takes_over])
        stopped = Log("a", START, assigned(1), consumed(2, 0, 9), event(3, "stopped"), committed(8, 10), consumed(9, 10, 12),
                      committed(10, 13, success=False, error="fenced"), revoked(11), STOP)
        self.assertEqual(GroupRules().check([stopped, takes_over]).committed, {("t", 0): 13})

    def test_only_one_commit_can_have_been_under_way_when_a_member_was_stopped(self):
        takes_over = Log("b", START, assigned(5), consumed(6, 0, 12), committed(7, 13))
        stopped = (START, assigned(1), consumed(2, 0, 9), event(3, "stopped"))
        GroupRules().check([Log("a", *stopped, committed(8, 10)), takes_over])
        self.broken("goes back from 13", takes_over.events, [*stopped, committed(8, 9), committed(9, 10)])
        self.broken("goes back from 13", takes_over.events,
                    [*stopped, committed(8, 9, success=False, error="fenced"), committed(9, 10)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
