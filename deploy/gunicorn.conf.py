"""Gunicorn's settings of a production web: `gunicorn -c deploy/gunicorn.conf.py 'app:create_app()'`.

Everything here may also be given on the command line, which wins: `--workers 8 --bind unix:/run/lec/web.sock`.
SIGUSR2 loads the code anew without a refused request, SIGTERM ends the web after the requests that are being answered.
"""

import sys
from pathlib import Path

# The command `gunicorn` does not look into the folder it is started in before it has read this file.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.gunicorn_settings import *  # noqa: F403
from config import ConfigError, require_writable
from config import load as load_settings

try:
    require_writable(load_settings().data_dir)
except ConfigError as refusal:  # a setting that cannot be used: a sentence, no traceback
    raise SystemExit(refusal.message) from None

bind = "127.0.0.1:8080"
workers = 4  # about twice the processor cores of the machine; each takes 100-150 MB
threads = 8
backlog = 2048  # what waits while a deadline's crowd arrives; nginx answers 502 to what does not fit
timeout = 60  # seconds without a sign of life after which a process is replaced; not the length of a request
graceful_timeout = 35  # seconds that requests get to end; longer than a request waits for MongoDB to elect
keepalive = 75  # longer than the proxy keeps a connection, so that it is never this side that closes one in use
forwarded_allow_ips = "127.0.0.1,::1"  # whose X-Forwarded-Proto Gunicorn believes; LEC's own is TRUSTED_PROXIES
accesslog = None  # LEC writes one line a request itself
