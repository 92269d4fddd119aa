"""Jobs: work that staff start and a worker does in small steps, and that can be watched, paused, cancelled and undone.

To start one, in the request's own transaction (`start.start_job`)::

    job = start_job(kind="hold", petition=petition, params={"selection": selection.frozen().params()},
                    reason="a wave from one network", actor=request.user, total=selection.count())

and send the browser to `reverse("admin:signatures_job_change", args=[job.pk])`, where it is watched.

To add a kind of work, write a class (see `kinds.Stepwise` and `kinds.InOneGo`), decorate it with `@register`, and name
its module in `kinds.MODULES`. A kind in steps does its work and says how far it got in one transaction, so that a
killed worker loses nothing and repeats nothing; a kind in one go (a file is written) says now and then how far it is.

- `kinds`: what a kind of work is, and which there are      - `claim`: who works on what (leases)
- `start`, `orders`: what staff say                         - `run`: the worker's side
- `selection`: which signatures                             - `moving`: hold, release, invalidate, erase
"""
