"""The renderer's meaning is frozen: it runs in the walk, where a change breaks every run in flight."""

import json

from dsl.filters import FILTERS
from dsl.templates import placeholders, render
from tests.goldens import Golden


def test_every_template_renders_as_recorded(golden: Golden) -> None:
    recorded = golden.load("templates.json")
    vectors = [
        {**vector, "value": render(vector["template"], recorded["scope"])} for vector in recorded["vectors"]
    ]
    assert len({vector["template"] for vector in vectors}) == len(vectors)
    golden.compare("templates.json", {"scope": recorded["scope"], "vectors": vectors})


def test_every_filter_has_a_vector(golden: Golden) -> None:
    templates = json.dumps(golden.load("templates.json")["vectors"])
    used = {f.name for p in placeholders(templates.replace('\\"', '"')) for f in p.filters}
    assert set(FILTERS) <= used
