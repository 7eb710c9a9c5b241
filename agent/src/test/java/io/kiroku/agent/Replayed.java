package io.kiroku.agent;

import io.kiroku.agent.ring.Ring;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.record.FileTable;
import io.kiroku.evidence.record.LostSegments;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an agent learns of its past from its ring, for tests outside this package. */
public record Replayed(@Nullable ChainHead head, FileTable files, int nextFile, List<LostSegments.Declared> declared) {
    public static Replayed from(Ring ring) throws IOException {
        Recovery recovery = Recovery.from(ring);
        return new Replayed(recovery.head(), recovery.files(), recovery.nextFile(), recovery.declared());
    }
}
