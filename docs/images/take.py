"""Takes the pictures of this folder: a lead capture that waits, in Temporal's Web UI."""

import asyncio
import json
from pathlib import Path

from playwright.async_api import Page, Route, async_playwright

from tests.servers import scratch_state_dir
from tests.system.local import running_dev
from tests.system.office import EMAIL, NAME, opened_office, talk

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 1400, "height": 680}
SCROLL = "(pixels) => document.querySelectorAll('.cm-scroller').forEach((box) => box.scrollTop = pixels)"
TO_THE_CONTACT = 580


async def main() -> None:
    """Everything runs for these pictures only, and is stopped."""
    with scratch_state_dir() as folder:
        async with running_dev(folder) as dev, opened_office(dev) as office:
            visitor = await office.visitor()
            await talk(visitor, ("Hi there", NAME), ("Asha", EMAIL))
            [listed] = await office.executions(visitor)
            execution = (await office.api.get(f"/api/v1/executions/{listed['id']}")).json()
            await _take(execution["workflow"]["url"])


async def _take(url: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport=SIZE)
        await page.goto(url)
        await _shown(page, '"John"', "temporal-ui-payloads.png", scrolled=TO_THE_CONTACT)
        await page.get_by_text("User Metadata").click()
        await _shown(page, "waiting_input", "temporal-ui-details.png")
        await page.route("**/api/v1/settings*", _without_codec)
        await page.goto(url)
        await _shown(page, '"tembea-key"', "temporal-ui-without-key.png")
        await browser.close()


async def _shown(page: Page, text: str, file: str, *, scrolled: int = 0) -> None:
    """Takes the picture when the text is there, and the page has come to rest."""
    await page.get_by_text("Running").first.wait_for()
    for _ in range(100):
        await page.evaluate(SCROLL, scrolled)
        if text in await page.inner_text("body"):
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    await page.screenshot(path=HERE / file)


async def _without_codec(route: Route) -> None:
    """The Web UI as whoever has no key finds it: told of no codec."""
    answer = await route.fetch()
    settings = await answer.json()
    settings["Codec"]["Endpoint"] = ""
    await route.fulfill(response=answer, body=json.dumps(settings))


asyncio.run(main())
