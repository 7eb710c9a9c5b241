package io.kiroku.collector.access;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps answers for a while, and the most recently stored ones when there are too many. For use by many threads.
 *
 * @param <K> what was asked
 * @param <V> what was answered
 */
public final class ExpiringCache<K, V> {
    private record Kept<V>(V value, long until) {}

    private final Map<K, Kept<V>> kept;

    /** @param most how many answers are kept */
    public ExpiringCache(int most) {
        kept = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Kept<V>> eldest) {
                return size() > most;
            }
        };
    }

    /** The answer, if it is kept and not too old. */
    public synchronized Optional<V> get(K key, long nanoTime) {
        Kept<V> found = kept.get(key);
        if (found == null || nanoTime - found.until() >= 0) {
            return Optional.empty();
        }
        return Optional.of(found.value());
    }

    /** Keeps an answer until then. */
    public synchronized void put(K key, V value, long untilNanoTime) {
        kept.remove(key);
        kept.put(key, new Kept<>(value, untilNanoTime));
    }
}
