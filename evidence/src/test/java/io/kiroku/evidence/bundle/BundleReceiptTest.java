package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Receipts;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log that a bundle is proven by keeps what a receipt promised, or one sentence says what is wrong. */
class BundleReceiptTest {
    private static final SigningKey COLLECTOR = SigningKey.generate(new CountedRandom("collector"));

    @TempDir
    private Path directory;

    private static Frame.Receipt receipt(Handover handover, int segment, long index, long size) throws Exception {
        TreeHead tree = new TreeHead(size, handover.log.reader().root(size));
        return Receipts.sign(COLLECTOR, handover.heads.get(segment), index, tree, 5);
    }

    private Optional<String> against(Frame.Receipt receipt, Handover handover) throws Exception {
        Path bundle = handover.write(directory.resolve("bundle"));
        try (FileChannel channel = FileChannel.open(bundle)) {
            return BundleReceipt.against(receipt, Optional.of(COLLECTOR.publicKey()), List.of(), channel);
        }
    }

    @Test
    void aBundleThatProvesItHolds() throws Exception {
        Handover handover = Handover.small();
        assertThat(against(receipt(handover, 1, 7, 13), handover)).isEmpty();
        handover.seenBefore(handover.checkpoint(9, Handover.LOG), 9);
        assertThat(against(receipt(handover, 1, 7, 9), handover)).isEmpty();
    }

    @Test
    void eachWayToFailIsOneSentence() throws Exception {
        Handover handover = Handover.small();
        assertSays(handover, receipt(handover, 1, 7, 8), "no proof that it continues the tree of 8 entries");
        assertSays(handover, receipt(handover, 1, 8, 13), "does not prove that the log has segment 2");
        ChainHead other = new ChainHead(handover.scribe.stream(), 1, 2, Octets.zero(32), Octets.zero(32));
        TreeHead tree = new TreeHead(13, handover.log.edge().root());
        assertSays(handover, Receipts.sign(COLLECTOR, other, 7, tree, 5), "the log lacks segment 2");
        ChainHead absent = new ChainHead(handover.scribe.stream(), 1, 9, Octets.zero(32), Octets.zero(32));
        assertSays(handover, Receipts.sign(COLLECTOR, absent, 7, tree, 5), "does not hold segment 9");
        Frame.Receipt elsewhere =
                Receipts.sign(COLLECTOR, handover.heads.get(1), 7, new TreeHead(13, Octets.zero(32)), 5);
        assertSays(handover, elsewhere, "the log was rewritten");
        Frame.Receipt later = Receipts.sign(COLLECTOR, handover.heads.get(1), 7, new TreeHead(14, Octets.zero(32)), 5);
        assertSays(handover, later, "entries were taken away");
        Handover rewritten = Handover.rewritten();
        rewritten.seenBefore(handover.checkpoint(9, Handover.LOG), 9);
        assertSays(rewritten, receipt(handover, 1, 7, 9), "does not prove that the log has segment 2");
        Frame.Receipt forged =
                Receipts.sign(Scribe.begun("another").identity().key(), handover.heads.get(1), 7, tree, 5);
        assertSays(handover, forged, "not signed by the collector's key");
    }

    private void assertSays(Handover handover, Frame.Receipt receipt, String words) throws Exception {
        assertThat(against(receipt, handover))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains(words));
    }
}
