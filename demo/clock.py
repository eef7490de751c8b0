"""The day's clock of a demo: minutes from the opening at 8 o'clock, faster than life if asked."""

import asyncio

from demo.plan import OPENS


class Clock:
    """speed: minutes of the hall's day in a minute of life. minute: where the day begins."""

    def __init__(self, speed: float, minute: float) -> None:
        self.speed = speed
        self._began = asyncio.get_running_loop().time() - minute * 60 / speed

    @property
    def minute(self) -> float:
        return (asyncio.get_running_loop().time() - self._began) * self.speed / 60

    async def until(self, minute: float) -> None:
        await asyncio.sleep(max(0.0, minute - self.minute) * 60 / self.speed)

    def __str__(self) -> str:
        hours, minutes = divmod(OPENS + round(self.minute), 60)
        return f"{hours:02d}:{minutes:02d}"
