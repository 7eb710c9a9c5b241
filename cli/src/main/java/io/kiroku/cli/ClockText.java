package io.kiroku.cli;

import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Timestamp;
import java.util.ArrayList;
import java.util.List;

/** What is worth saying of a node's clock, for people. */
final class ClockText {
    /** A clock that is off by less than this and its uncertainty, in nanoseconds, is as good as right. */
    static final long WORTH_SAYING = 100_000_000L;

    private ClockText() {}

    /** Sentences without a full stop: by how much the clock is or was off, and when it stepped. None if it was right. */
    static List<String> remarks(NodeClock.Standing standing) {
        List<String> remarks = new ArrayList<>();
        NodeClock.Stated last = standing.last();
        NodeClock.Stated farthest = standing.farthest();
        if (farthest != null && farthest.clock().isOffBy(WORTH_SAYING)) {
            remarks.add(stated("its clock was ", farthest));
            if (last != null && !last.equals(farthest)) {
                remarks.add(stated("by the last measurement its clock is ", last));
            }
        }
        for (NodeClock.Step step : standing.firstSteps()) {
            remarks.add("its clock stepped %s, noticed %s in segment %d"
                    .formatted(step.detail(), Timestamp.instant(step.wallNanos()), step.sequence()));
        }
        return remarks;
    }

    private static String stated(String how, NodeClock.Stated stated) {
        return "%s%s, measured %s, stated in segment %d"
                .formatted(
                        how,
                        stated.clock().inWords(),
                        Timestamp.instant(stated.clock().wallNanos()),
                        stated.sequence());
    }
}
