package io.kiroku.collector.cluster.watch;

import java.time.Duration;

/**
 * How long a {@link ListWatch} takes for what.
 *
 * @param firstPause after an API server that was not reached
 * @param mostPause the same, if it was not reached often
 * @param watch how long one watch lasts before it is taken up anew; half of it may be added. A connection that died without
 *     a word is noticed after that and the grace, so it is short
 * @param grace how much longer a watch is waited for that does not end
 * @param resync after how long all are listed again
 */
record WatchTimes(Duration firstPause, Duration mostPause, Duration watch, Duration grace, Duration resync) {
    static final WatchTimes USUAL = new WatchTimes(
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofSeconds(15),
            Duration.ofMinutes(30));
}
