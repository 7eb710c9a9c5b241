package io.kiroku.evidence.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.MemoryLog;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.log.TileSource;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A log keeps what a receipt promised, or one sentence says what is wrong. */
class ReceiptCheckTest {
    private static final SigningKey COLLECTOR = SigningKey.generate(new CountedRandom("collector"));
    private static final Octets STREAM = Octets.zero(16);

    private static Octets entry(int index) {
        return Octets.of(("entry " + index).getBytes(StandardCharsets.UTF_8));
    }

    private static MemoryLog log(int size, int other) {
        MemoryLog log = new MemoryLog();
        for (int i = 0; i < size; i++) {
            log.append(i == other ? entry(1000 + i) : entry(i));
        }
        return log.publish();
    }

    private static Frame.Receipt receipt(int index, int size) throws Exception {
        Octets hash = Sha256.of(ByteBuffer.wrap(entry(index).toArray()));
        TreeHead tree = new TreeHead(size, log(size, -1).edge().root());
        return Receipts.sign(COLLECTOR, new ChainHead(STREAM, 1, 3, hash, Octets.zero(32)), index, tree, 5);
    }

    private static Optional<String> against(Frame.Receipt receipt, MemoryLog log) throws IOException {
        return ReceiptCheck.against(receipt, List.of(COLLECTOR.publicKey()), checkpoint(log), log);
    }

    private static Checkpoint checkpoint(MemoryLog log) {
        return new Checkpoint("example.com/log", log.edge().size(), log.edge().root());
    }

    @Test
    void aLogThatKeptItHolds() throws Exception {
        for (int size : new int[] {1, 7, 300, 600}) {
            assertThat(against(receipt(0, size), log(600, -1))).isEmpty();
            assertThat(against(receipt(size - 1, size), log(600, -1))).isEmpty();
        }
    }

    @Test
    void eachWayToFailIsOneSentence() throws Exception {
        Frame.Receipt receipt = receipt(299, 300);
        assertThat(ReceiptCheck.against(
                        receipt,
                        List.of(SigningKey.generate(new CountedRandom("other")).publicKey()),
                        checkpoint(log(600, -1)),
                        log(600, -1)))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains("not signed by the collector's key"));
        assertThat(against(receipt, log(299, -1)))
                .hasValue("the log has 299 entries, and had 300 when the receipt was given: entries were taken away");
        assertThat(against(receipt, log(600, 12)))
                .hasValue("the log was rewritten: its tree of 600 entries does not continue the one of 300 that the"
                        + " receipt names");
        assertThat(against(receipt, log(600, 299)))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains("rewritten"));
        assertThat(against(receipt, log(600, 400))).isEmpty();

        Octets hash = Sha256.of(ByteBuffer.wrap(entry(5).toArray()));
        Frame.Receipt lying = Receipts.sign(
                COLLECTOR,
                new ChainHead(STREAM, 1, 3, hash, Octets.zero(32)),
                6,
                new TreeHead(300, log(300, -1).edge().root()),
                5);
        assertThat(against(lying, log(600, -1)))
                .hasValue("the log lacks segment 3 of stream " + STREAM
                        + ": entry 6, which the receipt names, is another");
        Frame.Receipt nonsense = Receipts.sign(
                COLLECTOR,
                new ChainHead(STREAM, 1, 3, hash, Octets.zero(32)),
                300,
                new TreeHead(300, log(300, -1).edge().root()),
                5);
        assertThat(against(nonsense, log(600, -1)))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains("contradicts itself"));
    }

    @Test
    void filesThatAreNotTheLogsAreNotBelieved() throws Exception {
        MemoryLog real = log(600, -1);
        MemoryLog other = log(600, 299);
        TileSource swapped = path -> path.level() == TilePath.ENTRIES ? other.read(path) : real.read(path);
        assertThat(ReceiptCheck.against(receipt(299, 300), List.of(COLLECTOR.publicKey()), checkpoint(real), swapped))
                .hasValue("entry 299 of the log's files is not the one in its tree");
        assertThat(ReceiptCheck.against(receipt(299, 300), List.of(COLLECTOR.publicKey()), checkpoint(real), other))
                .hasValue("the log's files do not make the root that its checkpoint states");
        TileSource torn = path -> Octets.of((byte) 1);
        assertThat(ReceiptCheck.against(receipt(299, 300), List.of(COLLECTOR.publicKey()), checkpoint(real), torn))
                .hasValueSatisfying(sentence -> assertThat(sentence).startsWith("the log is damaged: "));
    }
}
