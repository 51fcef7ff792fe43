"""Two editors of one flow: ETag and If-Match, versions, taking back, deleting."""

import asyncio
from typing import Any

import httpx
import pytest

from store import flows, publications
from store.flows import Gone
from tests.api.conftest import Api
from tests.api.documents import welcome

pytestmark = pytest.mark.real

URL = "/api/v1/flows/welcome"
TRIGGER = {"event": "message_created", "keyword": "hello"}


async def stored(api: Api, **more: Any) -> str:
    """The ETag of a flow that was stored just now."""
    answer = await api.client.post("/api/v1/flows", json={"flow": welcome(**more)})
    return answer.headers["ETag"]


async def put(api: Api, etag: str | None, **more: Any) -> httpx.Response:
    headers = {"If-Match": etag} if etag else {}
    return await api.client.put(URL, json={"flow": welcome(**more)}, headers=headers)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_change_to_what_was_read_makes_the_next_version(api: Api) -> None:
    etag = await stored(api)
    assert (await api.client.get(URL)).headers["ETag"] == etag
    answer = await put(api, etag, name="Second")
    assert (answer.status_code, answer.json()["version"], answer.json()["revision"]) == (200, 2, 2)
    read = await api.client.get(URL)
    assert (read.json()["name"], read.headers["ETag"]) == ("Second", answer.headers["ETag"])
    assert answer.headers["ETag"] != etag


async def test_a_change_to_what_has_changed_is_refused_with_412(api: Api) -> None:
    etag = await stored(api)
    await put(api, etag, name="Theirs")
    assert refused(await put(api, etag, name="Ours")) == (412, "PRECONDITION_FAILED")
    assert (await api.client.get(URL)).json()["name"] == "Theirs"


async def test_a_blind_change_is_refused_with_428(api: Api) -> None:
    await stored(api)
    assert refused(await put(api, None, name="Blind")) == (428, "PRECONDITION_REQUIRED")
    assert (await api.client.get(URL)).json()["version"] == 1


@pytest.mark.parametrize("etag", ["W/{}", "nonsense", '"', ",", "{}x", '"other.1"'])
async def test_only_the_strong_etag_itself_matches(api: Api, etag: str) -> None:
    current = await stored(api)
    assert refused(await put(api, etag.format(current), name="X")) == (412, "PRECONDITION_FAILED")


async def test_one_of_several_etags_and_the_star_match(api: Api) -> None:
    current = await stored(api)
    assert (await put(api, f'"other.1", {current}', name="One")).status_code == 200
    assert (await put(api, "*", name="Two")).status_code == 200


async def test_of_two_changes_at_once_one_is_made(api: Api) -> None:
    etag = await stored(api)
    answers = await asyncio.gather(*(put(api, etag, name=f"Name {number}") for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    assert (await api.client.get(URL)).json()["version"] == 2


async def test_the_same_document_again_is_no_change(api: Api) -> None:
    etag = await stored(api)
    again = await put(api, etag)
    assert (again.json()["version"], again.headers["ETag"]) == (1, etag)


async def test_the_flows_own_id_never_changes(api: Api) -> None:
    etag = await stored(api)
    answer = await api.client.put(URL, json={"flow": welcome("other")}, headers={"If-Match": etag})
    assert refused(answer) == (422, "FLOW_ID_MISMATCH")
    assert answer.json()["details"]["issues"][0]["pointer"] == "/id"


async def test_what_has_not_changed_is_not_sent_again(api: Api) -> None:
    etag = await stored(api)
    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = await api.client.get(URL, headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    await put(api, etag, name="Second")
    assert (await api.client.get(URL, headers={"If-None-Match": etag})).status_code == 200


async def test_publishing_and_taking_back_are_changes_too(api: Api) -> None:
    etag = await stored(api)
    old = {"If-Match": etag}
    published = await api.client.post(f"{URL}/publish", headers=old)
    assert published.status_code == 200
    for path in ("publish", "unpublish", "rollback"):
        assert (await api.client.post(f"{URL}/{path}", headers=old)).status_code == 412
    assert (await api.client.delete(URL, headers=old)).status_code == 412
    new = {"If-Match": published.headers["ETag"]}
    assert (await api.client.post(f"{URL}/unpublish", headers=new)).status_code == 200


async def test_every_version_is_listed_and_can_be_read(api: Api) -> None:
    for name in ("One", "Two", "Three"):
        await stored(api, name=name)
    await api.client.post(f"{URL}/publish", json={"version": 2})
    first = (await api.client.get(f"{URL}/versions?limit=2")).json()
    rest = (await api.client.get(f"{URL}/versions?limit=2&cursor={first['nextCursor']}")).json()
    listed = [(row["version"], row["status"]) for row in first["items"] + rest["items"]]
    assert listed == [(3, "draft"), (2, "published"), (1, "draft")]
    assert rest["nextCursor"] is None
    two = (await api.client.get(f"{URL}/versions/2")).json()
    assert (two["flow"]["name"], two["status"], len(two["digest"])) == ("Two", "published", 64)
    for number, status in ((4, 404), (0, 422), ("x", 422), (2**31, 422)):
        assert (await api.client.get(f"{URL}/versions/{number}")).status_code == status


async def test_rolling_back_goes_down_the_versions_that_were_published(api: Api) -> None:
    for name in ("One", "Two", "Three", "Four"):
        await stored(api, name=name)
        if name != "Two":
            await api.client.post(f"{URL}/publish")
    assert [await rolled_back(api) for _ in range(2)] == [3, 1]
    answer = await api.client.post(f"{URL}/rollback")
    assert refused(answer) == (409, "NOTHING_TO_ROLL_BACK_TO")


async def rolled_back(api: Api) -> int:
    version: int = (await api.client.post(f"{URL}/rollback")).json()["version"]
    assert (await api.client.get(URL)).json()["publishedVersion"] == version
    return version


async def test_a_key_rolls_back_once(api: Api) -> None:
    for name in ("One", "Two", "Three"):
        await stored(api, name=name)
        await api.client.post(f"{URL}/publish")
    key = {"Idempotency-Key": "back-once"}
    answers = [await api.client.post(f"{URL}/rollback", headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["version"], answers[1].headers["Idempotent-Replayed"]) == (2, "true")
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


async def test_what_was_never_published_cannot_be_rolled_back(api: Api) -> None:
    await stored(api)
    assert refused(await api.client.post(f"{URL}/rollback")) == (409, "NOTHING_TO_ROLL_BACK_TO")


async def test_an_unpublished_flow_is_a_draft_that_nothing_starts(api: Api) -> None:
    await api.publish(welcome(trigger=TRIGGER))
    answer = await api.client.post(f"{URL}/unpublish")
    assert (answer.status_code, answer.json()["status"]) == (200, "draft")
    view = (await api.client.get(URL)).json()
    assert (view["status"], view["publishedVersion"], view["publishedAt"]) == ("draft", None, None)
    assert refused(await api.client.post(f"{URL}/execute", json={})) == (409, "FLOW_NOT_PUBLISHED")
    assert await api.rows("SELECT 1 FROM triggers WHERE workspace_id = $1") == []
    assert (await api.client.post(f"{URL}/unpublish")).status_code == 200
    await api.publish(welcome("other", trigger=TRIGGER))


async def test_the_same_document_after_unpublishing_is_a_draft(api: Api) -> None:
    await api.publish(welcome())
    await api.client.post(f"{URL}/unpublish")
    saved = await api.client.post("/api/v1/flows", json={"flow": welcome()})
    assert (saved.json()["version"], saved.json()["status"]) == (1, "draft")


async def test_a_deleted_flow_is_gone_and_what_it_did_stays(api: Api) -> None:
    flow = await api.publish(welcome(trigger=TRIGGER))
    started = (await api.client.post(f"{URL}/execute", json={})).json()
    assert (await api.client.delete(URL)).status_code == 204
    for path in ("", "/versions", "/executions"):
        assert refused(await api.client.get(f"{URL}{path}")) == (404, "FLOW_NOT_FOUND")
    assert (await api.client.delete(URL)).status_code == 404
    assert (await api.client.get("/api/v1/flows")).json()["items"] == []
    assert await api.rows("SELECT 1 FROM triggers WHERE workspace_id = $1") == []
    execution = (await api.client.get(f"/api/v1/executions/{started['executionId']}")).json()
    assert (execution["status"], execution["flowId"]) == ("starting", flow["id"])
    found = (await api.client.get(f"/api/v1/executions?flowId={flow['id']}")).json()["items"]
    assert [row["id"] for row in found] == [started["executionId"]]


async def test_the_id_of_a_deleted_flow_is_free_and_its_etag_is_not_the_new_ones(api: Api) -> None:
    etag = await stored(api)
    await api.client.delete(URL)
    assert await stored(api) != etag
    assert refused(await put(api, etag, name="X")) == (412, "PRECONDITION_FAILED")


async def test_a_flow_deleted_while_it_is_published_stays_deleted(api: Api) -> None:
    flow = await api.publish(welcome())
    await api.client.delete(URL)
    with pytest.raises(Gone):
        await publications.unpublish(api.parts.db, api.workspace, flow["id"])
    assert await flows.find(api.parts.db, api.workspace, "welcome") is None


async def test_a_flow_that_goes_while_it_is_changed_is_a_404(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(api)
    known = await flows.find(api.parts.db, api.workspace, "welcome")
    await api.client.delete(URL)

    async def still_there(*_: Any) -> Any:
        return known

    monkeypatch.setattr("api.lookup.flows.find", still_there)
    assert refused(await api.client.post(f"{URL}/publish")) == (404, "FLOW_NOT_FOUND")
    assert refused(await put(api, "*", name="X")) == (404, "FLOW_NOT_FOUND")


async def test_a_key_stores_a_flow_once(api: Api) -> None:
    key = {"Idempotency-Key": "save-1"}
    answers = [
        await api.client.post("/api/v1/flows", json={"flow": welcome()}, headers=key) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[1].headers["Location"] == answers[0].headers["Location"]
    other = await api.client.post("/api/v1/flows", json={"flow": welcome(name="X")}, headers=key)
    assert refused(other) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("inbox", [0, -1, 2**31, 2**70])
async def test_an_inbox_that_cannot_be_is_refused_when_the_flow_is_published(api: Api, inbox: int) -> None:
    await stored(api, trigger={**TRIGGER, "inboxId": inbox})
    assert (await api.client.post(f"{URL}/publish")).status_code == 422
