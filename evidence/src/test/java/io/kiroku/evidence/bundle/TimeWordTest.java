package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.time.StampedCheckpoint;
import io.kiroku.evidence.verify.Verifier;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A time stamp dates the tree that its checkpoint states, whatever the files are called. */
class TimeWordTest {
    @TempDir
    private Path directory;

    private final Verifier verifier = new Verifier(Verifier.Scope.STRETCH);

    private List<String> said(String size, long lowest, long highest) throws Exception {
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(BundleNames.timestamp(size + ".checkpoint"), StampedCheckpoint.note());
        files.put(BundleNames.timestamp(size + "-1.tsr"), StampedCheckpoint.response());
        Path file = directory.resolve("bundle");
        Repacking.zip(file, files);
        try (FileChannel channel = FileChannel.open(file)) {
            ZipReader zip = ZipReader.open(channel);
            TimeWord word =
                    new TimeWord(zip, Optional.of(StampedCheckpoint.anchors()), new BundleFindings(zip, verifier));
            word.check();
            return word.statements(lowest, highest);
        }
    }

    @Test
    void itSaysWhichEntriesItDates() throws Exception {
        assertThat(said("3", 0, 2))
                .singleElement()
                .satisfies(one -> assertThat(one)
                        .contains(
                                "The tree of 3 entries was there at 2026-11-27T21:20:54.432Z",
                                "with all of the bundle's"));
        assertThat(said("3", 2, 3))
                .singleElement()
                .satisfies(one -> assertThat(one).contains("entries below 3; it does not date the others"));
        assertThat(said("3", 3, 9))
                .singleElement()
                .satisfies(one -> assertThat(one).contains("has none of the bundle's entries"));
        assertThat(verifier.report().integrity().holds()).isTrue();
    }

    @Test
    void aNameWithAnotherSizeIsRefused() throws Exception {
        assertThat(said("300", 0, 2)).isEmpty();
        assertThat(verifier.report().integrity().holds()).isFalse();
    }
}
