"""What a subscriber does with a call."""

import re
from typing import Literal

from emulators.africastalking.domain import voice
from emulators.africastalking.domain.scripts import Step
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import ApiError
from emulators.africastalking.rows import Call, Json

DialResult = Literal["answered", "busy", "no_answer", "rejected"]
CAUSES: dict[DialResult, str] = {
    "answered": "NORMAL_CLEARING",
    "busy": "USER_BUSY",
    "no_answer": "NO_ANSWER",
    "rejected": "CALL_REJECTED",
}


async def ring(emu: Emulator, number: str, to: str) -> Call:
    """Call the application; it picks up at once."""
    if to not in emu.config.voice_numbers:
        raise ApiError(422, "to: no number of this application takes calls")
    call = voice.call_in(emu, emu.phone(number), to)
    await voice.answer(emu, call)
    return call


async def pick_up(emu: Emulator, call: Call) -> None:
    _expect(call.state == "ringing", "the phone does not ring")
    await voice.answer(emu, call)


async def turn_away(emu: Emulator, call: Call, result: DialResult) -> None:
    """Do not answer a ringing phone."""
    _expect(call.state == "ringing" and result != "answered", "the phone does not ring, or was answered")
    voice.end(emu, call, CAUSES[result], "Failed")


async def press(emu: Emulator, call: Call, keys: str) -> None:
    """Press keys where digits are asked for; without keys, nothing is typed in time."""
    step = _awaited(call, "GetDigits")
    _expect(re.fullmatch("[0-9*#]*", keys, re.ASCII) is not None, "a phone has the keys 0 to 9, * and #")
    finish = step.attributes.get("finishOnKey", "#")
    digits = keys.split(finish, 1)[0] if finish else keys
    if most := step.attributes.get("numDigits"):
        digits = digits[: int(most)]
    if digits:
        await voice.ask(emu, call, step.attributes.get("callbackUrl"), dtmfDigits=digits)
    else:
        call.waiting = None
        emu.timers.stop(call.id)
        await voice.play(emu, call)


async def speak(emu: Emulator, call: Call) -> None:
    """Leave a recording where one is taken."""
    step = _awaited(call, "Record")
    url = step.attributes.get("callbackUrl")
    await voice.ask(emu, call, url, recordingUrl=voice.new_recording(call))


async def bridged(emu: Emulator, call: Call, result: DialResult, seconds: int) -> None:
    """The other leg of a dialled call ends (or never began), and with it the call."""
    step = _awaited(call, "Dial")
    numbers = step.attributes["phoneNumbers"].split(",")
    told = {"dialDestinationNumber": numbers[0], "lastBridgeHangupCause": CAUSES[result]}
    told["dialDurationInSeconds"] = str(seconds if result == "answered" else 0)
    voice.end(emu, call, CAUSES[result], "Success" if result == "answered" else "Failed", **told)


async def hang_up(emu: Emulator, call: Call) -> None:
    _expect(call.state == "active", "there is no call to hang up")
    voice.end(emu, call, "NORMAL_CLEARING")


def found(emu: Emulator, session_id: str | None) -> Call:
    call = emu.state.calls.get(session_id or "")
    if call is None:
        raise ApiError(422, "session: there is no such call")
    return call


def report(call: Call) -> Json:
    """How the call stands, and everything heard in it."""
    return {
        "sessionId": call.id,
        "state": call.state,
        "heard": call.heard,
        "waiting": call.waiting.tag if call.waiting else None,
        "final": call.final,
        "error": call.error,
    }


def _awaited(call: Call, tag: str) -> Step:
    if call.waiting is None or call.waiting.tag != tag:
        raise ApiError(422, f"session: no {tag} waits in this call")
    return call.waiting


def _expect(holds: bool, problem: str) -> None:
    if not holds:
        raise ApiError(422, f"session: {problem}")
