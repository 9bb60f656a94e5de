"""The frame of every page: its template environment, navigation, language, look and assets.

A page is a route that returns `page(request, "name.html", …)`; its template extends `frame.html`.
Words stand in templates as `_("…")`, in code as `N_("…")`; numbers and days pass a filter of
`serving.workbench.formats`. The door (`serving.access`) leaves who asks on `request.state.caller`
and the token that forms send back on `request.state.csrf_token`.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from math import inf
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from models.explanation import Language
from serving.decide import desk_of
from serving.problems import KINDS, FieldError, Problem
from serving.workbench import words
from serving.workbench.formats import formats
from serving.workbench.language import COOKIE, NAMES, catalogue, language_of
from serving.workbench.sentences import said, translated
from serving.workbench.words import N_

HERE = Path(__file__).parent
A_YEAR = 365 * 24 * 3600  # seconds
LOOK = "look"  # the cookie of the reader's choice of LOOKS
LOOKS: Mapping[str, str] = {
    "auto": N_("As this device"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}
FILTERS = (
    *("number", "signed", "money", "compact", "percent", "points"),
    *("day", "month", "moment", "grouped"),
)


class Entry(NamedTuple):
    """A place in the navigation; `under` begins the addresses of its pages, `permission` is what
    they need."""

    path: str
    label: str
    under: tuple[str, ...] = ()
    permission: str = "read"


NAVIGATION = (
    Entry("/", N_("Buyers"), ("/buyers/", "/decisions/")),
    Entry("/portfolio", N_("Portfolio"), ("/portfolio/",)),
    Entry("/alerts", N_("Alerts")),
    Entry("/referrals", N_("Referrals"), ("/overrides",)),
    Entry("/scenarios", N_("Scenarios"), ("/scenarios/",), "simulate"),
    Entry("/import", N_("Import"), ("/import/",), "import"),
    Entry("/model", N_("Model")),
    Entry("/policy", N_("Policy"), ("/policy/",), "govern"),
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/preferences")
def preferences(back: str = "/", language: str = "", look: str = "") -> RedirectResponse:
    """Keep the reader's language or look in a cookie and go back to the page it came from."""
    answer = RedirectResponse(within(back), HTTPStatus.SEE_OTHER)
    for name, value, known in ((COOKIE, language, NAMES), (LOOK, look, LOOKS)):
        if value in known:
            answer.set_cookie(name, value, A_YEAR, httponly=True, samesite="lax")
    return answer


def within(address: str) -> str:
    """`address`, where it stays on this site; else that of the first page.

    >>> within("/buyers/B1?amount=5"), within("//elsewhere.example")
    ('/buyers/B1?amount=5', '/')
    """
    here = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if here and address.isprintable() else "/"


def page(
    request: Request, template: str, status: int = HTTPStatus.OK, **values: Any
) -> HTMLResponse:
    """A page, or a part of one, in the language and look of its reader."""
    language = language_of(request)
    desk = desk_of(request)
    caller = getattr(request.state, "caller", None)
    look = request.cookies.get(LOOK, "auto")
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    framing = {
        "language": language,
        "languages": NAMES,
        "look": look if look in LOOKS else "auto",
        "looks": LOOKS,
        "address": address,
        "navigation": [entry for entry in NAVIGATION if caller and caller.may(entry.permission)],
        "here": _here(request.url.path),
        "caller": caller,
        "csrf_token": getattr(request.state, "csrf_token", ""),
        "last_known_day": desk.portfolio.last_known_day,
        "buyers": len(desk.portfolio),
        "query": "",
    }
    text = environment(language).get_template(template).render({**framing, **values})
    response = HTMLResponse(text, status, headers={"Vary": "Cookie, Accept-Language"})
    request.app.state.door.renew(request, response)
    return response


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """A problem as a person reads it."""
    told = {"problem": problem, "kind": KINDS[problem.kind], "back": page_before(request)}
    return page(request, "problem.html", problem.status, asked_by=request.method, **told)


def page_before(request: Request) -> str:
    """The page of ours that led here, else the first: where a person goes back to."""
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc != request.headers.get("host"):
        return "/"
    return within(before.path + (f"?{before.query}" if before.query else ""))


def for_person(request: Request, problem: Problem) -> Problem:
    """The problem in the language of a person who works on a page; machines are told in English."""
    caller = getattr(request.state, "caller", None)
    if caller is None or caller.kind != "person":
        return problem
    language = language_of(request)
    errors = [
        FieldError(_field(error.field, language), error.value, said(error.remedy, language))
        for error in problem.errors
    ]
    detail = said(problem.detail, language)
    return Problem(problem.kind, detail, errors, problem.headers, problem.candidates)


def _field(name: str, language: Language) -> str:
    return catalogue(language).gettext(words.FIELDS.get(name, name)).replace("%%", "%")


@cache
def environment(language: Language) -> Environment:
    """The templates with the words and formats of one language."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    templates.globals |= {
        "asset": asset,
        "csrf_field": _csrf_field,
        "infinite": inf,
        "pairs": _pairs,
        "preference": _preference,
        "words": words,
    }
    templates.filters |= {name: getattr(formats(language), name) for name in FILTERS}
    templates.filters |= {"tier": words.tier, "coded": _coded, "told": _told}
    return templates


@cache
def asset(name: str) -> str:
    """The address of a static file; it holds a digest of the content, so it may be kept."""
    digest = sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


class Assets(StaticFiles):
    """Files that never change under their address: it holds a digest of their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """The file, to be kept by the browser for a year."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        return response


def assets() -> GZipMiddleware:
    """The style sheet, the scripts and the mark, compressed. Pages are not: they hold a token
    beside what a stranger may have put in the address, and their length would tell on it."""
    return GZipMiddleware(Assets(directory=HERE / "static"))


def _here(path: str) -> str:
    """The entry of the navigation that a page belongs to."""
    return next(
        (e.path for e in NAVIGATION if path == e.path or (e.under and path.startswith(e.under))), ""
    )


def _coded(text: str) -> Markup:
    """A sentence whose commands, between backquotes, are set as code."""
    parts = escape(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


@pass_context
def _told(context: Context, text: str) -> Markup | str:
    """A sentence of another room in the reader's language; marked as English where it is not."""
    known = translated(text, context["language"])
    if known is not None:
        return known
    shown = said(text, context["language"])
    has_words = any(letter.isalpha() for letter in shown)
    return Markup('<span lang="en">{}</span>').format(shown) if has_words else shown


def _pairs(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Options of a choice that are called as they are coded."""
    return [(code, code) for code in codes]


@pass_context
def _csrf_field(context: Context) -> Markup:
    """The hidden field that every form that writes must hold."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(
        context["csrf_token"]
    )


@pass_context
def _preference(context: Context, **choice: str) -> str:
    """The address that keeps a choice and comes back to this page."""
    return "/preferences?" + urlencode({**choice, "back": context["address"]})
