"""The credit memo: one kept decision on one printed page, in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from features.feature import TOPICS
from models.explanation import LANGUAGES, Language
from models.limits.limit_reasons import REASONS
from serving.store.record import Record
from serving.workbench import words
from serving.workbench.formats import formats
from serving.workbench.language import catalogue

INK, MUTED, LINE, ACCENT = (23, 32, 44), (85, 97, 112), (223, 228, 234), (29, 78, 216)
MARGIN, HALF, GAP = 15.0, 87.0, 6.0  # millimetres
CONDITIONS_SHOWN, REASONS_SHOWN, TOPICS_SHOWN = 3, 5, 13
LONGEST_REASON = 160  # letters
FAMILY = "DejaVu"


def memo(
    record: Record, answer: Mapping[str, Any], buyer: Mapping[str, Any], language: Language
) -> bytes:
    """The PDF of a kept decision: who, how much, why, on what terms, by whom and from what."""
    page = _Memo(language)
    page.head(answer, buyer)
    page.verdict(answer)
    page.columns(answer)
    page.words(answer)
    page.foot(record, answer)
    return bytes(page.output())


class _Memo(FPDF):
    """One A4 page; `_` translates, `say` writes numbers and days."""

    def __init__(self, language: Language) -> None:
        super().__init__(format="A4")
        self.place = LANGUAGES.index(language)
        self._: Callable[[str], str] = catalogue(language).gettext
        self.say = formats(language)
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font(FAMILY, style, _fonts() / file)
        self.set_margin(MARGIN)
        self.set_auto_page_break(False)
        self.set_lang(language)
        self.add_page()

    def text_line(
        self, text: str, size: float = 9, bold: bool = False, colour: tuple[int, ...] = INK
    ) -> None:
        """A paragraph over the whole width."""
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)
        self.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def head(self, answer: Mapping[str, Any], buyer: Mapping[str, Any]) -> None:
        """Title and buyer."""
        _ = self._
        self.set_title(f"{_('Credit memo')} {answer['buyer_id']}")
        self.text_line(_("Credit memo"), 9, True, ACCENT)
        self.text_line(buyer["name"] or answer["buyer_id"], 17, True)
        name = buyer["section"]
        section = _(name) if name else ""
        group = f"{_('Group')} {buyer['group_id']}" if buyer["group_id"] else ""
        sector = f"{buyer['sector']} {section}".strip()
        known = (answer["buyer_id"], buyer["country_name"], sector, buyer["legal_form"], group)
        self.text_line("  ·  ".join(text for text in known if text), 9, colour=MUTED)
        self.ln(3)

    def verdict(self, answer: Mapping[str, Any]) -> None:
        """The decision in large figures."""
        _, say, currency = self._, self.say, answer["currency"]
        asked = answer["requested_amount"]
        figures = (
            (_("Limit"), say.money(answer["limit"], currency)),
            (_("Grade"), answer["grade"]),
            (_("Default probability"), say.percent(answer["default_probability"])),
            (_("Asked"), say.money(asked, currency) if asked else _("need")),
        )
        top = self.get_y()
        width = (210 - 2 * MARGIN) / len(figures)
        for i, (label, text) in enumerate(figures):
            self.set_xy(MARGIN + i * width, top)
            self.set_font(FAMILY, "", 8)
            self.set_text_color(*MUTED)
            self.cell(width, 4, label, new_x=XPos.LEFT, new_y=YPos.NEXT)
            self.set_font(FAMILY, "B", 14)
            self.set_text_color(*INK)
            self.cell(width, 8, text)
        self.set_xy(MARGIN, top + 13)
        days = {name: say.day(answer[name]) for name in ("as_of_date", "valid_until", "review_on")}
        told = _("As known on %(as_of_date)s; valid until %(valid_until)s; review on %(review_on)s")
        decided = words.DECISIONS[answer["decision"]]
        self.text_line(f"{_(decided)}. {told % days}.", 9)
        for one in answer.get("overrides", ()):
            self.text_line(self.overridden(one, answer), 9, True)
        self.ln(3)

    def overridden(self, one: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        """What a person set, beside what the model held."""
        money, currency = self.say.money, answer["currency"]
        person = one["grade"] or money(one["limit"], currency)
        model = one["model_grade"] if one["grade"] else money(one["model_limit"], currency)
        role = self._(words.ROLES.get(one["role"], one["role"]))
        return self._("%(by)s, %(role)s, set %(person)s in the place of the model's %(model)s") % {
            "by": one["set_by"],
            "role": role,
            "person": person,
            "model": model,
        }

    def columns(self, answer: Mapping[str, Any]) -> None:
        """Why, on the left; the amounts that could bind, on the right."""
        top = self.get_y()
        self.why(answer, top)
        left = self.get_y()
        self.amounts(answer, top)
        self.set_xy(MARGIN, max(left, self.get_y()) + 3)

    def why(self, answer: Mapping[str, Any], top: float) -> None:
        """The topics, strongest first; an answer to a limit engine does not hold them."""
        if "topics" not in answer:
            return
        _, say = self._, self.say
        ranked = sorted(answer["topics"], key=lambda topic: -abs(topic["log_odds"]))
        why = [
            (_("Average buyer"), say.number(answer["base_log_odds"], 2), ""),
            *(
                (
                    TOPICS[topic["topic"]][self.place],
                    say.signed(topic["log_odds"], 2),
                    say.points(topic["probability_effect"]),
                )
                for topic in ranked[:TOPICS_SHOWN]
            ),
            (
                _("This buyer"),
                say.number(answer["log_odds"], 2),
                say.percent(answer["default_probability"]),
            ),
        ]
        self.listing((_("Why"), _("Log-odds"), _("Probability")), why, MARGIN, top, (47, 18, 22))

    def amounts(self, answer: Mapping[str, Any], top: float) -> None:
        """Every amount that could bind, the least first."""
        _, say = self._, self.say
        known = {n: a for n, a in answer.get("candidates", {}).items() if a is not None}
        amounts = [
            (
                _(words.CANDIDATES[name])
                + (f" ({_('binds')})" if name == answer["binding_constraint"] else ""),
                say.number(amount),
            )
            for name, amount in sorted(known.items(), key=lambda item: item[1])
        ]
        head = (_("The least of these binds"), answer["currency"])
        self.listing(head, amounts, MARGIN + HALF + GAP, top, (62, 25))

    def listing(
        self,
        head: tuple[str, ...],
        rows: Sequence[tuple[str, ...]],
        left: float,
        top: float,
        widths: tuple[float, ...],
    ) -> None:
        """A small table at a place of the page."""
        self.set_xy(left, top)
        self.set_font(FAMILY, "", 8)
        self.set_text_color(*INK)
        self.set_draw_color(*LINE)
        before = self.l_margin
        self.set_left_margin(left)
        align = ("LEFT", *("RIGHT" for _ in head[1:]))
        with self.table(
            width=sum(widths),
            col_widths=widths,
            text_align=align,
            align="LEFT",
            line_height=4.6,
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD", color=MUTED),
        ) as table:
            for row in (head, *rows):
                table.row(row)
        self.set_left_margin(before)

    def words(self, answer: Mapping[str, Any]) -> None:
        """Reasons, conditions, flags and money."""
        _, say = self._, self.say
        texts = dict(REASONS)
        reasons = [
            texts[one["code"]][self.place] if one["code"] in texts else one["text"]
            for one in answer["reasons"][:REASONS_SHOWN]
        ]
        self.section(_("Reasons"), [text[:LONGEST_REASON] for text in reasons])
        conditions = [one["text"] for one in answer["conditions"][:CONDITIONS_SHOWN]]
        self.section(_("What would allow more"), [say.grouped(text) for text in conditions])
        flags = [words.FLAGS.get(code, (words.plain(code), "")) for code in answer["flags"]]
        self.section(_("To be known"), [f"{_(name)}: {_(meaning)}" for name, meaning in flags])
        loss = say.money(answer["expected_loss"], answer["currency"])
        self.section(_("Expected loss, twelve months"), [loss])

    def section(self, title: str, lines: list[str]) -> None:
        """A heading and its lines, where there are any."""
        if lines:
            self.text_line(title, 8, True, MUTED)
            for text in lines:
                self.text_line(text, 9)
            self.ln(1.5)

    def foot(self, record: Record, answer: Mapping[str, Any]) -> None:
        """From what, by whom, and room to sign."""
        _, say = self._, self.say
        self.set_y(-38)
        self.set_draw_color(*LINE)
        for left, label in ((MARGIN, _("Decided by")), (MARGIN + HALF + GAP, _("Approved by"))):
            self.line(left, self.get_y(), left + HALF, self.get_y())
            self.set_font(FAMILY, "", 7)
            self.set_text_color(*MUTED)
            self.text(left, self.get_y() + 4, label)
        self.set_y(-26)
        told = _("Decision %(id)s, kept on %(at)s UTC, asked by %(by)s.") % {
            "id": record.decision_id,
            "at": say.moment(record.decided_at),
            "by": record.caller,
        }
        versions = _("Model %(model)s, policy %(policy)s, data %(data)s.") % {
            "model": answer["model_version"],
            "policy": answer["policy_version"],
            "data": record.data_version,
        }
        self.text_line(f"{told}\n{versions}", 7, colour=MUTED)


def _fonts() -> Path:
    """The folder of DejaVu, which has the letters of every European language."""
    package = find_spec("matplotlib")
    assert package is not None and package.origin is not None, "matplotlib comes with mlflow"
    return Path(package.origin).parent / "mpl-data" / "fonts" / "ttf"
