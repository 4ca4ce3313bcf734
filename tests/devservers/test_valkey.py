"""The embedded Valkey, and that every library that LEC hands its address to understands it."""

import dataclasses
from pathlib import Path

import redis
from celery import Celery
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

import config
from app.devservers.valkey import EmbeddedValkey


def test_data_outlives_a_stop_and_a_kill(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as valkey, redis.Redis.from_url(valkey.url) as client:
        assert client.incr("starts") == 1
    with EmbeddedValkey(tmp_path) as valkey, redis.Redis.from_url(valkey.url) as client:
        assert client.incr("starts") == 2
        valkey.child.kill()
    with EmbeddedValkey(tmp_path) as valkey, redis.Redis.from_url(valkey.url) as client:
        assert client.incr("starts") == 3


def test_celery_and_the_rate_limiter_understand_its_address(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as valkey:
        base = config.load({"LEC_ENV": "testing"})
        settings = dataclasses.replace(base, redis_url=valkey.url.replace("db=0", "db=3"))
        celery = Celery(broker=settings.celery_url, backend=settings.celery_url)
        task_id = celery.send_task("any.task").id
        celery.backend.store_result(task_id, 7, "SUCCESS")
        assert celery.AsyncResult(task_id).get(timeout=5) == 7
        limiter = FixedWindowRateLimiter(storage_from_string(settings.rate_limit_url))
        assert [limiter.hit(RateLimitItemPerMinute(1), "somebody") for _ in range(2)] == [True, False]
        with redis.Redis.from_url(settings.redis_url) as client:
            assert client.llen("celery") == 1
            assert client.keys("LIMITS*")


def test_a_path_too_long_for_a_socket_is_no_hindrance(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / ("x" * 100)) as valkey, redis.Redis.from_url(valkey.url) as client:
        assert client.ping()
        socket = Path(valkey.url.removeprefix("unix://").removesuffix("?db=0"))
        assert socket.exists()
    assert not socket.parent.exists()
