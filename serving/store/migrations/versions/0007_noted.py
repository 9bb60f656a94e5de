"""Referrals and what is done about alerts join the chain of changes, with what there is already."""

import sqlalchemy as sa
from alembic import op

from serving.store.changes import IDENTIFIED, note
from serving.store.declarations import REFERRALS
from serving.store.surveillance import ALERT_ACTIONS, ALERTS

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """No table changes."""
    connection = op.get_bind()
    acted_on = ALERTS.c.alert_id.in_(sa.select(ALERT_ACTIONS.c.alert_id))
    for table, some in ((REFERRALS, sa.true()), (ALERTS, acted_on), (ALERT_ACTIONS, sa.true())):
        rows = sa.select(*IDENTIFIED[table]).where(some).order_by(*table.primary_key)
        for identifier in connection.execute(rows).all():
            note(connection, table, *identifier)
