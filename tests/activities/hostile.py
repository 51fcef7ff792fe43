"""Scripts that mean harm, and what becomes of each: a problem's code, or the harmless value it gives."""

from typing import Any, NamedTuple

SLOW, LARGE, THROWS, RESULT = "SCRIPT_TIMEOUT", "SCRIPT_MEMORY", "SCRIPT_FAILED", "SCRIPT_RESULT"
ENDED = (SLOW, LARGE, THROWS)
"""Any of the engine's limits may be the first to be met."""


class Hostile(NamedTuple):
    """One script. `problems`: codes it may end with; `value`: what it gives where it ends in none."""

    about: str
    code: str
    problems: tuple[str, ...] = ()
    value: Any = "(nothing)"


SCRIPTS = (
    # Never to end
    Hostile("an endless loop", "for (;;);", (SLOW,)),
    Hostile("an endless loop in an expression", "(() => { while (true) {} })()", (SLOW,)),
    Hostile("a loop that catches what stops it", "for (;;) { try { for (;;); } catch (e) {} }", (SLOW,)),
    Hostile("a loop in finally", "try { for (;;); } finally { for (;;); }", (SLOW,)),
    Hostile("a comparator that never compares", "[3, 2, 1].sort(() => { for (;;); })", (SLOW,)),
    Hostile("a getter that never gives", "({ get a() { for (;;); } })", (SLOW,)),
    Hostile("a toJSON that never ends", "({ toJSON() { for (;;); } })", (SLOW,)),
    Hostile("a proxy that never answers", "new Proxy({}, { ownKeys() { for (;;); } })", (SLOW,)),
    Hostile(
        "an iterator without end", "Array.from({ [Symbol.iterator]: () => ({ next: () => ({}) }) })", ENDED
    ),
    Hostile(
        "a generator without end", "const g = function* () { for (;;) yield 1; }; return [...g()]", ENDED
    ),
    Hostile("a loop before the function", "0); })(), (() => { for (;;); })(), (() => { (0", ENDED),
    Hostile("a valueOf that never ends", "+{ valueOf() { for (;;); } }", (SLOW,)),
    Hostile("a sum of very many", "let n = 0; for (let i = 0; i < 1e12; i++) n += i; return n", (SLOW,)),
    Hostile("labels and continue", "out: for (;;) for (;;) continue out;", (SLOW,)),
    # Regular expressions
    Hostile("nested quantifiers", "/(a+)+$/.test('a'.repeat(60) + 'b')", (SLOW,)),
    Hostile("overlapping alternatives", "/(a|aa)+$/.test('a'.repeat(60) + 'b')", (SLOW,)),
    Hostile("a back-reference", r"/(a*)*\1b/.test('a'.repeat(40))", (SLOW,)),
    Hostile("a pattern of polynomial time", "/a*a*a*a*a*a*a*b/.test('a'.repeat(5000))", (SLOW,)),
    Hostile("an e-mail pattern", "/^([a-zA-Z0-9]+\\.?)+@$/.test('a'.repeat(60))", (SLOW,)),
    Hostile("a replacement of everything", "'a'.repeat(1e6).replace(/a/g, 'b'.repeat(1e4))", ENDED),
    Hostile("a pattern nested too deep", "new RegExp('('.repeat(1e5))", ENDED),
    Hostile("a look-behind", "/(?<=(a+)+)b/.test('a'.repeat(40) + 'c')", (SLOW,), False),
    # Memory
    Hostile("arrays without end", "const a = []; for (;;) a.push(new Array(1000))", (LARGE, SLOW)),
    Hostile("a text that doubles", "let s = 'x'; for (;;) s += s", ENDED),
    Hostile("a text of a hundred megabytes", "'x'.repeat(1e8)", ENDED),
    Hostile("an array of two thousand million", "new Array(2 ** 31).fill(0)", ENDED),
    Hostile("a typed array of a gigabyte", "new Uint8Array(1e9)", ENDED),
    Hostile("maps of maps", "const m = new Map(); for (let i = 0; ; i++) m.set(i, new Map(m))", ENDED),
    Hostile("a join of holes", "new Array(1e9).join('xxxxxxxx')", ENDED),
    Hostile("closures without end", "let f = () => 0; for (;;) { const g = f; f = () => g; }", ENDED),
    Hostile("symbols without end", "const s = []; for (;;) s.push(Symbol('x'.repeat(100)))", ENDED),
    Hostile("a padded text", "'a'.padStart(1e9, 'b')", ENDED),
    Hostile(
        "caught again and again", "const a = []; for (;;) try { a.push('x'.repeat(1e6)) } catch {}", (SLOW,)
    ),
    # Depth
    Hostile("a recursion", "const f = () => f(); return f()", (THROWS,)),
    Hostile("two that call each other", "const f = () => g(), g = () => f(); return f()", (THROWS,)),
    Hostile("a deep JSON text", "JSON.parse('['.repeat(1e5))", (THROWS,)),
    Hostile("a deep value", "let a = []; for (let i = 0; i < 1e4; i++) a = [a]; return a", (THROWS, RESULT)),
    Hostile("a value that holds itself", "const a = {}; a.a = a; return a", (THROWS,)),
    Hostile("a getter that gets itself", "({ get a() { return this.a } })", (THROWS,)),
    Hostile("a deep expression", "eval", (THROWS,)),
    Hostile("a recursion that is caught", "const f = () => { try { f() } catch { f() } }; return f()", ENDED),
    # Numbers
    Hostile("a whole number without end", "let n = 3n; for (;;) n *= n", ENDED),
    Hostile("a power", "9n ** 99999999n", ENDED),
    Hostile("a whole number as a result", "10n", (THROWS,)),
    Hostile("more than a number can be", "[1e400, -1e400, NaN, -0]", value=[None, None, None, 0]),
    Hostile("more than a database keeps", "12345678901234567890", value=12345678901234567000.0),
    # The house
    Hostile("the constructor of functions", "(() => 0).constructor('return this')()", (THROWS,)),
    Hostile("of asynchronous ones", "(async () => 0).constructor('return 1')()", (THROWS,)),
    Hostile("of generators", "Object.getPrototypeOf(function* () {}).constructor('yield 1')()", (THROWS,)),
    Hostile("by a class", "class A extends (() => 0).constructor {}; return new A('return 1')()", (THROWS,)),
    Hostile("eval", "eval('1 + 1')", (THROWS,)),
    Hostile("Function", "Function('return 1')()", (THROWS,)),
    Hostile("a module of the engine", "import('std')", (THROWS,)),
    Hostile(
        "what other engines have",
        "[typeof require, typeof process, typeof std, typeof os, typeof print]",
        value=["undefined"] * 5,
    ),
    Hostile(
        "the network", "[typeof fetch, typeof XMLHttpRequest, typeof WebSocket]", value=["undefined"] * 3
    ),
    Hostile("the clock", "[typeof Date, typeof performance, typeof Temporal]", value=["undefined"] * 3),
    Hostile("chance", "typeof Math.random", value="undefined"),
    Hostile(
        "waiting", "[typeof setTimeout, typeof Atomics, typeof SharedArrayBuffer]", value=["undefined"] * 3
    ),
    Hostile("this", "[typeof this, typeof arguments.callee]", (THROWS,)),
    Hostile("the harness through its caller", "(function f() { return f.caller })()", (THROWS,)),
    Hostile(
        "the stack of an error",
        "Error.prepareStackTrace = (e, s) => s; return typeof new Error().stack",
        value="object",
    ),
    # What comes after
    Hostile(
        "a polluted prototype", "Object.prototype.vars = 1; Array.prototype.map = null; return 1", value=1
    ),
    Hostile(
        "a polluted JSON", "JSON.stringify = () => '7'; Object.prototype.toJSON = () => 8; return 9", value=9
    ),
    Hostile("a lying Promise", "(async () => 1)()", (THROWS,)),
    Hostile("a thenable", "({ then(f) { f(1) } })", value={}),
    Hostile("a thrown nothing", "throw null", (LARGE, THROWS)),
    Hostile("a thrown trap", "throw { get message() { for (;;); }, toString() { for (;;); } }", ENDED),
    Hostile("half a character", "'\\ud800'", (RESULT,)),
    Hostile("a NUL", "'\\0'", (RESULT,)),
    Hostile("a result of a megabyte", "'x'.repeat(1e6)", (RESULT,)),
    Hostile(
        "names of the house as keys",
        "({ __proto__: null, constructor: 1, __class__: 2 })",
        value={"constructor": 1, "__class__": 2},
    ),
    Hostile("a frame of our protocol", '\'\\u0002\\u0000{"value":"1"}\'', (RESULT,)),
)
