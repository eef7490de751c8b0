from collections.abc import Iterator

import pytest

from audio.speech import Speech
from tests.integration.speech.ears import speech
from tests.support.patience import patient as patient
from tests.support.told import told as told


@pytest.fixture(scope="package")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speech]:
    with speech(tmp_path_factory.mktemp("short")) as made:
        yield made
