"""From a call to the file of a whole announcement: which voice, which address, and what faults do to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio.clips import ClipStore
from audio.errors import SpeechUnavailable
from audio.espeak_voice import EspeakVoice
from audio.pcm import RATE, from_wav
from audio.phrases import AGAIN, Call, English, Phrase, phrases
from audio.piper_voice import PiperVoice
from audio.speech import Speech
from audio.voices import make_voices
from tests.integration.audio.measures import loudness, rendered
from tests.integration.audio.stand_in import StandIn, reply, sound_answer

SEKALI = AGAIN["id"]
CALL = Call("A-012", "loket tiga", "Imigrasi")
CALLS = [
    CALL,
    Call("B-345", "loket empat", "Samsat", "number", True),
    Call("ZZ-999", "loket dua puluh satu", "", "digits", True),
    Call("A-001", "loket satu", "", "number"),
    Call("QX-100", "loket enam", "Dinas Kependudukan dan Pencatatan Sipil", "number"),
]


@pytest.fixture
def speech(tmp_path: Path, espeak: EspeakVoice) -> Speech:
    return Speech(ClipStore(tmp_path / "clips"), [espeak])


@pytest.fixture
def chain(tmp_path: Path, espeak: EspeakVoice, google: StandIn) -> Speech:
    return Speech(ClipStore(tmp_path / "clips"), [google.voice(tmp_path), espeak])


def test_the_same_call_has_the_same_address(speech: Speech, tmp_path: Path, espeak: EspeakVoice) -> None:
    """Said again, or by another process, a call has its old address and file, untouched."""
    first = speech.utterance(CALL)
    path = speech.wav(first.digest)
    assert path is not None
    content, inode = path.read_bytes(), path.stat().st_ino
    other = Speech(ClipStore(tmp_path / "clips"), [espeak])
    assert other.utterance(CALL) == first
    assert (path.read_bytes(), path.stat().st_ino) == (content, inode)
    assert first.seconds == pytest.approx(len(from_wav(content)) / RATE)
    assert first.caption == "Nomor antrean A-012, silakan menuju loket tiga, Imigrasi."
    assert first.voice == "espeak"


def test_different_calls_have_different_addresses(speech: Speech) -> None:
    """Number, place, style and repetition all change the address."""
    calls = [*CALLS, Call("A-012", "loket tiga", "Imigrasi", "number"), Call("A-012", "loket tiga")]
    assert len({speech.utterance(call).digest for call in calls}) == len(calls)


def test_damaged_files_heal(speech: Speech) -> None:
    """A damaged clip and a damaged announcement are made again, with the same sound."""
    first = speech.utterance(CALL)
    path = speech.wav(first.digest)
    assert path is not None
    content = path.read_bytes()
    clip = speech.store.phrases.path(speech.store.digest(phrases(CALL)[1], speech.voices[0]))
    clip.write_bytes(clip.read_bytes()[:1000])
    path.write_bytes(content[:-100])
    assert speech.utterance(CALL) == first
    assert speech.store.read(clip.stem) is not None
    assert path.read_bytes() == content


def test_threads_race(speech: Speech) -> None:
    """Thirty threads asking for the same few calls get the same few files."""
    with ThreadPoolExecutor(30) as pool:
        made = list(pool.map(lambda index: speech.utterance(CALLS[index % 3]), range(60)))
    assert len(set(made)) == 3
    for utterance in made[:3]:
        assert len(rendered(speech, utterance.digest)) / RATE == utterance.seconds


def test_processes_race(tmp_path: Path) -> None:
    """Four processes that render the same call into one folder leave one whole file, and agree on it."""
    program = (
        "import sys, pathlib\n"
        "from audio.clips import ClipStore\n"
        "from audio.phrases import Call\n"
        "from audio.speech import Speech\n"
        "from audio.voices import make_voices\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "speech = Speech(ClipStore(folder), make_voices(['espeak'], folder))\n"
        "for number in range(5): print(speech.utterance(Call(f'A-00{number}', 'loket satu')).digest)\n"
        "speech.close()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = {process.communicate()[0] for process in running}
    assert len(outputs) == 1
    digests = outputs.pop().split()
    assert sorted(path.stem for path in (tmp_path / "utterances").iterdir()) == sorted(digests)


def test_prepare(chain: Speech, google: StandIn) -> None:
    """A phrase made by the first voice is done; asked again, the service is not troubled."""
    assert chain.prepare(SEKALI)
    assert chain.prepare(SEKALI)
    assert [text for _, text, _ in google.asked] == ["Sekali lagi,"]
    assert chain.store.has(chain.store.digest(SEKALI, chain.voices[0]))
    assert not chain.store.has(chain.store.digest(SEKALI, chain.voices[1]))


def test_prepare_without_the_service(chain: Speech, google: StandIn) -> None:
    """While the service refuses, the phrase is made by the fallback and an upgrade is owed."""
    google.answer = lambda handler: reply(handler, 429, b"")
    assert not chain.prepare(SEKALI)
    assert not chain.prepare(SEKALI)
    assert len(google.asked) == 1
    assert chain.store.has(chain.store.digest(SEKALI, chain.voices[1]))


def test_upgrade(chain: Speech, google: StandIn) -> None:
    """One voice per announcement: the fallback until the better voice has every phrase, then a new address."""
    before = chain.utterance(CALL)
    assert before.voice == "espeak"
    assert google.asked == []
    for part in phrases(CALL)[:-1]:
        assert chain.prepare(part)
    assert chain.utterance(CALL) == before
    assert chain.prepare(phrases(CALL)[-1])
    after = chain.utterance(CALL)
    assert after.voice == "gtts"
    assert after.digest != before.digest
    assert after.caption == before.caption
    assert chain.wav(before.digest) is not None
    assert loudness(rendered(chain, after.digest)) == pytest.approx(-16, abs=1)


def test_a_damaged_clip_of_the_better_voice(chain: Speech) -> None:
    """A gTTS clip found damaged is made by the fallback on the spot, and again by gTTS later."""
    for part in phrases(CALL):
        chain.prepare(part)
    clip = chain.store.phrases.path(chain.store.digest(phrases(CALL)[1], chain.voices[0]))
    clip.write_bytes(b"")
    assert chain.utterance(CALL).voice == "espeak"
    assert chain.prepare(phrases(CALL)[1])
    assert chain.utterance(CALL).voice == "gtts"


def test_a_call_never_waits_for_the_network(chain: Speech, google: StandIn) -> None:
    """With a service that never answers, an announcement is there at once and nobody was asked."""
    google.answer = lambda handler: None
    begun = time.monotonic()
    assert chain.utterance(CALL).voice == "espeak"
    assert time.monotonic() - begun < 20
    assert google.asked == []


def test_no_voice_off_line(tmp_path: Path, google: StandIn) -> None:
    """With the network voice alone, what was not made ahead cannot be spoken."""
    speech = Speech(ClipStore(tmp_path), [google.voice(tmp_path)])
    with pytest.raises(SpeechUnavailable, match="on the spot"):
        speech.utterance(CALL)
    google.answer = lambda handler: reply(handler, 500, b"")
    with pytest.raises(SpeechUnavailable):
        speech.prepare(SEKALI)
    with pytest.raises(SpeechUnavailable, match="no voice speaks id"):
        Speech(ClipStore(tmp_path), []).prepare(SEKALI)


def test_a_full_disk(speech: Speech, tmp_path: Path) -> None:
    """What cannot be kept has no address: a clear error; phrases alone need not be kept; later it works."""
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "utterances").write_bytes(b"")
    (folder / "phrases").write_bytes(b"")
    with pytest.raises(SpeechUnavailable, match="cannot be kept"):
        speech.utterance(CALL)
    with pytest.raises(SpeechUnavailable, match="cannot be kept"):
        speech.chime()
    with pytest.raises(SpeechUnavailable, match="cannot be kept"):
        speech.prepare(SEKALI)
    (folder / "utterances").unlink()
    assert speech.wav(speech.utterance(CALL).digest) is not None


def test_room_is_made_on_a_full_disk(tmp_path: Path) -> None:
    """When writing fails, announcements not used for an hour make room (a real limit on the file's size)."""
    program = (
        "import os, pathlib, resource, sys, time\n"
        "from audio.clips import ClipStore\n"
        "from audio.errors import SpeechUnavailable\n"
        "from audio.phrases import Call\n"
        "from audio.speech import Speech\n"
        "from audio.voices import make_voices\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "speech = Speech(ClipStore(folder), make_voices(['espeak'], folder))\n"
        "old = speech.wav(speech.utterance(Call('A-001', 'loket satu')).digest)\n"
        "os.utime(old, (time.time() - 7200,) * 2)\n"
        "new = speech.wav(speech.utterance(Call('A-003', 'loket satu')).digest)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: speech.utterance(Call('A-002', 'loket satu'))\n"
        "except SpeechUnavailable as error: print(error, old.exists(), new.exists())\n"
        "speech.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert "the utterance cannot be kept" in done.stdout
    assert done.stdout.endswith("False True\n")


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "a" * 64])
def test_no_such_address(speech: Speech, digest: str) -> None:
    """Anything but the digest of an announcement we have is no address."""
    assert speech.wav(digest) is None


def test_a_phrase_has_no_address(speech: Speech) -> None:
    """Phrases are parts, not announcements: only whole utterances and the chime are served."""
    speech.prepare(SEKALI)
    assert speech.wav(speech.store.digest(SEKALI, speech.voices[0])) is None


def test_make_voices(tmp_path: Path, piper: PiperVoice) -> None:
    """The chain is as configured; an unknown name is told with the known ones."""
    model = tmp_path / "id.onnx"
    voices = make_voices(["gtts", "piper", "espeak"], tmp_path, {"id": model})
    assert [voice.name for voice in voices] == ["gtts", "piper", "espeak"]
    assert [voice.local for voice in voices] == [False, True, True]
    assert [voice.on_the_spot for voice in voices] == [False, False, True]
    assert [voice.trouble() for voice in voices] == [None, None, None]
    with pytest.raises(ValueError, match="gtts, piper, espeak"):
        make_voices(["festival"], tmp_path)


def test_piper_between(tmp_path: Path, google: StandIn, piper: PiperVoice, espeak: EspeakVoice) -> None:
    """While the service is away Piper makes the clips ahead, a call does not wait for it; later gTTS is better still."""
    google.answer = lambda handler: reply(handler, 429, b"")
    chain = Speech(ClipStore(tmp_path / "clips"), [google.voice(tmp_path), piper, espeak])
    assert chain.utterance(CALL).voice == "espeak"
    assert not any(chain.prepare(part) for part in phrases(CALL))
    assert len(google.asked) == 1
    assert chain.utterance(CALL).voice == "piper"
    google.answer = lambda handler: reply(handler, 200, sound_answer())
    (tmp_path / "gtts.pace").unlink()
    assert all(chain.prepare(part) for part in phrases(CALL))
    assert chain.utterance(CALL).voice == "gtts"


def test_one_voice_for_both_languages(tmp_path: Path, piper: PiperVoice, espeak: EspeakVoice) -> None:
    """A voice without English says no half of a call in two languages, however good its Indonesian."""
    both = Call("A-012", "loket tiga", "Imigrasi", english=English("counter three"))
    alone = PiperVoice({"id": tmp_path / "id.onnx"})
    for voice, speaks in ((alone, "espeak"), (piper, "piper")):
        speech = Speech(ClipStore(tmp_path / "clips"), [voice, espeak])
        for part in phrases(both):
            speech.prepare(part)
        assert speech.utterance(CALL).voice == "piper"
        assert speech.utterance(both).voice == speaks
    with pytest.raises(SpeechUnavailable, match="no voice speaks en and id"):
        Speech(ClipStore(tmp_path / "clips"), [alone]).utterance(both)
    alone.close()


def test_import_and_making_voices_use_no_network(tmp_path: Path) -> None:
    """Nothing is connected, started or written before the first word."""
    program = (
        "import os, pathlib, socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('network')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from audio.clips import ClipStore\n"
        "from audio.speech import Speech\n"
        "from audio.voices import make_voices\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "Speech(ClipStore(folder), make_voices(['gtts', 'espeak'], folder))\n"
        "print(os.listdir(folder))\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_phrase_without_sound(speech: Speech) -> None:
    """A recording of nothing is not kept as a clip: the caller is told."""
    with pytest.raises(SpeechUnavailable, match="no sound"):
        speech.prepare(Phrase(" , ", False))
