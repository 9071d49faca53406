"""The reproducer's tables, as the migrations make them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData()
moment = sa.DateTime(timezone=True)

platform = sa.Table(
    "platform",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("max_jobs", sa.Integer),
    sa.Column("settles_seconds", sa.Float),
    sa.Column("offered", sa.Boolean),
    sa.Column("updated", moment),
)

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("experiment", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("platform", sa.Text),
    sa.Column("process", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("owner_name", sa.Text),
    sa.Column("parameters", JSONB),
    sa.Column("plan", JSONB),
    sa.Column("state", sa.Text),
    sa.Column("verdict", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("progress", sa.Integer),
    sa.Column("message", sa.Text),
    sa.Column("created", moment),
    sa.Column("updated", moment),
    sa.Column("ended", moment),
    sa.Column("cancel_asked", moment),
    sa.Column("posted", moment),
    sa.Column("marked", sa.Boolean),
    sa.Column("job_id", sa.Text),
    sa.Column("job_url", sa.Text),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_token", sa.BigInteger),
    sa.Column("lease_expires", moment),
    sa.Column("wake", moment),
    sa.Column("tries", sa.Integer),
    sa.Column("trouble_since", moment),
)

run_event = sa.Table(
    "run_event",
    metadata,
    sa.Column("run", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text),
    sa.Column("state", sa.Text),
    sa.Column("at", moment),
    sa.Column("progress", sa.Integer),
    sa.Column("message", sa.Text),
)

run_output = sa.Table(
    "run_output",
    metadata,
    sa.Column("run", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("media_type", sa.Text),
    sa.Column("size", sa.BigInteger),
    sa.Column("multihash", sa.Text),
)

comparison = sa.Table(
    "comparison",
    metadata,
    sa.Column("run", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("verdict", sa.Text),
    sa.Column("report", JSONB),
    sa.Column("picture", sa.Text),
)

reproduction = sa.Table(
    "reproduction",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("run", sa.Uuid),
    sa.Column("experiment", sa.Text),
    sa.Column("verdict", sa.Text),
    sa.Column("document", sa.Text),
    sa.Column("digest", sa.Text),
    sa.Column("created", moment),
)
