package io.kiroku.collector.stamp;

import io.kiroku.evidence.record.Octets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When which authority is asked: at once for the first checkpoint, then once in an interval if there is a new one. One that
 * fails is asked again soon, and ever less often, up to the interval. Each goes its own way. Pure: the time is passed in.
 */
final class StampSchedule {
    /** After the first failure; doubled with each further one. */
    static final Duration FIRST_RETRY = Duration.ofSeconds(10);

    /** How often a new checkpoint is looked for when an authority could be asked. */
    static final Duration LOOK = Duration.ofSeconds(1);

    /** To be done: this authority, counted from 0, is asked to stamp these bytes. */
    record Stamp(int authority, Octets note) {}

    private static final class Authority {
        private Optional<Octets> stamped = Optional.empty();
        private long due;
        private int failures;

        Authority(long due) {
            this.due = due;
        }
    }

    private final List<Authority> authorities = new ArrayList<>();
    private final long every;

    /**
     * A schedule in which all authorities are due.
     *
     * @param now nanoseconds, as of {@link System#nanoTime}
     */
    StampSchedule(int authorities, Duration every, long now) {
        this.every = every.toNanos();
        for (int i = 0; i < authorities; i++) {
            this.authorities.add(new Authority(now));
        }
    }

    /**
     * What is to be done now.
     *
     * @param latest the newest checkpoint's note, if there is one
     */
    List<Stamp> step(long now, Optional<Octets> latest) {
        List<Stamp> stamps = new ArrayList<>();
        for (int i = 0; i < authorities.size(); i++) {
            Authority authority = authorities.get(i);
            if (latest.isPresent() && authority.due - now <= 0 && !latest.equals(authority.stamped)) {
                stamps.add(new Stamp(i, latest.get()));
            }
        }
        return stamps;
    }

    /** This had been stamped before. */
    void known(Stamp stamp) {
        authorities.get(stamp.authority()).stamped = Optional.of(stamp.note());
    }

    /** It is stamped, and kept. Returns whether the authority had failed before. */
    boolean stamped(Stamp stamp, long now) {
        Authority authority = authorities.get(stamp.authority());
        boolean recovered = authority.failures > 0;
        authority.stamped = Optional.of(stamp.note());
        authority.due = now + every;
        authority.failures = 0;
        return recovered;
    }

    /** It could not be stamped or kept. Returns whether this is news: the authority had not failed the time before. */
    boolean failed(Stamp stamp, long now) {
        Authority authority = authorities.get(stamp.authority());
        long wait = FIRST_RETRY.toNanos() << Math.min(authority.failures, 20);
        authority.due = now + Math.min(wait, every);
        authority.failures++;
        return authority.failures == 1;
    }

    /** Nanoseconds until {@link #step} may have something to do. */
    long pause(long now) {
        long pause = every;
        for (Authority authority : authorities) {
            pause = Math.min(pause, authority.due - now);
        }
        return Math.max(pause, LOOK.toNanos());
    }
}
