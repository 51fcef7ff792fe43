"""Ten faults that the torture must find: each is a few words of the source, replaced in a copy of it."""

from pathlib import Path
from typing import NamedTuple


class Edit(NamedTuple):
    """In a file of the tree: a text that stands there once, and what stands there instead."""

    file: str
    text: str
    instead: str


class Sabotage(NamedTuple):
    """What is broken, and by which edits."""

    what: str
    edits: tuple[Edit, ...]


class Misfit(Exception):
    """A sabotage's text does not stand in its file once: the source has changed."""


SABOTAGES: dict[str, Sabotage] = {
    "no-unique-index": Sabotage(
        "copies of one webhook are kept apart by nothing",
        (
            Edit(
                "store/migrations/versions/0002_lanes.py",
                "CONSTRAINT inbound_events_dedupe UNIQUE (workspace_id, connection_id, dedupe_key),",
                "",
            ),
        ),
    ),
    "answer-before-commit": Sabotage(
        "a webhook is answered before its row is written",
        (
            Edit(
                "api/accepting.py",
                "accepted = await inbox.accept(parts.db, workspace, connection, event, claim_seconds=claim)",
                "parts.deliveries.start("
                "inbox.accept(parts.db, workspace, connection, event, claim_seconds=0 * claim))\n"
                '    accepted = Accepted("", 0, "", None, False, False)',
            ),
        ),
    ),
    "no-ring": Sabotage(
        "the run takes in what it has seen",
        (Edit("dsl/inbox.py", "if input.seq > inbox.last_seq:", "if True:"),),
    ),
    "key-by-attempt": Sabotage(
        "each attempt of an effect has a key of its own",
        (
            Edit(
                "activities/register.py",
                "attempts.ordinary(attempt.scene, attempt.effect, activity.info().attempt)",
                "attempts.ordinary(attempt.scene, attempt.effect.but("
                "number=attempt.effect.number + 1000 * (activity.info().attempt - 1)), 1)",
            ),
        ),
    ),
    "forgotten-queue": Sabotage(
        "what is unread is lost when the run continues as new",
        (Edit("workflows/flow.py", "inbox=self.inbox, first", "inbox=self.inbox.but(unread=()), first"),),
    ),
    "iterated-set": Sabotage(
        "branches begin in the order of a set",
        (Edit("dsl/branches.py", "enumerate(step.exits, 1)", "enumerate(set(step.exits), 1)"),),
    ),
    "open-range": Sabotage(
        "flows reach addresses that are no part of the public internet",
        (
            Edit(
                "providers/http/addresses.py",
                '        "198.18.0.0/15",  # benchmarking\n',
                "",
            ),
        ),
    ),
    "no-tenant-filter": Sabotage(
        "rows are read whosoever they are",
        (
            Edit(
                "store/workspaces.py",
                ".select_from(table).where(table.c.workspace_id == workspace)",
                ".select_from(table)",
            ),
        ),
    ),
    "logged-secret": Sabotage(
        "each process logs the secrets that it was told",
        (
            Edit(
                "wiring/house.py",
                "    logs.configure(settings.log_level, secrets=settings.secrets())\n",
                "    logs.configure(settings.log_level)\n"
                '    log.warning("settings_read", reason=" ".join([*settings.secrets()][1:]))\n',
            ),
        ),
    ),
    "marked-before-sent": Sabotage(
        "rows are marked as handed over before they are sent",
        (
            Edit(
                "intake/gateway.py",
                "        if await self._runs.signal(",
                "        await delivery.conclude(self._db, batch, marks, release=False)\n"
                "        if await self._runs.signal(",
            ),
            Edit(
                "intake/gateway.py",
                "        started: Input | None = reception.opening[0]\n",
                "        started: Input | None = reception.opening[0]\n"
                "        await delivery.conclude(self._db, batch, handed, release=False)\n",
            ),
        ),
    ),
}


def apply(name: str, tree: Path) -> None:
    """Do it to a tree, which is never the product's own."""
    for edit in SABOTAGES[name].edits:
        path = tree / edit.file
        path.write_text(replaced(path.read_text(), edit))


def misfits(name: str, tree: Path) -> list[str]:
    """Files in which a sabotage's text does not stand once."""
    return [one.file for one in SABOTAGES[name].edits if (tree / one.file).read_text().count(one.text) != 1]


def replaced(source: str, edit: Edit) -> str:
    """The source with its one text replaced."""
    if source.count(edit.text) != 1:
        raise Misfit(f"{edit.file}: {edit.text.strip()!r} stands there {source.count(edit.text)} times")
    return source.replace(edit.text, edit.instead)
