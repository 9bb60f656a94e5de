"""A French reader meets no word of English, on any page, whatever is asked."""

import re
from pathlib import Path
from typing import Any

import pytest

from serving.api.examples import GRADE_OVERRIDE, OVERRIDE, REFUSAL, VERDICT

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = (
    *("/", "/?q=xyz", "/account", "/portfolio", "/portfolio/buyers", "/alerts", "/referrals"),
    *("/referrals?state=decided", "/overrides", "/scenarios", "/import", "/model", "/policy"),
    *("/buyers/B0000001", "/buyers/B0000003?amount=250000&terms=90&payment_days=5"),
    *("/buyers/ODD-EMPTY", "/buyers/B0000180?top_up=20000&top_up_until=2026-03-31"),
)
REFUSED = (
    *("/nothing", "/buyers/NOBODY", "/buyers/ODD-PERSON", "/buyers/B0000001?amount=x&terms=999"),
    *("/buyers/B0000001?as_of=2099-01-01", "/portfolio/buyers?probability_from=x"),
    *("/import/none", "/scenarios/none", "/policy/none", "/decisions/none/memo.pdf"),
)
# Words that English sentences hardly do without, and French ones do not know.
ENGLISH = re.compile(
    r"(?<![\w.’'-])(the|of|and|is|are|was|were|with|from|which|what|not|this|that|by|to|for|has|"
    r"have|buyers?|days|months|years|unknown|none|known|limit|grade|write|give|must|should)(?![\w.-])",
    re.IGNORECASE,
)
WRITTEN = [str(one["reason"]) for one in (OVERRIDE, GRADE_OVERRIDE, VERDICT, REFUSAL)]
# What readers see or hear, but code, names of firms and the committee's own words.
TEXTS = """() => {
  const told = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, textContent: text } = walker.currentNode;
    if (!parent.closest("script, style, textarea, code, pre, template, .code")) told.push(text);
  }
  for (const name of ["data-says", "aria-label", "placeholder", "title"])
    for (const one of document.querySelectorAll(`[${name}]`)) told.push(one.getAttribute(name));
  for (const one of document.querySelectorAll("[data-tip]:not(dt *, .reasons *)"))
    told.push(one.dataset.tip);
  const left = document.querySelectorAll("main [lang=en]");
  for (const one of left) told.push(`not translated: ${one.textContent}`);
  return told;
}"""


def english(page: Any) -> list[str]:
    """Texts of a page that look English, but what is the data's own or a person wrote."""
    own = re.compile(
        r"credit committee|Known for twenty years|Facture|ledger\.csv|aged\.csv|mine|encours"
    )
    return [
        text.strip()
        for text in page.evaluate(TEXTS)
        if ENGLISH.search(text) and not own.search(text) and text.strip() not in WRITTEN
    ]


def test_no_page_has_a_word_of_english(sign_in: Any) -> None:
    page = sign_in("risk-admin", "fr")
    for path in PAGES:
        page.goto(path)
        if path.startswith("/buyers"):
            page.wait_for_load_state("networkidle")
        assert english(page) == [], path


def test_no_refusal_has_a_word_of_english(sign_in: Any, faults: list[str]) -> None:
    page = sign_in("risk-admin", "fr")
    for path in REFUSED:
        page.goto(path)
        assert english(page) == [], path
    other = sign_in("viewer", "fr")
    other.goto("/policy")
    assert english(other) == []
    assert [fault for fault in faults if not re.search("40[34]|422", fault)] == []
    faults.clear()


def test_a_question_that_cannot_be_answered_is_refused_in_french(
    sign_in: Any, faults: list[str]
) -> None:
    page = sign_in("underwriter", "fr")
    page.goto("/buyers/B0000001")
    page.locator(".asof input").fill("2099-01-01")
    page.wait_for_load_state("networkidle")
    assert english(page) == []
    faults.clear()


def test_an_import_is_told_in_french(sign_in: Any, tmp_path: Path) -> None:
    good = [
        f"F{n};C{n % 7};{n % 28 + 1:02}/03/2025;{n % 28 + 1:02}/04/2025;{n + 1}00,50"
        for n in range(60)
    ]
    bad = ["F97;C1;31/02/2025;01/04/2025;5,00", "F98;C1;01/04/2025;01/04/2025;beaucoup", ";C1;;;"]
    head = "Facture;Code client;Date facture;Échéance;Montant"
    (tmp_path / "ledger.csv").write_text("\n".join([head, *good, *bad]))
    page = sign_in("underwriter", "fr")
    page.goto("/import")
    page.locator("[type=file]").set_input_files(tmp_path / "ledger.csv")
    page.get_by_role("button", name="Envoyer").click()
    page.locator("#mapping").wait_for()
    assert english(page) == []
    page.locator("#mapping button.first").click()
    page.locator("#scores").wait_for(timeout=60_000)
    assert english(page) == []


def test_a_draft_and_a_scenario_are_told_in_french(sign_in: Any, faults: list[str]) -> None:
    page = sign_in("risk-admin", "fr")
    page.goto("/policy")
    text = page.locator("textarea")
    right = text.input_value().replace('version = "2026.1"', 'version = "essai"')
    text.fill(right.replace("sales_margin", "sales_margins"))
    page.locator("main button.first").click()
    page.get_by_role("alert").wait_for()
    assert english(page) == []
    page.locator("textarea").fill(right)
    page.locator("main button.first").click()
    page.locator("#moves").wait_for(timeout=60_000)
    assert english(page) == []
    page.goto("/scenarios")
    page.locator("main .card button.first").nth(1).click()
    page.locator("#buyers").wait_for(timeout=60_000)
    assert english(page) == []
    faults.clear()
