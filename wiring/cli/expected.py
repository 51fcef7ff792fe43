"""What is expected to go wrong and explains itself in a line."""

from store.access import BadKeyError
from wiring.embedded.errors import EmbeddedError
from wiring.keys import KeysError
from wiring.scenario import TalkError
from wiring.settings import SettingsError
from wiring.supervise.part import PartError
from wiring.supervise.ports import PortTakenError
from wiring.supervise.record import StateDirTakenError

EXPECTED = (
    BadKeyError,
    EmbeddedError,
    KeysError,
    PartError,
    PortTakenError,
    SettingsError,
    StateDirTakenError,
    TalkError,
)
