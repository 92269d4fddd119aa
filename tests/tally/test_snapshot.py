import itertools
import time

import pytest
from cachetools import TTLCache

from petition import redis as our_redis
from petition.local.valkey import EmbeddedValkey
from signatures.letters.read import forget, published
from signatures.models import Petition
from signatures.signing.confirm import confirm
from signatures.tally import snapshot
from signatures.tally.fold import fold
from signatures.tally.tasks import fold as fold_task
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def count_one(petition):
    confirm(signature_id=make_signature(petition).pk, revision=0)
    fold()
    snapshot.forget()


def read():
    return snapshot.read(published("water"))


@pytest.fixture
def water():
    return make_petition(slug="water", goal=50)


@pytest.fixture
def own_redis(tmp_path, settings):
    """A Valkey of this test's own, to stop and freeze."""
    server = EmbeddedValkey(tmp_path)
    settings.REDIS_URL = server.start()
    settings.REDIS_TIMEOUT, settings.REDIS_PAUSE = 0.2, 0.3
    yield server
    server.stop()
    our_redis.wake()


def test_before_the_first_signature_it_is_nought(water):
    assert (read().total, read().countries, read().goal) == (0, 0, 50)


def test_it_follows_the_fold_and_comes_from_redis(water, django_assert_num_queries):
    count_one(water)
    published("water")
    with django_assert_num_queries(0):
        assert read().total == 1


def test_a_closing_shows_at_once(water):
    count_one(water)
    Petition.objects.update(state="closed", goal=70)
    forget("water")
    assert (read().state, read().goal, read().total) == ("closed", 70, 1)


def test_after_a_flush_postgresql_answers_and_the_next_fold_publishes_again(water, own_redis):
    count_one(water)
    our_redis.ask(lambda client: client.flushall())
    snapshot.forget()
    assert read().total == 1
    assert our_redis.ask(lambda client: client.get(f"tally:{water.pk}")) is None
    fold_task()
    assert our_redis.ask(lambda client: client.get(f"tally:{water.pk}"))


@pytest.mark.parametrize("fault", ["stop", "freeze"])
def test_without_redis_the_count_goes_on_and_costs_one_short_wait(water, own_redis, fault):
    count_one(water)
    getattr(own_redis, fault)()
    started = time.monotonic()
    count_one(water)
    assert read().total == 2
    snapshot.forget()
    assert read().total == 2
    assert time.monotonic() - started < 1.5


def test_what_redis_kept_from_before_a_restore_is_put_right(water):
    count_one(water)
    count_one(water)
    from signatures.models import Tally

    Tally.objects.update(total=1, version=1)
    fold_task()
    snapshot.forget()
    assert read().total == 1


def test_a_redis_that_comes_back_with_an_older_count_is_not_believed(water):
    count_one(water)
    old = our_redis.ask(lambda client: client.get(f"tally:{water.pk}"))
    count_one(water)
    assert read().total == 2
    our_redis.ask(lambda client: client.set(f"tally:{water.pk}", old))
    assert snapshot.read(published("water"), fresh=True).total == 2


def test_what_a_dead_fold_did_not_publish_is_published_however_busy_another_petition_is(water):
    count_one(water)
    our_redis.ask(lambda client: client.delete(f"tally:{water.pk}"))
    confirm(signature_id=make_signature(make_petition()).pk, revision=0)
    fold_task()
    assert our_redis.ask(lambda client: client.get(f"tally:{water.pk}"))


def test_what_expires_while_it_is_looked_up_is_no_error(water, monkeypatch):
    """A clock that runs on with every look at it: an entry is there, and a moment later it is not."""
    clock = itertools.count()
    monkeypatch.setattr(snapshot, "_memory", TTLCache(maxsize=4, ttl=2, timer=lambda: next(clock)))
    count_one(water)
    assert [read().total for _ in range(12)] == [1] * 12


def test_a_strangers_value_in_redis_is_not_believed_blindly(water):
    count_one(water)
    our_redis.ask(lambda client: client.set(f"tally:{water.pk}", "not json"))
    snapshot.forget()
    assert read().total == 1
