"""Generated pages agree with the code."""

from compiler.docs import issues_page, nodes_page
from dsl.issues import MEANINGS, issue
from tests.goldens import REPOSITORY, Golden
from wiring.catalog import catalogue


def test_the_page_of_issues_is_up_to_date(golden: Golden) -> None:
    golden.compare_text("docs/issues.md", issues_page())


def test_the_page_of_nodes_is_up_to_date(golden: Golden) -> None:
    golden.compare_text("docs/nodes.md", nodes_page(catalogue()))


def test_every_finding_points_at_a_heading_that_is_there() -> None:
    for code in MEANINGS:
        page, _, anchor = issue(code).docs.partition("#")
        headings = [line[3:] for line in (REPOSITORY / page).read_text().splitlines() if line[:3] == "## "]
        assert anchor in {heading.lower() for heading in headings}


def test_every_field_of_every_kind_is_on_the_page() -> None:
    page = nodes_page(catalogue())
    for name, kind in catalogue().items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        fields = kind.model_json_schema(by_alias=True).get("properties", {})
        assert all(f"| {field} |" in section or f"| **{field}** |" in section for field in fields), name
