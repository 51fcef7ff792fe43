"""Flows for people with a phone, and for nobody at all: by SMS, by USSD, with a payment, by API."""

from typing import Any

from torture.flows import Flow, drawn, node

KEYWORD, SERVICE, TILL = "JIUNGE", "*384*1#", "*384*2#"
ASK_NAME, ASK_TOWN, THANKS = "Your name?", "Your town?", "Thank you."
SUM, PIN, PAID, UNPAID, DOUBT = "How much?", "Your phone asks now.", "Paid.", "Not paid.", "Nobody knows yet."
TTL = {"sessionTtl": "4m"}
LONG = "40s"
"""Longer than people need, shorter than a run's last minute."""


def _of(flow: Flow, trigger: dict[str, Any], **settings: Any) -> Flow:
    return {**flow, "trigger": trigger, "settings": {**flow["settings"], **TTL, **settings}}


TEXTS = _of(
    drawn(
        "texts",
        [
            node("name", "question", text=ASK_NAME, saveTo="name", timeout=LONG),
            node("town", "question", text=ASK_TOWN, saveTo="town", timeout=LONG),
            node("thanks", "message", text=THANKS),
        ],
        [
            "start > name",
            "name > town",
            "name timeout > end",
            "town > thanks",
            "town timeout > thanks",
            "thanks > end",
        ],
        ["name", "town"],
    ),
    {"channel": "sms", "event": "sms_received", "keyword": KEYWORD},
)
DIALLED = _of(
    drawn(
        "dialled",
        [
            node("name", "question", text=ASK_NAME, saveTo="name"),
            node(
                "town",
                "question",
                text=ASK_TOWN,
                saveTo="town",
                expects="choice",
                choices=[{"value": "nairobi", "title": "Nairobi"}, {"value": "kisumu", "title": "Kisumu"}],
            ),
            node("thanks", "message", text=THANKS),
        ],
        ["start > name", "name > town", "town > thanks", "thanks > end"],
        ["name", "town"],
    ),
    {"channel": "ussd", "event": "ussd_session", "serviceCode": SERVICE},
)
PAYING = _of(
    drawn(
        "paying",
        [
            node("sum", "question", text=SUM, saveTo="amount", expects="integer", min=1, max=1000),
            node("announce", "message", text=PIN),
            node(
                "pay",
                "request_payment",
                amount="{{amount}}",
                currency="KES",
                phone="{{contact.phone}}",
                timeout="20s",
            ),
            *(
                node(id, "send_sms", to="{{contact.phone}}", message=text)
                for id, text in (("paid", PAID), ("unpaid", UNPAID), ("doubt", DOUBT))
            ),
        ],
        [
            "start > sum",
            "sum > announce",
            "announce > pay",
            "pay paid > paid",
            "pay failed > unpaid",
            "pay error > unpaid",
            "pay expired > unpaid",
            "pay unknown > doubt",
            *(
                f"{said} {exit} > end"
                for said in ("paid", "unpaid", "doubt")
                for exit in ("sent", "failed", "unknown", "error")
            ),
        ],
        ["amount"],
    ),
    {"channel": "ussd", "event": "ussd_session", "serviceCode": TILL},
)


def rounds(url: str) -> Flow:
    """Nobody talks: an effect and a wait for each item, which may go on as another run at any of them."""
    nodes = [
        node("each", "loop", mode="for_each", items="{{trigger.items}}", index="turn"),
        node("act", "api", url=url, method="POST", body={"item": "{{item}}"}),
        node("rest", "delay", **{"for": "1s"}),
        node("count", "set_variables", set={"count": "{{turn}}"}),
    ]
    edges = ["start > each", "each body > act", "act > rest", "act error > rest", "act unknown > rest",
             "rest > count", "count > each", "each done > end", "each limit > end"]  # fmt: skip
    return _of(drawn("rounds", nodes, edges, ["count"]), {"event": "api"})


QUICK = _of(
    drawn("quick", [node("keep", "set_variables", set={"kept": "yes"})], ["start > keep", "keep > end"],
          ["kept"]),
    {"event": "api"},
)  # fmt: skip
"""What shows that all of us is at work."""
