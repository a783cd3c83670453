"""Comments that were exported, until they are deleted."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class ExportPart(Table):
    """Some rows of an export, as compressed CSV; the parts in order are the file."""

    __tablename__ = "export_parts"

    job_id: Mapped[int] = mapped_column(sa.ForeignKey("jobs.id"), primary_key=True)
    #: from 0 up; the first one begins with the names of the columns
    number: Mapped[int] = mapped_column(primary_key=True)
    #: zlib, of UTF-8
    content: Mapped[bytes] = mapped_column(sa.LargeBinary())
    expires_at: Mapped[datetime] = mapped_column(index=True)
