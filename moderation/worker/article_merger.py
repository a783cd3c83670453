"""Carries a merge of articles out, group by group, each part in its own transaction."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from moderation.comments import article_merging
from moderation.comments.article_merging import MergeCounts
from moderation.database import Sessions, start_writing
from moderation.errors import NotFound
from moderation.jobs import JobProgress, Task
from moderation.sites import sites
from moderation.worker.job_attempts import Store


def carry_out(sessions: Sessions, task: Task, progress: JobProgress) -> Store:
    """Merge a site's articles, or with `dry_run` only count what would be merged.

    Returns
    -------
    Stores the counts as the job's result, and records the merge.

    Raises
    ------
    NotFound
        If the site is gone.
    """
    counts = MergeCounts()
    with sessions() as session:
        site = sites.find_by_id(session, task.site_id)
        if site is None:
            raise NotFound("The site is gone.")
        groups = article_merging.list_groups(session, site)
        for group in groups:
            article_merging.count_group(session, group, counts)
    result = {**asdict(counts), "dry_run": bool(task.arguments.get("dry_run"))}
    if result["dry_run"] or not groups:
        return lambda session: result
    for done, group in enumerate(groups, 1):
        with sessions() as session:
            start_writing(session)
            while article_merging.move_comments(session, group):
                start_writing(session)  # commits
            article_merging.close_group(session, group)
            session.commit()
        progress(done / len(groups))

    def store(session: Session) -> dict[str, object]:
        article_merging.record_merge(session, site, counts)
        return result

    return store
