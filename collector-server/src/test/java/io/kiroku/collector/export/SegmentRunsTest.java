package io.kiroku.collector.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.Place;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.segment.Segment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A run goes up to the last segment that says something of the selected sources, losses included. */
class SegmentRunsTest {
    private static final Entry.File SELECTED = Scribe.file(1, 0);
    private static final BundleSelection ALL_TIME = new BundleSelection(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private final Scribe scribe = new Scribe("runs");
    private final SegmentRuns runs =
            new SegmentRuns((_, path) -> path.equals(SELECTED.source()), ALL_TIME, Long.MAX_VALUE);
    private long number;

    private void add(byte... segment) throws Exception {
        Segment parts = Scribe.segment(segment);
        number++;
        runs.add(new CatalogueEntry(number, new Place(0, 0, segment.length), parts.header(), parts.entries()));
    }

    private static Entry.SegmentGap lost(int file, @Nullable FilePath source) {
        return new Entry.SegmentGap(1, 1, Entry.GapCause.RING_OVERRUN, 7, file, source, 0, 40, file > 0);
    }

    @Test
    void whatIsLostOfUnknownFilesCountsOnceSomethingIsSelected() throws Exception {
        add(scribe.vouch(Entry.EpochReason.FIRST)
                .state(lost(Entry.NO_FILE, null))
                .seal(true));
        assertThat(runs.runs()).isEmpty();
        add(scribe.restate(SELECTED));
        add(scribe.state(Scribe.event(Entry.EventKind.CLOCK_STEPPED, 0)).seal());
        add(scribe.state(lost(Entry.NO_FILE, null)).seal());
        add(scribe.seal());
        assertThat(runs.runs())
                .singleElement()
                .satisfies(run ->
                        assertThat(run).extracting(SegmentRuns.Kept::sequence).containsExactly(2L, 3L, 4L));
    }

    @Test
    void aSourceThatIsKnownByItsLossAloneIsSelected() throws Exception {
        add(scribe.vouch(Entry.EpochReason.FIRST).seal(true));
        add(scribe.state(lost(1, SELECTED.source())).seal());
        add(scribe.state(lost(Entry.NO_FILE, null)).seal());
        assertThat(runs.runs()).singleElement().satisfies(run -> assertThat(run).hasSize(3));
    }
}
