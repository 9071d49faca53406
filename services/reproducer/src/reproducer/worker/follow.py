"""queued and running: asking how the job is, and stopping it when nobody wants it."""

from reproducer.clients import processes
from reproducer.domain import following
from reproducer.domain.answers import Job
from reproducer.worker.applying import apply
from reproducer.worker.work import Taken, Work


async def follow(work: Work, taken: Taken) -> None:
    server = work.server(taken.platform)
    job = Job(taken.row.job_id, taken.row.job_url)
    now = taken.situation
    if why := following.wants_dismissal(now):
        gone = await processes.dismiss(server, job)
        return await apply(work, taken, following.after_dismiss(now, gone, why))
    status = await processes.status(server, job)
    return await apply(work, taken, following.after_status(now, status))
