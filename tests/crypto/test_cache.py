from crypto import cache


def test_a_value_is_forgotten_when_it_is_old():
    now = 0.0
    held: cache.Lru[str, int] = cache.Lru(size=2, ttl=10, clock=lambda: now)
    assert held.put("a", 1) == 1
    now = 9.9
    assert held.get("a") == 1
    now = 10.0
    assert held.get("a") is None
    assert held.get("a") is None


def test_the_longest_unused_value_makes_room():
    held: cache.Lru[str, int] = cache.Lru(size=2, ttl=10, clock=lambda: 0.0)
    held.put("a", 1)
    held.put("b", 2)
    held.get("a")
    held.put("c", 3)
    assert [held.get(key) for key in "abc"] == [1, None, 3]
    held.clear()
    assert held.get("a") is None


def test_a_cache_prints_its_size_only():
    held: cache.Lru[str, bytes] = cache.Lru(size=2, ttl=10)
    held.put("key", b"secret")
    assert repr(held) == "<cache of 1>"
