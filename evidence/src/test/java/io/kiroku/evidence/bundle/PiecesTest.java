package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Verifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing of a node's stream can be left out by listing what is left of it as pieces. */
class PiecesTest {
    private final Scribe scribe = new Scribe("pieces");
    private final List<byte[]> segments = new ArrayList<>();

    private List<byte[]> fourSegments() throws Exception {
        segments.add(scribe.vouch(Entry.EpochReason.FIRST)
                .state(Scribe.file(1, 0))
                .chunk(1, 0, "a\n")
                .seal(true));
        for (int i = 1; i < 4; i++) {
            segments.add(scribe.vouch(Entry.EpochReason.CONTINUES)
                    .state(Scribe.file(1, 2L * i))
                    .chunk(1, 2L * i, "b\n")
                    .seal(true));
        }
        return segments;
    }

    @Test
    void aNodesStreamIsInOnePiece() throws Exception {
        Segment third = Scribe.segment(fourSegments().get(2));
        Pieces pieces = new Pieces(List.of(
                new BundleManifest.Stretch(scribe.stream(), Pieces.NODE, 1, 1),
                new BundleManifest.Stretch(scribe.stream(), Pieces.NODE, 3, 4)));
        assertThat(pieces.begins(third, third.entries())).isFalse();
    }

    @Test
    void aPieceVerifiesByItselfAndOnlyWhereItIsToldToBegin() throws Exception {
        fourSegments();
        assertThat(without(1, true, false).report().holds()).isTrue();
        assertThat(without(1, false, false).report().completeness().holds()).isFalse();
        assertThat(without(1, true, true).report().integrity().holds()).isFalse();
    }

    /** Verifies all but one, with a leap or none where it is left out, and in that order or with the last two swapped. */
    private Verifier without(int left, boolean leap, boolean swapped) {
        Verifier verifier = new Verifier(Verifier.Scope.STRETCH);
        List<byte[]> others = new ArrayList<>(segments);
        others.remove(left);
        if (swapped) {
            others.add(others.remove(1));
        }
        for (int i = 0; i < others.size(); i++) {
            if (leap && i == left) {
                verifier.leap(scribe.stream());
            }
            byte[] segment = others.get(i);
            verifier.segment(new Location("segment " + i, 0, segment.length), ByteBuffer.wrap(segment));
        }
        return verifier;
    }
}
