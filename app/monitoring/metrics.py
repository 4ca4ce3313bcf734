"""The metrics that processes count themselves. Imported at the first count: `begin_program` comes before.

Labels are taken from closed lists: routes of the application, names of tasks, ends of jobs. Nothing that somebody
typed, no account and no key is ever one.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

OWN = CollectorRegistry()
"""What this process alone has counted; the answer to a scrape adds up those of all."""

FAST = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SLOW = (0.1, 0.5, 1, 5, 15, 60, 300, 1800)
QUERY = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 10)

PROCESS_STARTS = Counter("lec_process_starts", "Processes that a program has begun to work with.", registry=OWN)
REQUESTS = Counter("lec_requests", "Requests answered.", ["route", "method", "status"], registry=OWN)
REQUEST_SECONDS = Histogram(
    "lec_request_seconds", "Seconds from a request to the end of its answer.", ["route"], registry=OWN, buckets=FAST
)
UPLOADS = Gauge("lec_uploads_in_hand", "Requests with files being received.", registry=OWN, multiprocess_mode="livesum")
COMMANDS = Counter("lec_database_commands", "Commands to MongoDB.", ["command", "end"], registry=OWN)
COMMAND_SECONDS = Histogram(
    "lec_database_command_seconds", "Seconds of a command to MongoDB.", ["command"], registry=OWN, buckets=QUERY
)
TASKS = Counter("lec_tasks", "Tasks that a worker has ended.", ["task", "end"], registry=OWN)
TASK_SECONDS = Histogram("lec_task_seconds", "Seconds of a task.", ["task"], registry=OWN, buckets=SLOW)
JOBS = Counter("lec_jobs", "Jobs that came to an end.", ["kind", "end"], registry=OWN)
MAILS = Counter("lec_mails", "Attempts to send a mail.", ["end"], registry=OWN)
IMPORT_ROWS = Counter("lec_import_rows", "Rows that imports have dealt with.", ["end"], registry=OWN)
SIGN_INS = Counter("lec_sign_ins", "Attempts to sign in.", ["result"], registry=OWN)
FAULTS = Counter("lec_faults", "Unexpected errors, which are mistakes in the program.", ["where"], registry=OWN)
