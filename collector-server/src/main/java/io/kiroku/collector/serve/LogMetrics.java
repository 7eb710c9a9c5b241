package io.kiroku.collector.serve;

import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.log.Witnessing;
import io.kiroku.collector.stamp.Stamping;
import java.util.Optional;

/**
 * What is told of the transparency log.
 *
 * @param witnesses who are asked, if any are
 * @param stamps who dates, if anybody does
 */
public record LogMetrics(TransparencyLog log, Optional<Witnessing> witnesses, Optional<Stamping> stamps) {
    long entries() {
        return log.published().tree().size();
    }

    long witnessed() {
        return witnesses.map(Witnessing::witnessed).orElse(0L);
    }

    long contradictions() {
        return witnesses.map(Witnessing::contradictions).orElse(0L);
    }

    long stamped() {
        return stamps.map(stamping -> stamping.counts().stamps()).orElse(0L);
    }
}
