"""A speaker says one thing after another, and claims only what was heard."""

from typing import Any

from speaker.conversation import Conversation, Frame, Utterance


def given(announcement: int, text: str = "") -> Utterance:
    return Utterance(announcement, text or f"text {announcement}", ("/chime", f"/{announcement}"), 4.0)


def spoken(announcement: int) -> Frame:
    return {"type": "spoken", "announcement": announcement}


READY: Frame = {"type": "ready"}
MUTED: Frame = {"type": "muted"}


def connected() -> Conversation:
    talk = Conversation()
    talk.can(True)
    assert talk.beat("one") == [READY]
    return talk


def playing(talk: Conversation) -> Any:
    return talk.playing and talk.playing.announcement


def test_nothing_is_said_before_the_server_has_told_which_log_it_is() -> None:
    talk = Conversation()
    assert talk.can(True) == []
    assert talk.beat("one") == [READY]
    assert talk.beat("one") == []


def test_a_speaker_without_sound_says_so_and_is_not_to_be_given_anything() -> None:
    talk = Conversation()
    assert talk.beat("one") == [MUTED]
    assert talk.speak(given(1)) == [MUTED]
    assert talk.playing is None
    assert talk.can(True) == [READY]
    assert talk.can(True) == []
    assert talk.can(False) == [MUTED]


def test_what_was_heard_to_the_end_is_told() -> None:
    talk = connected()
    assert talk.speak(given(1)) == []
    assert playing(talk) == 1
    assert talk.ended(heard=True) == [spoken(1)]
    assert talk.playing is None


def test_two_utterances_never_sound_at_once() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.speak(given(2))
    talk.speak(given(2))
    talk.speak(given(1))
    assert playing(talk) == 1
    assert talk.ended(heard=True) == [spoken(1)]
    assert playing(talk) == 2
    assert talk.ended(heard=True) == [spoken(2)]
    assert talk.playing is None


def test_what_was_heard_already_is_answered_and_not_said_twice() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.ended(heard=True)
    assert talk.speak(given(1)) == [spoken(1)]
    assert talk.playing is None


def test_what_was_not_heard_to_the_end_is_said_again_when_asked() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.speak(given(2))
    assert talk.ended(heard=False) == [MUTED]
    assert talk.playing is None
    assert talk.can(True) == [READY]
    talk.speak(given(1))
    assert playing(talk) == 1
    assert talk.ended(heard=True) == [spoken(1)]


def test_what_ended_while_the_line_was_down_is_told_before_anything_else() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.disconnected()
    assert talk.ended(heard=True) == []
    assert talk.beat("one") == [spoken(1), READY]


def test_what_was_told_before_the_line_broke_is_told_again_for_nobody_acknowledges_it() -> None:
    talk = connected()
    talk.speak(given(1))
    assert talk.ended(heard=True) == [spoken(1)]
    talk.disconnected()
    assert talk.beat("one") == [spoken(1), READY]


def test_an_utterance_goes_on_while_the_line_is_down_and_is_not_begun_again() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.disconnected()
    assert talk.beat("one") == [READY]
    assert talk.speak(given(1)) == []
    assert talk.ended(heard=True) == [spoken(1)]
    assert talk.playing is None


def test_what_waited_when_the_line_broke_is_left_to_the_server() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.speak(given(2))
    talk.disconnected()
    talk.ended(heard=True)
    assert talk.playing is None


def test_in_another_life_of_the_log_nothing_is_claimed_and_the_same_number_is_another_announcement() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.ended(heard=True)
    talk.speak(given(2))
    talk.disconnected()
    assert talk.beat("two") == [READY]
    assert talk.ended(heard=True) == []
    talk.speak(given(1))
    assert playing(talk) == 1
    assert talk.ended(heard=True) == [spoken(1)]


def test_the_same_number_with_another_text_is_said() -> None:
    talk = connected()
    talk.speak(given(1, "before"))
    talk.ended(heard=True)
    talk.speak(given(1, "after"))
    assert playing(talk) == 1


def test_what_is_given_again_in_a_better_voice_while_it_plays_is_not_said_twice() -> None:
    talk = connected()
    talk.speak(given(1))
    talk.speak(Utterance(1, "text 1", ("/chime", "/better"), 4.0))
    assert talk.ended(heard=True) == [spoken(1)]
    assert talk.playing is None
