"""The workbench in a real browser: pages that fail on any console error and leave a screenshot.

A test takes `sign_in` and opens as many pages as it has readers:

    def test_alerts(sign_in: SignIn) -> None:
        page = sign_in("underwriter")
        page.goto("/alerts")
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.credit_model import CreditModel
from serving.access.people import add_person
from serving.access.sessions import COOKIE
from serving.store.store import Store
from serving.surveillance.rules import Rules
from serving.surveillance.surveil import surveil

CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = Path(__file__).parents[4] / "var" / "screenshots"
DESK, TABLET = (1440, 900), (820, 1180)

PASSWORD = "a long enough phrase for tests"
PEOPLE = {
    "viewer": "vera",
    "underwriter": "ursula",
    "risk-admin": "rita",
    "data-scientist": "dana",
}

SignIn = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real headless browser. It runs an event loop, so its modules run none of their own."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium in {CHROMIUM}: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session_of(service: str, service_folder: Path) -> Callable[[str], str]:
    """The cookie of somebody of a role, who has signed in with a password."""
    store = Store(f"sqlite:///{service_folder}/store.db")
    for role, name in PEOPLE.items():
        add_person(store, name, role, password=PASSWORD)
    store.close()

    @cache
    def begun(role: str) -> str:
        who = {"name": PEOPLE[role], "password": PASSWORD}
        return str(httpx.post(f"{service}/sign-in", data=who).cookies[COOKIE])

    return begun


@pytest.fixture(scope="session", autouse=True)
def scored(service: str, service_folder: Path, bundle: Path, tables: Path) -> None:
    """Two runs of surveillance in the store of the real service."""
    store = Store(f"sqlite:///{service_folder}/store.db")
    for day in (date(2025, 9, 30), date(2025, 12, 31)):
        model = CreditModel.load(bundle)
        surveil(model, Rules.load(), tables, day, store, service_folder / "runs")
    store.close()


@pytest.fixture
def faults() -> list[str]:
    """What consoles complained of; a test that provokes a refusal clears it."""
    return []


@pytest.fixture
def sign_in(
    request: pytest.FixtureRequest,
    chromium: Any,
    service: str,
    session_of: Callable[[str], str],
    faults: list[str],
) -> Iterator[SignIn]:
    """`sign_in(role, language="en", look="light", size=DESK)`: a page of somebody of that role.

    At the end each page left open is kept as a picture, and any fault in a console fails the test.
    """
    contexts: list[Any] = []

    def open_page(
        role: str, language: str = "en", look: str = "light", size: tuple[int, int] = DESK
    ) -> Any:
        width, height = size
        context = chromium.new_context(
            base_url=service,
            viewport={"width": width, "height": height},
            color_scheme=look,
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            accept_downloads=True,
        )
        context.add_cookies([{"name": COOKIE, "value": session_of(role), "url": service}])
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: said.type in ("error", "warning") and faults.append(said.text)
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_page
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    numbers = count(1)
    for context in contexts:
        for page in context.pages:
            name = request.node.name.removeprefix("test_").replace("/", "-")
            _keep(page, SCREENSHOTS / f"{name}-{next(numbers)}.png")
        context.close()
    assert faults == []


def _keep(page: Any, path: Path) -> None:
    """A screenshot; a busy Chromium may refuse the first time."""
    from playwright.sync_api import Error

    try:
        page.screenshot(path=path)
    except Error:
        page.screenshot(path=path)


@pytest.fixture
def accessible() -> Callable[[Any], None]:
    """Asserts that a page keeps to WCAG 2.1, levels A and AA, as far as axe can tell."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    levels = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

    def check(page: Any) -> None:
        page.wait_for_load_state("networkidle")
        found = axe.run(page, options=levels)
        assert found.violations_count == 0, found.generate_report()

    return check
