"""The ASGI application: every router, the pages, the headers and the errors, put together."""

import asyncio

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from serving import metrics
from serving.access.body_limit import BodyLimit
from serving.access.door import Door, undeclared
from serving.admission import Admission
from serving.api import (
    alerts,
    buyers,
    counterfactuals,
    decisions,
    declarations,
    errors,
    models,
    openapi,
    overrides,
    referrals,
    score,
)
from serving.decide import Desk
from serving.environment import setting
from serving.surveillance.gauges import Gauges
from serving.workbench import (
    alert_inbox,
    frame,
    import_pages,
    job_pages,
    model_page,
    pages,
    policy_page,
    portfolio_pages,
    referral_queue,
    scenario_pages,
    sign_in,
    verdict,
)
from serving.workbench.headers import SecurityHeaders
from serving.workbench.jobs import Jobs

ROUTERS: tuple[APIRouter, ...] = (
    score.router,
    counterfactuals.router,
    buyers.router,
    declarations.router,
    overrides.router,
    referrals.router,
    decisions.router,
    models.router,
    alerts.router,
    frame.router,
    sign_in.router,
    portfolio_pages.router,
    alert_inbox.router,
    import_pages.router,
    job_pages.router,
    scenario_pages.router,
    model_page.router,
    policy_page.router,
    referral_queue.router,
    pages.router,
    verdict.router,
)


def create_app(desk: Desk, workers: int = 1) -> FastAPI:
    """The ASGI application of one of `workers` processes; it asks `desk`.

    Raises ValueError where a route is neither public nor says what its caller needs.
    """
    app = FastAPI(
        title="encours",
        version="1",
        summary="How likely is this buyer to default, why, and how much may it owe us?",
        description=openapi.ABOUT,
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.desk = desk
    app.state.door = Door(desk.store, workers)
    app.state.jobs = Jobs(desk.store)
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/metrics", exposition, include_in_schema=False)
    if setting("ENCOURS_OIDC_ISSUER"):
        # Half a second of imports that few deployments need.
        from serving.access.openid import OpenId  # noqa: PLC0415
        from serving.workbench import sign_in_openid  # noqa: PLC0415

        app.state.openid = OpenId.configured()
        app.include_router(sign_in_openid.router)
    app.mount("/static", frame.assets())
    app.add_middleware(Admission)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    errors.handle_errors(app)
    if unguarded := undeclared(app.routes):
        raise ValueError(f"{', '.join(unguarded)}: say what it needs, `dependencies=[needs(…)]`")
    openapi.complete(app)
    return app


async def exposition(request: Request) -> Response:
    """Prometheus metrics of all workers, and what surveillance found last."""
    gauges = Gauges(request.app.state.desk.store)
    return await asyncio.to_thread(metrics.exposition, gauges)
