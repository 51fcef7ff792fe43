"""What a phone shows and says of a screen, word for word, page by page."""

from dataclasses import dataclass

from dsl.turns import Screen, Surface
from providers.africastalking import rendering, screens


@dataclass
class Display:
    """What somebody on the line has before them: pages, of which one is seen, or all that a call says."""

    pages: list[str]
    asks: bool
    """Whether an answer is awaited behind the last page."""
    at: int = 0

    @property
    def text(self) -> str:
        """What is seen or heard now."""
        return self._screen.body[len(screens.CONTINUE) :]

    @property
    def open(self) -> bool:
        """Whether the session goes on."""
        return self._screen.open

    def turns(self, typed: str) -> bool:
        """Whether that was a key of ours, and leads to another page."""
        at = screens.turned(self.pages, self.at, typed)
        if at is None:
            return False
        self.at = at
        return True

    @property
    def _screen(self) -> screens.Screen:
        return screens.screen(self.pages, self.at, open=self.asks)


def display(screen: Screen, surface: Surface) -> Display:
    """A screen as it is shown first."""
    if surface == "voice":
        return Display(["\n".join(rendering.spoken(screen))], screen.open)
    return Display(rendering.pages(screen), screen.open)
