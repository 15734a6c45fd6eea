# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from restage.recovery.roster import Lifecycle, Roster


def roster(*states: Lifecycle) -> Roster:
    roster = Roster(['a', 'b', 'c'])
    for member, state in zip(roster.members.values(), states, strict=False):
        member.state, member.pid = state, 100
    return roster


def test_the_standby_is_the_first_inactive_member() -> None:
    found = roster(Lifecycle.UNCONFIGURED, Lifecycle.INACTIVE, Lifecycle.INACTIVE).standby()
    assert found is not None
    assert found.name == 'b'


def test_nobody_is_standby_before_a_member_is_configured() -> None:
    assert roster(Lifecycle.ABSENT, Lifecycle.UNCONFIGURED, Lifecycle.ACTIVE).standby() is None


def test_the_promoted_member_is_primary_and_no_standby() -> None:
    members = roster(Lifecycle.INACTIVE)
    members.promote(members.members['a'], 7)
    assert members.primary is members.members['a']
    assert (members.primary.epoch, members.primary.state) == (7, Lifecycle.ACTIVE)
    assert members.standby() is None


def test_a_dead_primary_leaves_the_place_empty_and_its_pid_is_remembered() -> None:
    members = roster(Lifecycle.INACTIVE, Lifecycle.INACTIVE)
    dead = members.members['a']
    members.promote(dead, 1)
    members.died(dead)
    assert members.primary is None
    assert (dead.state, dead.pid, dead.dead_pids) == (Lifecycle.ABSENT, 0, {100})


def test_the_death_of_a_standby_does_not_touch_the_primary() -> None:
    members = roster(Lifecycle.INACTIVE, Lifecycle.INACTIVE)
    members.promote(members.members['a'], 1)
    members.died(members.members['b'])
    assert members.primary is members.members['a']
    assert members.standby() is None
