"""The closed list of queues by purpose, and which task waits in which: work of one kind never holds up another kind."""

from __future__ import annotations

from typing import Final

INTERACTIVE: Final = "interactive"  # somebody looks at its progress: reports, openings of rounds
IMPORTS: Final = "imports"
MAIL: Final = "mail"
CHECKS: Final = "checks"
SWEEPING: Final = "sweeping"  # short and periodic: picks up what was left and puts it into the other queues
QUEUES: Final = (INTERACTIVE, IMPORTS, MAIL, CHECKS, SWEEPING)

FORMER: Final = "celery"
"""The one queue of versions before the five; who serves `sweeping` serves it too, so that what waits there is done."""

ROUTES: Final[dict[str, str]] = {
    "evidence.read_list": INTERACTIVE,
    "reports.build": INTERACTIVE,
    "rounds.open": INTERACTIVE,
    "imports.work": IMPORTS,
    "notices.deliver": MAIL,
    "findings.check": CHECKS,
    "findings.run": CHECKS,
    "findings.sweep": CHECKS,  # it checks what was cut off itself
    "evidence.sweep": SWEEPING,
    "files.sweep": SWEEPING,
    "imports.sweep": SWEEPING,
    "jobs.queue_due": SWEEPING,
    "notices.sweep": SWEEPING,
    "proclamations.apply": SWEEPING,
    "reminders.remind": SWEEPING,
    "reports.sweep": SWEEPING,
    "retention.remove": SWEEPING,
    "rounds.sweep": SWEEPING,
}
"""Task name → queue. A test holds that every task of tasks/ stands here."""

WORKERS: Final[dict[str, tuple[str, ...]]] = {
    "worker-interactive": (INTERACTIVE,),
    "worker-imports": (IMPORTS,),
    "worker-background": (MAIL, CHECKS, SWEEPING, FORMER),
}
"""Name → queues of the three workers of a small machine; together they serve every queue. A large installation may
give each queue workers of its own: `celery -A tasks.worker worker -Q mail -n worker-mail@%h`."""

