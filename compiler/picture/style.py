"""The style of drawings, within each of them; nothing in it is loaded from elsewhere."""

import base64
import hashlib

from compiler.picture.looks import FAMILIES

STYLE = (
    'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",Arial,sans-serif;'
    "text-anchor:middle;fill:#1f2933}"
    ".paper{fill:#fff;stroke:#e3e8ee}"
    ".title{font-size:15px;font-weight:600;text-anchor:start}"
    ".label{font-size:13px;font-weight:500}"
    ".caption{font-size:10px;letter-spacing:.04em}"
    ".words{font-size:11px;fill:#52606d}"
    ".plate{fill:#fff}"
    ".line{fill:none;stroke:#94a1b2;stroke-width:1.5;marker-end:url(#arrow)}"
    ".back{stroke:#8577c4;marker-end:url(#arrow-back)}"
    ".if{stroke-dasharray:5 4}"
    "#arrow{fill:#94a1b2}#arrow-back{fill:#8577c4}"
    ".faded{opacity:.42}"
    ".shape{stroke-width:1.5}"
    ".wrong .shape{stroke:#c8362b;stroke-width:2.5}"
    ".badge{fill:#c8362b}.count{font-size:11px;font-weight:700;fill:#fff}"
    + "".join(
        f".{look.family}{{fill:{look.fill};stroke:{look.line}}}.{look.family}-ink{{fill:{look.ink}}}"
        for look in FAMILIES
    )
)
STYLE_HASH = f"sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}"
"""For a content security policy that lets this style alone apply."""
ARROWS = "".join(
    f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 1L10 5L0 9Z"/></marker>'
    for name in ("arrow", "arrow-back")
)
