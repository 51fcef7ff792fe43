"""JSON, and what calls itself so, that must hurt nobody."""

ODD: dict[str, bytes] = {
    "empty": b"",
    "cut": b'{"flow": {"id": "x"',
    "nan": b'{"flow": NaN}',
    "infinity": b'{"flow": {"id": -Infinity}}',
    "huge": b'{"flow": {"id": 1e400}}',
    "long integer": b'{"flow": ' + b"9" * 5_000 + b"}",
    "lone surrogate": b'{"flow": {"id": "\\ud800"}}',
    "raw surrogate": b'{"flow": {"id": "\xed\xa0\x80"}}',
    "not utf-8": b'{"flow": "\xff\xfe"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "nul": b'{"flow": {"id": "a\\u0000b"}}',
    "nul key": b'{"flow": {"a\\u0000b": 1}}',
    "deep list": b'{"flow": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
    "deep object": b'{"a":' * 100 + b"1" + b"}" * 100,
    "twice": b'{"flow": {"id": "a", "id": "b"}}',
    "crowd": b"[" + b"0," * 500_001 + b"0]",
    "comment": b'{"flow": 1 /* one */}',
    "trailing comma": b'{"flow": [1,]}',
    "single quotes": b"{'flow': 1}",
    "two values": b"{} {}",
    "control character": b'{"flow": "a\nb"}',
}
"""By what is odd about it: `parse` refuses each with 400."""

STRANGE: dict[str, bytes] = {
    "null": b"null",
    "number": b"7",
    "text": b'"flow"',
    "list": b"[]",
    "proto": b'{"__proto__": {"admin": true}, "constructor": 1}',
    "wrong types": b'{"flow": [], "variables": 7, "text": {}, "version": "x"}',
    "extras": b'{"flow": {"id": "a"}, "role": "admin", "tenant_id": "other"}',
    "odd flow": b'{"flow": {"id": "a", "nodes": {"0": null, "": []}, "edges": 7}}',
    "big numbers": b'{"flow": {"id": "a", "nodes": [], "x": 1e308, "y": 18446744073709551615}}',
    "odd text": '{"flow": {"id": "a", "nodes": [], "name": "\\u202e\\ufffe😀"}}'.encode(),
    "empty flow": b'{"flow": {}}',
    "null flow": b'{"flow": null, "text": null, "value": null}',
}
"""Valid JSON that no route expects, or hardly."""
