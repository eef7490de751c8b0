"""What waits to be spoken: per zone, in the order of calls, once, and not for ever."""

from datetime import timedelta

import pytest

from server.domain import commands as c
from server.domain import events as e
from server.domain.announcements import AnnouncementQueue, must_expire
from server.domain.decide import decide, next_due
from server.domain.errors import TooMany, UnknownZone
from server.domain.views import tv
from tests.unit.domain.builders import Bench, site_with, without_service, without_zone


def three_calls() -> Bench:
    """Two calls in "utara" and one in "selatan", ten seconds apart."""
    bench = Bench()
    bench.open()
    for service, counter in (("paspor", "satu"), ("npwp", "tiga"), ("paspor", "dua")):
        bench.issue(service)
        bench.call(counter)
        bench.wait(10)
    return bench


def pending(bench: Bench, zone: str = "utara") -> list[int]:
    return [announcement.id for announcement in bench.state.announcements.get(zone, AnnouncementQueue())]


def calls(bench: Bench) -> list[int]:
    return [entry.seq for entry in bench.log if isinstance(entry.event, e.TicketCalled)]


def test_each_call_waits_in_its_zone_under_the_seq_of_its_event() -> None:
    bench = three_calls()
    first, second, third = calls(bench)
    assert pending(bench) == [first, third]
    assert pending(bench, "selatan") == [second]


def test_only_the_announcement_in_hand_can_be_spoken_and_only_once() -> None:
    bench = three_calls()
    first, _, third = calls(bench)
    for wrong in (third, 999, -1):
        seq = bench.state.seq
        bench.do(c.MarkSpoken, zone="utara", announcement=wrong)
        assert bench.state.seq == seq
    bench.do(c.MarkSpoken, zone="utara", announcement=first)
    assert bench.types()[-1] == "announcement-spoken"
    assert pending(bench) == [third]
    bench.do(c.MarkSpoken, zone="utara", announcement=first)
    assert pending(bench) == [third]


def test_a_speaker_of_another_zone_does_not_count() -> None:
    bench = three_calls()
    bench.do(c.MarkSpoken, zone="selatan", announcement=calls(bench)[0])
    assert pending(bench) == [calls(bench)[0], calls(bench)[2]]


def test_a_recall_is_spoken_again_after_what_waits_already() -> None:
    bench = three_calls()
    bench.do(c.Recall, counter="satu")
    assert pending(bench) == [calls(bench)[0], calls(bench)[2], bench.state.seq]


@pytest.mark.parametrize("end", [c.Start, c.Finish, c.NoShow, c.Park, c.Return, c.CallNext])
def test_an_announcement_may_expire_once_its_ticket_is_no_longer_called(end: type[c.Command]) -> None:
    bench = three_calls()
    first = calls(bench)[0]
    seq = bench.state.seq
    bench.do(c.ExpireAnnouncement, zone="utara", announcement=first)
    assert bench.state.seq == seq, "it is neither old nor dropped"
    bench.do(end, counter="satu")
    bench.do(c.ExpireAnnouncement, zone="utara", announcement=first)
    last = bench.last()
    assert isinstance(last, e.AnnouncementExpired)
    assert (last.zone, last.announcement, last.reason) == ("utara", first, "no-longer-called")


def test_an_announcement_may_expire_when_its_ticket_is_cancelled_because_its_service_is_gone() -> None:
    bench = three_calls()
    bench.do(c.ConfigureSite, site=without_service("paspor"))
    announcement = bench.state.announcements["utara"].waiting[calls(bench)[0]]
    assert announcement.dropped_at == bench.now
    assert must_expire(bench.state.hall, announcement, bench.now)


def test_a_dropped_announcement_that_was_begun_may_be_said_to_its_end() -> None:
    bench = three_calls()
    bench.do(c.Start, counter="satu")
    bench.wait(29)
    bench.do(c.MarkSpoken, zone="utara", announcement=calls(bench)[0])
    assert bench.types()[-1] == "announcement-spoken"


def test_an_announcement_expires_at_its_age_and_by_a_tick_half_a_minute_later() -> None:
    bench = three_calls()
    first, second, third = calls(bench)
    announcement = bench.state.announcements["utara"].waiting[first]
    old = announcement.at + timedelta(seconds=180)
    assert not must_expire(bench.state.hall, announcement, old - timedelta(microseconds=1))
    assert must_expire(bench.state.hall, announcement, old)
    assert next_due(bench.state) == old + timedelta(seconds=30)
    assert decide(bench.state, bench.make(c.Tick, at=old + timedelta(seconds=29.9))) == ()
    bench.now = old + timedelta(seconds=45)
    bench.do(c.Tick)
    assert [entry.event.announcement for entry in bench.log if isinstance(entry.event, e.AnnouncementExpired)] == [
        first,
        second,
    ]
    assert pending(bench) == [third]
    last = bench.last()
    assert isinstance(last, e.AnnouncementExpired)
    assert last.reason == "too-old"
    bench.check()


def test_a_dropped_announcement_expires_by_a_tick_half_a_minute_after_it_was_dropped() -> None:
    bench = three_calls()
    bench.do(c.Start, counter="satu")
    assert next_due(bench.state) == bench.now + timedelta(seconds=30)
    bench.wait(10)
    bench.do(c.Finish, counter="satu")
    assert next_due(bench.state) == bench.now + timedelta(seconds=20), "the first reason counts"


def test_an_announcement_of_a_cancelled_hall_is_expired_with_its_reason() -> None:
    """At the end of the day every pending announcement ends by name, so that a follower of the log sees its end."""
    bench = three_calls()
    waiting = {*pending(bench), *pending(bench, "selatan")}
    bench.wait(86_400)
    bench.do(c.Tick)
    ended = [entry.event for entry in bench.log if isinstance(entry.event, e.AnnouncementExpired)]
    assert {event.announcement for event in ended} == waiting
    assert {event.reason for event in ended} == {"day-ended"}


def test_the_age_of_an_announcement_is_the_sites() -> None:
    bench = Bench(site_with(announcement=type(site_with().announcement)(repeat=True, agency=False, expires=5.0)))
    bench.open()
    bench.issue()
    bench.call("satu")
    assert next_due(bench.state) == bench.now + timedelta(seconds=35)


def test_speaking_and_expiring_are_not_remembered_as_answers() -> None:
    bench = three_calls()
    kept = len(bench.state.unkeyed)
    bench.do(c.MarkSpoken, zone="utara", announcement=calls(bench)[0])
    bench.wait(300)
    bench.do(c.Tick)
    assert len(bench.state.unkeyed) <= kept
    assert not bench.state.keyed


def test_what_no_voice_can_say_is_given_up_only_when_it_is_said_so() -> None:
    bench = three_calls()
    first, _, third = calls(bench)
    bench.do(c.ExpireAnnouncement, zone="utara", announcement=first)
    assert pending(bench) == [first, third]
    bench.do(c.ExpireAnnouncement, zone="utara", announcement=first, unspeakable=True)
    assert pending(bench) == [third]
    assert getattr(bench.log[-1].event, "reason", None) == "unspeakable"


def notices(bench: Bench, zone: str) -> list[tuple[str, str | None]]:
    return [(noticed.notice, noticed.outcome) for noticed in bench.state.notices.get(zone, ())]


def test_a_notice_waits_in_its_zones_like_a_call_and_is_shown_with_what_became_of_it() -> None:
    bench = three_calls()
    answer = bench.do(c.AnnounceNotice, notice="n1")
    assert answer.zones == ("utara", "selatan")
    assert answer.seq == bench.state.seq
    bench.do(c.AnnounceNotice, notice="n2", zones=("selatan",))
    bench.do(c.Recall, counter="satu")
    first, second, third = calls(bench)
    assert pending(bench) == [first, third, answer.seq, answer.seq + 2]
    assert pending(bench, "selatan") == [second, answer.seq, answer.seq + 1]
    for announcement in (second, answer.seq):
        bench.do(c.MarkSpoken, zone="selatan", announcement=announcement)
    bench.do(c.ExpireAnnouncement, zone="utara", announcement=answer.seq, unspeakable=True)
    assert notices(bench, "utara") == [("n1", "expired")]
    assert notices(bench, "selatan") == [("n1", "spoken"), ("n2", None)]
    shown = tv("selatan")(bench.state)["notices"]
    assert [(one["notice"], one["ended_at"]) for one in shown] == [("n2", None), ("n1", bench.state.at)]
    bench.check()


def test_a_notice_grows_too_old_like_a_call() -> None:
    bench = Bench()
    old = bench.do(c.AnnounceNotice, notice="n").seq
    bench.wait(209)
    bench.do(c.Tick)
    assert pending(bench) == pending(bench, "selatan") == [old]
    bench.wait(1)
    bench.do(c.Tick)
    assert [(event.zone, event.announcement, event.reason) for _, event in ends(bench)] == [
        ("utara", old, "too-old"),
        ("selatan", old, "too-old"),
    ]
    bench.check()


def test_what_waits_when_the_day_ends_ends_by_name_before_the_new_day_and_is_not_carried_into_it() -> None:
    bench = Bench()
    bench.wait(15 * 3600 - 20)
    notice = bench.do(c.AnnounceNotice, notice="n").seq
    bench.wait(30)
    bench.do(c.Tick)
    assert bench.types()[-1] == "day-opened"
    assert [(seq < bench.state.seq, event.announcement, event.reason) for seq, event in ends(bench)] == [
        (True, notice, "day-ended")
    ] * 2
    assert not bench.state.announcements
    assert not bench.state.notices
    bench.do(c.MarkSpoken, zone="utara", announcement=notice)
    assert bench.types()[-1] == "day-opened", "what is said to its end across midnight has its end already"
    bench.check()


def ends(bench: Bench) -> list[tuple[int, e.AnnouncementExpired]]:
    return [(entry.seq, entry.event) for entry in bench.log if isinstance(entry.event, e.AnnouncementExpired)]


def test_a_notice_for_an_unknown_zone_is_refused_as_a_whole() -> None:
    bench = Bench()
    with pytest.raises(UnknownZone):
        bench.do(c.AnnounceNotice, notice="n", zones=("utara", "barat"))
    assert not bench.state.announcements


def test_a_notice_asked_for_again_with_its_key_is_announced_once_and_answered_alike() -> None:
    bench = Bench()
    first = bench.do(c.AnnounceNotice, id="k", notice="n", keyed=True)
    bench.wait(100)
    assert bench.do(c.AnnounceNotice, id="k", notice="n", keyed=True) == first
    assert bench.types().count("notice-announced") == 1
    bench.wait(86_000)
    bench.do(c.Tick)
    assert bench.types()[-1] == "day-opened"
    assert bench.do(c.AnnounceNotice, id="k", notice="n", keyed=True) == first, "the new day knows it too"


def test_a_notice_in_a_removed_zone_ends_and_goes_on_in_the_other() -> None:
    bench = Bench()
    notice = bench.do(c.AnnounceNotice, notice="n").seq
    bench.do(c.ConfigureSite, site=without_zone("selatan", moved_to="utara"))
    assert [(event.zone, event.reason) for _, event in ends(bench)] == [("selatan", "site-changed")]
    assert pending(bench) == [notice]


def test_in_a_zone_where_ten_notices_wait_no_other_is_taken_until_one_was_said() -> None:
    bench = Bench()
    for n in range(10):
        bench.do(c.AnnounceNotice, notice=f"n{n}", zones=("utara",))
    for zones in (("utara",), ("selatan", "utara"), ()):
        with pytest.raises(TooMany, match="utara"):
            bench.do(c.AnnounceNotice, notice="more", zones=zones)
    bench.do(c.AnnounceNotice, notice="elsewhere", zones=("selatan",))
    waiting = bench.state.announcements["utara"].in_hand
    assert waiting
    bench.do(c.MarkSpoken, zone="utara", announcement=waiting.id)
    bench.do(c.AnnounceNotice, notice="more", zones=("utara",))


def test_a_screen_is_told_of_the_latest_notices_and_no_more_are_kept_than_a_few() -> None:
    bench = Bench()
    for n in range(30):
        told = bench.do(c.AnnounceNotice, notice=f"n{n}", zones=("utara",))
        bench.do(c.MarkSpoken, zone="utara", announcement=told.seq)
    assert len(bench.state.notices["utara"]) == 20
    assert [one["notice"] for one in tv("utara")(bench.state)["notices"]] == ["n29", "n28", "n27", "n26", "n25"]
