package io.kiroku.agent.seal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CollectorClockTest {
    private static final Octets COLLECTOR = Octets.parse("07".repeat(32));
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long HOUR = 3600 * SECOND;

    /** The node's clock, when it booted, in this test. */
    private static final long BOOTED = 1_800_000_000L * SECOND;

    private final CollectorClock clock = new CollectorClock();
    private final ClockStatements statements = new ClockStatements(clock);

    /** How far the node's clock is behind the collector's. */
    private long behind = 90 * SECOND;

    private long collectorAt(long bootNanos) {
        return BOOTED + bootNanos + behind;
    }

    private static Timestamp node(long bootNanos) {
        return new Timestamp(BOOTED + bootNanos, bootNanos);
    }

    private void greeted(long sent, long arrived) {
        clock.greeted(COLLECTOR, collectorAt(sent + (arrived - sent) / 3), sent, arrived);
    }

    private void acknowledged(long sent, long arrived) {
        clock.acknowledged(collectorAt(arrived - (arrived - sent) / 10), sent, arrived);
    }

    private Optional<Entry.Clock> seal(Timestamp now) {
        Optional<ClockStatements.Statement> due = statements.due(now, false);
        due.ifPresent(statements::stated);
        return due.map(ClockStatements.Statement::entry);
    }

    private static void assertIsTrue(Entry.Clock stated, long offset) {
        assertThat(Math.abs(stated.offsetNanos() - offset)).isLessThanOrEqualTo(stated.uncertaintyNanos());
    }

    @Test
    void nothingIsKnownBeforeTheFirstConnection() {
        acknowledged(SECOND, 2 * SECOND);
        assertThat(clock.at(node(3 * SECOND))).isEmpty();
        assertThat(statements.due(node(3 * SECOND), true)).isEmpty();
    }

    @Test
    void aGreetingBoundsTheOffsetByItsTime() {
        greeted(10 * SECOND, 10 * SECOND + 30 * MILLI);
        Entry.Clock stated = seal(node(10 * SECOND + 30 * MILLI)).orElseThrow();
        assertIsTrue(stated, behind);
        assertThat(stated.uncertaintyNanos()).isEqualTo(15 * MILLI);
        assertThat(stated.wallNanos()).isEqualTo(BOOTED + 10 * SECOND + 30 * MILLI);
        assertThat(stated.collector()).isEqualTo(COLLECTOR);
        assertThat(stated.isOffBy(89 * SECOND)).isTrue();
        assertThat(stated.isOffBy(90 * SECOND)).isFalse();
    }

    @Test
    void aNodeThatIsAheadHasANegativeOffset() {
        behind = -3 * SECOND;
        greeted(SECOND, SECOND + 2 * MILLI);
        assertIsTrue(seal(node(2 * SECOND)).orElseThrow(), -3 * SECOND);
    }

    @Test
    void aReceiptCountsOnlyIfItSaysItMoreExactly() {
        greeted(10 * SECOND, 10 * SECOND + 200 * MILLI);
        acknowledged(11 * SECOND, 11 * SECOND + 4 * MILLI);
        Entry.Clock exact = clock.at(node(11 * SECOND + 4 * MILLI)).orElseThrow();
        assertThat(exact.uncertaintyNanos()).isEqualTo(2 * MILLI);
        acknowledged(12 * SECOND, 13 * SECOND);
        Entry.Clock later = clock.at(node(13 * SECOND)).orElseThrow();
        assertThat(later.uncertaintyNanos()).isLessThan(4 * MILLI);
        assertIsTrue(exact, behind);
        assertIsTrue(later, behind);
    }

    @Test
    void whatIsOldIsLessExact() {
        greeted(10 * SECOND, 10 * SECOND + 2 * MILLI);
        long hourLater = 10 * SECOND + HOUR;
        assertThat(clock.at(node(hourLater)).orElseThrow().uncertaintyNanos()).isBetween(1800 * MILLI, 1802 * MILLI);
        acknowledged(hourLater, hourLater + SECOND);
        assertThat(clock.at(node(hourLater + SECOND)).orElseThrow().uncertaintyNanos())
                .isEqualTo(SECOND / 2);
    }

    @Test
    void aStepOfTheNodesClockShowsAtOnceAndMakesNoMeasurementWrong() {
        greeted(10 * SECOND, 10 * SECOND + 2 * MILLI);
        assertThat(seal(node(11 * SECOND))).isPresent();
        assertThat(seal(node(12 * SECOND))).isEmpty();
        Timestamp stepped = new Timestamp(BOOTED + 12 * SECOND + 90 * SECOND, 12 * SECOND);
        assertIsTrue(seal(stepped).orElseThrow(), 0);
        assertThat(seal(stepped)).isEmpty();
    }

    @Test
    void aStepOfTheCollectorsClockShowsAtTheNextReceiptHoweverWide() {
        greeted(10 * SECOND, 10 * SECOND + 2 * MILLI);
        assertThat(seal(node(11 * SECOND))).isPresent();
        behind = -5 * SECOND;
        acknowledged(20 * SECOND, 21 * SECOND);
        assertIsTrue(seal(node(21 * SECOND)).orElseThrow(), -5 * SECOND);
    }

    @Test
    void itIsStatedAtEachConnectionWhenItIsMuchNarrowerAndOnceAnHour() {
        greeted(10 * SECOND, 14 * SECOND);
        assertThat(seal(node(14 * SECOND))).isPresent();
        acknowledged(15 * SECOND, 15 * SECOND + 10 * MILLI);
        assertThat(seal(node(16 * SECOND))).isPresent();
        assertThat(seal(node(17 * SECOND))).isEmpty();
        greeted(20 * SECOND, 20 * SECOND + 10 * MILLI);
        assertThat(seal(node(21 * SECOND))).isPresent();
        assertThat(seal(node(22 * SECOND + HOUR)))
                .as("nothing was measured since")
                .isEmpty();
        acknowledged(22 * SECOND + HOUR, 22 * SECOND + HOUR + MILLI);
        assertThat(seal(node(23 * SECOND + HOUR))).isPresent();
        assertThat(seal(node(24 * SECOND + HOUR))).isEmpty();
        assertThat(statements.due(node(25 * SECOND + HOUR), true))
                .as("a segment that restates says it again")
                .isPresent();
    }

    @Test
    void whatWasNotKeptIsStatedLater() {
        greeted(10 * SECOND, 10 * SECOND + 2 * MILLI);
        assertThat(statements.due(node(11 * SECOND), false)).isPresent();
        assertThat(statements.due(node(12 * SECOND), false)).isPresent();
    }

    @Test
    void aCollectorThatSaysNonsenseIsNotHeard() {
        for (long nonsense : new long[] {Long.MIN_VALUE, -1, Long.MAX_VALUE}) {
            clock.greeted(COLLECTOR, nonsense, SECOND, 2 * SECOND);
            assertThat(clock.at(node(3 * SECOND))).isEmpty();
        }
        greeted(3 * SECOND, 3 * SECOND + MILLI);
        clock.acknowledged(Long.MIN_VALUE, 4 * SECOND, 5 * SECOND);
        clock.acknowledged(Long.MAX_VALUE, 4 * SECOND, 5 * SECOND);
        assertIsTrue(clock.at(node(5 * SECOND)).orElseThrow(), behind);
    }
}
