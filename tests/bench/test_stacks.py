"""A sample belongs to the innermost frame by which a part of the process is known."""

from bench.stacks import REST, hottest, part_of, samples, shares

MAIN = "<module> (api/__main__.py:3);run (uvicorn/main.py:5);Runner.run (asyncio/runners.py:118)"
RAW = f"""{MAIN};app (fastapi/routing.py:10);accept (intake/gateway.py:7);fetch (asyncpg/connection.py:9) 6
{MAIN};app (fastapi/routing.py:10);accept (intake/gateway.py:8);copy (copy.py:4) 3
{MAIN} 1
"""


def test_a_sample_belongs_to_its_innermost_known_frame() -> None:
    found = shares(samples(RAW))
    assert (found["PostgreSQL's driver"], found["gateway and delivery"]) == (60, 30)


def test_the_loop_belongs_to_nobody_whatever_module_runs_it() -> None:
    assert part_of(MAIN.split(";")) == REST
    assert shares(samples(RAW))[REST] == 10


def test_the_hottest_function_is_the_one_with_most_time_of_its_own() -> None:
    assert hottest(samples(RAW), 1) == [("fetch (asyncpg/connection.py)", 60)]
