"""Mappings are read strictly: what they misspell is named, with the nearest valid name."""

from pathlib import Path

import pytest

from features.ledgers.mapping import (
    EXAMPLES,
    Column,
    Format,
    Mapping,
    PaymentLines,
    Settled,
    TableMapping,
    Terms,
    Unpivot,
    When,
    find_mapping,
    nearest,
)

LEDGER = """
[invoices.columns]
invoice_id = "Number"
buyer_id = "Customer"
issued_on = "Date"
due_on = ["Due", "Due date"]
amount = { debit = "Debit", credit = "Credit" }
"""
BUYERS = """
[buyers]
derived_from = "invoices"
[buyers.columns]
buyer_id = "Customer"
country = { default = "FR" }
"""


def load(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    return Mapping.load(path)


def test_a_name_a_list_and_a_table_are_columns(tmp_path: Path) -> None:
    columns = load(tmp_path, LEDGER + BUYERS).tables["invoices"].columns
    assert columns["buyer_id"].names == ("Customer",)
    assert columns["due_on"].needed == (("Due", "Due date"),)
    assert columns["amount"].needed == (("Debit",), ("Credit",))


def test_the_first_part_of_a_number_must_be_there() -> None:
    column = Column(columns=(("BELNR", "Document"), ("BUKRS",)), join="-")
    assert column.needed == (("BELNR", "Document"),)
    assert Column(columns=(("BELNR",),), optional=True).needed == ()


def test_a_table_overrides_the_format(tmp_path: Path) -> None:
    text = '[format]\ndates = "dd/mm/yyyy"\ndecimal = ","\n[invoices.format]\ndecimal = "."\n'
    form = load(tmp_path, text + LEDGER + BUYERS).tables["invoices"].format
    assert (form.decimal, form.dates) == (".", ("dd/mm/yyyy",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[invoice.columns]", r"unknown table \[invoice\]; did you mean 'invoices'"),
        ("[format]\nencodng = 'utf-8'", r"unknown key 'encodng'; did you mean 'encoding'"),
        (LEDGER + 'payed_on = "Paid"\n', r"unknown 'payed_on'; did you mean 'paid_on'"),
        (LEDGER + "[invoices.terms]\ndefalt = '30 days'", "'defalt'; did you mean 'default'"),
        (LEDGER + "[invoices.terms]\ndefault = 'soon'", "payment terms 'soon'"),
        (LEDGER.replace("issued_on", "disputed_on"), "lacks 'issued_on': date of the invoice"),
        ("[format]\ndates = 'dd-mm'", "date format 'dd-mm'"),
        ("[format]\ntime_zone = 'Europe/Pari'", "did you mean 'Europe/Paris'"),
        ("[format]\ndecimal = ','\nthousands = [',']", "`thousands` needs a `decimal` sign"),
        ("[format]\ndelimiter = ';;'", "format.delimiter"),
        ("[format\n", "mapping .*mapping.toml"),
        (LEDGER + "[invoices.settled]\nwithout_date = 'guess'", "'refuse' or 'due_on'"),
        (LEDGER + 'currency = { credit = "C" }', "'currency' is no amount"),
        (LEDGER + "currency = {}", "give columns, debit and credit, or a default"),
        ('[statements]\nlag_days = 90\ncolumns = { buyer_id = "B", closing_date = "C" }\n'
         '[invoices]\nlag_days = 3\n' + LEDGER, "lag_days belongs to"),
        (LEDGER + BUYERS.replace('"invoices"', '"statements"'), "derived_from makes"),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(tmp_path, text if "[buyers" in text else text + BUYERS)


def test_buyers_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\[buyers\] is missing; .*derived_from"):
        load(tmp_path, LEDGER)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_load(path: Path) -> None:
    assert "invoices" in Mapping.load(path).tables
    assert find_mapping(path.stem) == path


def test_a_file_goes_before_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sap").touch()
    monkeypatch.chdir(tmp_path)
    assert find_mapping("sap") == Path("sap")


def test_all_names_are_given_where_none_is_near() -> None:
    assert nearest("zzz", ["due_on", "amount"]) == "valid: amount, due_on"


def test_the_mapping_of_the_guide_loads(tmp_path: Path) -> None:
    guide = (EXAMPLES / "README.md").read_text("utf-8")
    text = guide.split("```toml\n")[1].split("```")[0]
    assert set(load(tmp_path, text).tables) == {"invoices", "buyers"}


def test_the_guide_names_every_key() -> None:
    guide = (EXAMPLES / "README.md").read_text("utf-8")
    for section in (Format, When, Column, Terms, PaymentLines, Settled, Unpivot, TableMapping):
        for key in section.model_fields:
            assert f"`{key}`" in guide or f"{key} =" in guide or f".{key}]" in guide, key


def test_a_mapping_that_is_nowhere_is_named_with_the_examples() -> None:
    with pytest.raises(FileNotFoundError, match=r"no mapping sapp: .* odoo, sage, sap"):
        find_mapping("sapp")
