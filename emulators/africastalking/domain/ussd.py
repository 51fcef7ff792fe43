"""USSD: a phone that dials, the turns, the session's end."""

from functools import partial

from emulators.africastalking.callbacks import callback
from emulators.africastalking.domain.screens import Unfit, check, limits_of, shown
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.errors import ApiError
from emulators.africastalking.rows import Json, Phone, Session
from emulators.africastalking.texts import date, new_id

HOP = "at-ussd-hop-metadata"
BROKEN = "Connection problem or invalid MMI code."


def dial(emu: Emulator, phone: Phone, dialled: str) -> Session:
    """A new session, in which the service has not been asked yet; the phone's older one is dropped."""
    code, inputs = _service(emu, dialled)
    for session in emu.state.sessions.values():
        if session.phone is phone and session.open:
            close(emu, session, "Incomplete")
    emu.state.make_room(emu.config.row_limit)
    session = Session(new_id("ATUid"), phone, code, emu.now(), inputs)
    emu.state.sessions[session.id] = session
    return session


async def enter(emu: Emulator, session: Session, text: str) -> None:
    """The subscriber answers; paging stays between phone and operator."""
    limit = limits_of(session.phone.network).input
    if limit is not None and len(text) > limit:
        raise ApiError(422, f"text: the operator lets {limit} characters through")
    if len(session.pages) > 1 and text in ("98", "00"):
        step = 1 if text == "98" else -1
        session.page = min(max(session.page + step, 0), len(session.pages) - 1)
        return
    session.inputs.append(text)
    await ask(emu, session)


async def ask(emu: Emulator, session: Session) -> None:
    """One turn: the whole text so far goes out, a screen comes back (or the session ends)."""
    _occupy(emu, session)
    try:
        await _turn(emu, session)
    finally:
        session.busy = False


def close(emu: Emulator, session: Session, status: str, error: str | None = None) -> None:
    """End the session and tell so on the other address."""
    emu.timers.stop(session.id)
    session.status, session.error = status, error
    fields = {
        "date": date(emu.now()),
        "sessionId": session.id,
        "serviceCode": session.code,
        "networkCode": session.phone.network,
        "phoneNumber": session.phone.number,
        "status": status,
        "cost": f"{emu.config.currency} 0.10",
        "durationInMillis": str(int((emu.now() - session.started) * 1000)),
        "hopsCount": str(session.hops),
        "hopsMetadata": "|".join(session.labels),
        "input": "*".join(session.inputs),
        "lastAppResponse": session.answer,
    }
    emu.tell("ussd_end", status, fields | ({"errorMessage": error} if error else {}))


def report(session: Session) -> Json:
    """What the phone shows, and how the session stands."""
    screen = session.pages[session.page] if session.pages else BROKEN
    return {
        "sessionId": session.id,
        "open": session.open,
        "screen": BROKEN if session.error else screen,
        "status": session.status,
        "error": session.error,
        "inputs": session.inputs,
    }


def found(emu: Emulator, session_id: str | None) -> Session:
    """An open session that nobody is asking in, or the phone's refusal."""
    session = emu.state.sessions.get(session_id or "")
    if session is None or not session.open:
        raise ApiError(422, "session: there is no such open session")
    if session.busy:
        raise ApiError(422, "session: the service is being asked")
    return session


async def _turn(emu: Emulator, session: Session) -> None:
    url = emu.config.callbacks.ussd
    if url is None:
        close(emu, session, "Failed", "no callback address")
        return
    fields = {
        "sessionId": session.id,
        "phoneNumber": session.phone.number,
        "networkCode": session.phone.network,
        "serviceCode": session.code,
        "text": "*".join(session.inputs),
    }
    headers = {HOP: session.labels[-1]} if session.labels else {}
    session.hops += 1
    asked = callback("ussd", "turn", url, fields, headers=headers)
    verdict = await emu.engine.turn(asked, emu.config.ussd_deadline)
    session.answer = verdict.body.decode(errors="replace")
    if not session.open:
        return  # the phone hung up meanwhile
    try:
        check(verdict, any_type=emu.config.ussd_any_content_type)
        _show(emu, session, verdict.headers.get(HOP))
    except Unfit as problem:
        close(emu, session, "Failed", str(problem))


def _show(emu: Emulator, session: Session, label: str | None) -> None:
    if label is not None:
        if len(label) > 99 or "|" in label:
            raise Unfit("the hop label is too long or holds '|'")
        session.labels.append(label)
    session.pages, session.page = shown(session.answer, session.phone.network, emu.config), 0
    if session.answer.startswith("END "):
        close(emu, session, "Success")
        return
    left = emu.config.ussd_session - (emu.now() - session.started)
    idle = min(limits_of(session.phone.network).idle, max(left, 0.0))
    emu.timers.set(session.id, emu.config.seconds(idle), partial(close, emu, session, "Incomplete"))


def _occupy(emu: Emulator, session: Session) -> None:
    emu.timers.stop(session.id)
    session.busy = True


def _service(emu: Emulator, dialled: str) -> tuple[str, list[str]]:
    """The service that a dialled code reaches, the longest that fits, and what was dialled beyond it."""
    for code in sorted(emu.config.service_codes, key=len, reverse=True):
        if dialled == code:
            return code, []
        if emu.config.deep_dial and dialled.endswith("#") and dialled.startswith(f"{code[:-1]}*"):
            return code, dialled[len(code) : -1].split("*")
    raise ApiError(422, "code: no service of this application has it")
