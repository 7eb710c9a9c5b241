package io.kiroku.collector.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.trust.LogTimes;
import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.bundle.BundleNames;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.MemoryLog;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.time.DigestAlgorithm;
import io.kiroku.evidence.time.OpensslTsa;
import io.kiroku.evidence.time.TimestampToken;
import io.kiroku.evidence.time.TsaServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a bundle takes along of a log's time stamps and of checkpoints that were seen before. */
class BundleAttachmentsTest {
    private static final String ORIGIN = "example.com/log";
    private static final int SIZE = 9;
    private static final NoteSigner LOG = NoteSigner.ed25519(ORIGIN, SigningKey.generate(new CountedRandom("log")));
    private static final NoteSigner ONE = witness("one");
    private static final NoteSigner TWO = witness("two");

    @TempDir
    private Path data;

    private final MemoryLog log = new MemoryLog();

    private static NoteSigner witness(String name) {
        return NoteSigner.ed25519Cosigner("witness.example/" + name, SigningKey.generate(new CountedRandom(name)));
    }

    private SignedNote note(long size, NoteSigner... signers) throws Exception {
        return SignedNote.sign(new Checkpoint(ORIGIN, size, log.reader().root(size)).text(), 1_767_400_000L, signers);
    }

    private BundleAttachments attachments() throws Exception {
        for (int i = 0; i < SIZE; i++) {
            log.append(Octets.of(("entry " + i).getBytes(StandardCharsets.UTF_8)));
        }
        log.publish();
        SignedNote last = note(SIZE, LOG);
        return new BundleAttachments(data, last, Checkpoint.parse(last.text()), log.reader(), LogTimes.read(data));
    }

    private void stamped(long size, int... authorities) throws Exception {
        Path directory = Files.createDirectories(data.resolve("log/timestamps"));
        Files.write(directory.resolve(size + ".checkpoint"), note(size, LOG).bytes());
        for (int authority : authorities) {
            Files.write(directory.resolve("%d-%d.tsr".formatted(size, authority)), new byte[] {1});
        }
    }

    @Test
    void ofEachAuthorityTheFirstStampThatHasTheSelectionAndTheLastAreTaken() throws Exception {
        BundleAttachments attachments = attachments();
        for (long size = 2; size < SIZE; size++) {
            stamped(size, 1);
        }
        stamped(3, 2);
        attachments.timestamps(2, 4);
        assertThat(attachments.files().keySet().stream().filter(name -> name.endsWith(".tsr")))
                .containsExactly("timestamps/3-2.tsr", "timestamps/5-1.tsr", "timestamps/8-1.tsr");
        assertThat(attachments.files())
                .containsKeys("timestamps/5.checkpoint", BundleNames.consistency(3), BundleNames.consistency(8));
    }

    @Test
    void checkpointsThatDifferInSignaturesOnlyBecomeOne() throws Exception {
        BundleAttachments attachments = attachments();
        attachments.earlier(Files.write(data.resolve("one"), note(4, LOG, ONE).bytes()));
        attachments.earlier(Files.write(data.resolve("two"), note(4, LOG, TWO).bytes()));
        SignedNote merged =
                SignedNote.parse(Objects.requireNonNull(attachments.files().get(BundleNames.earlier(4))));
        assertThat(merged).isEqualTo(note(4, LOG, ONE, TWO));
    }

    @Test
    void checkpointsOfOneSizeAndAnotherTreeAreRefused() throws Exception {
        BundleAttachments attachments = attachments();
        SignedNote forged = SignedNote.sign(new Checkpoint(ORIGIN, 4, Octets.zero(32)).text(), 1_767_400_000L, LOG);
        Path file = Files.write(data.resolve("forged"), forged.bytes());
        assertThatThrownBy(() -> attachments.earlier(file))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("does not continue the tree of 4 entries");
    }

    /** The log's checkpoint was stamped before, in a form with other signatures: the new stamp is over that form too. */
    @Test
    void aStampOnACheckpointThatWasStampedBeforeIsOverTheSameBytes() throws Exception {
        BundleAttachments attachments = attachments();
        Path directory = Files.createDirectories(data.resolve("log/timestamps"));
        byte[] before = note(SIZE, LOG, ONE).bytes();
        Files.write(directory.resolve(SIZE + ".checkpoint"), before);
        Files.write(directory.resolve(SIZE + "-1.tsr"), new byte[] {1});
        attachments.timestamps(0, SIZE - 1);
        OpensslTsa tsa = OpensslTsa.in(data.resolve("tsa"), "again");
        try (TsaServer server = TsaServer.start(tsa::reply)) {
            attachments.stamp(List.of(server.url()));
        }
        String name = "timestamps/%d-2.tsr".formatted(SIZE);
        assertThat(attachments.files()).containsKeys("timestamps/%d-1.tsr".formatted(SIZE), name);
        assertThat(attachments.files().get("timestamps/%d.checkpoint".formatted(SIZE)))
                .isEqualTo(before);
        TimestampToken token = TimestampToken.parseEither(
                Objects.requireNonNull(attachments.files().get(name)));
        assertThat(token.imprint()).isEqualTo(DigestAlgorithm.SHA_256.of(before));
    }
}
