package io.kiroku.collector.stamp;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.Octets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StampScheduleTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Octets FIRST = Octets.of((byte) 1);
    private static final Octets SECOND = Octets.of((byte) 2);

    private long now = Long.MAX_VALUE - HOUR.toNanos();
    private final StampSchedule schedule = new StampSchedule(2, HOUR, now);

    private List<StampSchedule.Stamp> step(Octets latest) {
        return schedule.step(now, Optional.of(latest));
    }

    private static StampSchedule.Stamp stamp(int authority, Octets note) {
        return new StampSchedule.Stamp(authority, note);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void thereIsNothingToStampBeforeTheFirstCheckpoint() {
        assertThat(schedule.step(now, Optional.empty())).isEmpty();
        assertThat(schedule.pause(now)).isEqualTo(StampSchedule.LOOK.toNanos());
        assertThat(step(FIRST)).containsExactly(stamp(0, FIRST), stamp(1, FIRST));
    }

    @Test
    void anIntervalLiesBetweenTwoStamps() {
        assertThat(schedule.stamped(stamp(0, FIRST), now)).isFalse();
        pass(Duration.ofMinutes(1));
        assertThat(schedule.stamped(stamp(1, FIRST), now)).isFalse();
        assertThat(schedule.pause(now)).isEqualTo(Duration.ofMinutes(59).toNanos());
        assertThat(step(SECOND)).isEmpty();
        pass(Duration.ofMinutes(59));
        assertThat(step(SECOND)).containsExactly(stamp(0, SECOND));
        pass(Duration.ofMinutes(1));
        assertThat(step(SECOND)).containsExactly(stamp(0, SECOND), stamp(1, SECOND));
    }

    @Test
    void aCheckpointIsStampedOnce() {
        schedule.stamped(stamp(0, FIRST), now);
        schedule.known(stamp(1, FIRST));
        assertThat(step(SECOND)).containsExactly(stamp(1, SECOND));
        pass(HOUR.multipliedBy(5));
        assertThat(step(FIRST)).isEmpty();
        assertThat(schedule.pause(now)).isEqualTo(StampSchedule.LOOK.toNanos());
        assertThat(step(SECOND)).hasSize(2);
    }

    @Test
    void whoFailsIsAskedEverLessOftenAndHoldsUpNobody() {
        schedule.stamped(stamp(1, FIRST), now);
        Duration wait = StampSchedule.FIRST_RETRY;
        for (int failures = 1; failures <= 100; failures++) {
            assertThat(step(SECOND)).contains(stamp(0, SECOND));
            assertThat(schedule.failed(stamp(0, SECOND), now)).isEqualTo(failures == 1);
            pass(wait.minusNanos(1));
            assertThat(step(SECOND)).doesNotContain(stamp(0, SECOND));
            pass(Duration.ofNanos(1));
            wait = wait.multipliedBy(2).compareTo(HOUR) < 0 ? wait.multipliedBy(2) : HOUR;
        }
        assertThat(step(SECOND)).contains(stamp(1, SECOND));
        assertThat(schedule.stamped(stamp(0, SECOND), now)).isTrue();
        pass(HOUR);
        assertThat(schedule.failed(stamp(0, FIRST), now)).isTrue();
    }
}
