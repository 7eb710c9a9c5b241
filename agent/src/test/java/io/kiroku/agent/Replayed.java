package io.kiroku.agent;

import io.kiroku.agent.ring.Ring;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.LostSegments;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an agent learns of its past from its ring, for tests outside this package. */
public record Replayed(
        @Nullable ChainHead head,
        FileTable files,
        int nextFile,
        int wholeFrom,
        long end,
        List<LostSegments.Declared> declared) {
    public static Replayed from(Ring ring) throws IOException {
        return of(Recovery.from(ring));
    }

    /** What it learns from the collector alone. */
    public static Replayed behind(Octets stream, Optional<Frame.Head> collectorsEnd) {
        return of(Recovery.behind(stream, collectorsEnd));
    }

    private static Replayed of(Recovery recovery) {
        return new Replayed(
                recovery.head(),
                recovery.files(),
                recovery.nextFile(),
                recovery.wholeFrom(),
                recovery.end(),
                recovery.declared());
    }
}
