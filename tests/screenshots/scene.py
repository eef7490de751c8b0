"""What a picture is made of: a hall, a screen brought into a state, and the sizes in which it is looked at."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple

from playwright.sync_api import Page

from tests.browser.conftest import Screens


class Size(NamedTuple):
    """Pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class Stage:
    """Where a scene plays: the hall's screens, and the same in a browser that allows no sound before a touch."""

    screens: Screens
    silent: Screens


@dataclass(frozen=True)
class Scene:
    """show: gives the page when the state has been reached, and undoes the state afterwards.

    name: begins with the screen. hall: a name in halls.HALLS. The page is resized to each of `sizes` in turn.
    """

    name: str
    hall: str
    sizes: tuple[Size, ...]
    show: Callable[[Stage], AbstractContextManager[Page]]
