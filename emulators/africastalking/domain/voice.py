"""Voice: calls, the callbacks that say what is to be done with them, and their end."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from emulators.africastalking.callbacks import callback
from emulators.africastalking.domain.scripts import Step, Unreadable, read
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.rows import Call, Json, Phone
from emulators.africastalking.texts import is_phone, new_id

MOST_TURNS = 100  # of one call: two documents that redirect to each other would never end


def call_out(
    emu: Emulator, numbers: list[str], number: str, request_id: str | None, planned: list[Step] | None
) -> Json:
    """Let phones ring; one entry for each."""
    if number not in emu.config.voice_numbers:
        return {"entries": [], "errorMessage": f"Invalid callerId: {number}"}
    entries = []
    for wanted in numbers:
        entry = {"phoneNumber": wanted, "status": "InvalidPhoneNumber", "sessionId": "None"}
        if is_phone(wanted):
            call = _new(emu, emu.phone(wanted), number, inbound=False)
            call.client_request_id, call.planned = request_id, planned
            entry |= {"status": "Queued", "sessionId": call.id}
        entries.append(entry)
    return {"entries": entries, "errorMessage": "None"}


def call_in(emu: Emulator, phone: Phone, number: str) -> Call:
    """A subscriber calls one of the application's numbers."""
    return _new(emu, phone, number, inbound=True)


def queues(emu: Emulator, numbers: list[str]) -> Json:
    """How many calls wait, by number and queue."""
    entries = []
    for number in numbers:
        waiting = [call.queue for call in emu.state.calls.values() if call.number == number]
        names = sorted({name for name in waiting if name is not None}) or [""]
        entries += [
            {"phoneNumber": number, "queueName": name, "numCalls": waiting.count(name)} for name in names
        ]
    return {"status": "Success", "entries": entries, "errorMessage": "None"}


async def answer(emu: Emulator, call: Call) -> None:
    """The call is picked up: what is to be done is in its plan, or the service is asked."""
    call.state, call.answered = "active", emu.now()
    if call.planned is None:
        await ask(emu, call)
    else:
        call.steps = list(call.planned)
        await play(emu, call)


async def ask(emu: Emulator, call: Call, url: str | None = None, **extra: str) -> None:
    """One turn: tell the service where the call stands, do what it answers."""
    emu.timers.stop(call.id)
    address, call.waiting = url or emu.config.callbacks.voice, None
    call.turns += 1
    if address is None or call.turns > MOST_TURNS:
        fail(emu, call, "no callback address" if address is None else "too many turns")
        return
    call.busy = True
    asked = callback("voice", "action", address, _fields(call, "1") | extra)
    verdict = await emu.engine.turn(asked, emu.config.voice_deadline)
    call.busy = False
    if call.state == "ended":
        return  # the phone hung up meanwhile
    try:
        if verdict.status != 200:
            raise Unreadable(verdict.text)
        call.steps = read(verdict.body)
    except Unreadable as problem:
        fail(emu, call, str(problem))
        return
    await play(emu, call)


async def play(emu: Emulator, call: Call) -> None:
    """Do the actions, until one waits for the phone, asks the service anew, or none is left."""
    while call.steps and call.state != "ended":
        step = call.steps.pop(0)
        if step.tag == "Redirect":
            await ask(emu, call, step.text)
            return
        PLAYERS[step.tag](emu, call, step)
        if call.waiting:
            return
    if call.state != "ended":
        end(emu, call, "NORMAL_CLEARING")


def end(emu: Emulator, call: Call, cause: str, status: str = "Success", **extra: str) -> None:
    """The call is over: the last callback, whose answer means nothing."""
    emu.timers.stop(call.id)
    call.state, call.waiting, call.steps = "ended", None, []
    seconds = int(emu.now() - call.answered) if call.answered is not None else 0
    minutes = -(-seconds // 60)
    call.final = {
        "durationInSeconds": str(seconds),
        "currencyCode": emu.config.currency,
        "amount": str(emu.config.voice_price * Decimal(minutes)),
        "status": status,
        "hangupCause": cause,
        **({"recordingUrl": call.recording} if call.recording else {}),
        **extra,
    }
    emu.pay(min(emu.balance, emu.config.voice_price * Decimal(minutes)))
    emu.tell("voice", "final", _fields(call, "0") | call.final)


def fail(emu: Emulator, call: Call, problem: str) -> None:
    """The service's answer cannot be played."""
    call.error = problem
    end(emu, call, "NORMAL_TEMPORARY_FAILURE", "Failed")


def new_recording(call: Call) -> str:
    """The address of a recording, at which nothing is served."""
    return f"https://recordings.invalid/{call.id}/{call.turns}.mp3"


def _new(emu: Emulator, phone: Phone, number: str, *, inbound: bool) -> Call:
    emu.state.make_room(emu.config.row_limit)
    call = Call(new_id("ATVId"), inbound, phone, number, emu.now())
    emu.state.calls[call.id] = call
    return call


def _fields(call: Call, active: str) -> dict[str, str]:
    caller, destination = call.phone.number, call.number
    if not call.inbound:
        caller, destination = destination, caller
    fields = {
        "isActive": active,
        "sessionId": call.id,
        "direction": "Inbound" if call.inbound else "Outbound",
        "callerNumber": caller,
        "destinationNumber": destination,
        "callSessionState": "Active" if active == "1" else "Completed",
    }
    if call.client_request_id is not None:
        fields["clientRequestId"] = call.client_request_id
    return fields


def _say(_emu: Emulator, call: Call, step: Step) -> None:
    call.heard.append(step.text or step.attributes["url"])


def _get_digits(emu: Emulator, call: Call, step: Step) -> None:
    _wait(emu, call, step)
    seconds = float(step.attributes.get("timeout", emu.config.digits_timeout))
    action = partial(_nothing_typed, emu, call)
    emu.timers.set(call.id, emu.config.seconds(seconds), action)


def _nothing_typed(emu: Emulator, call: Call) -> None:
    call.waiting = None
    emu.engine.spawn(play(emu, call))


def _record(emu: Emulator, call: Call, step: Step) -> None:
    """A bare one records the whole call and goes on at once."""
    if step.bare:
        call.recording = new_recording(call)
    else:
        _wait(emu, call, step)


def _wait(emu: Emulator, call: Call, step: Step) -> None:
    """Nothing more is done until the phone (or the other leg) does something."""
    if step.prompt:
        _say(emu, call, step.prompt)
    call.waiting = step


def _dequeue(emu: Emulator, call: Call, step: Step) -> None:
    """Take the call that waits longest and bridge the two; an empty queue is passed over."""
    number, name = step.attributes["phoneNumber"], step.attributes.get("name", "")
    waiting = (other for other in emu.state.calls.values() if other.number == number and other.queue == name)
    if other := next(waiting, None):
        other.waiting = Step("Dequeue", {"phoneNumber": call.number})
        _wait(emu, call, step)


def _reject(emu: Emulator, call: Call, _step: Step) -> None:
    end(emu, call, "CALL_REJECTED", "Aborted")


PLAYERS: dict[str, Callable[[Emulator, Call, Step], None]] = {
    "Say": _say,
    "Play": _say,
    "GetDigits": _get_digits,
    "Record": _record,
    "Dial": _wait,
    "Enqueue": _wait,
    "Dequeue": _dequeue,
    "Conference": _wait,
    "Reject": _reject,
}
