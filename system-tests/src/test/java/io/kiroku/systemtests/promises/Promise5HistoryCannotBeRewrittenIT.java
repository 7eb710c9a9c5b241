package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.EntryBundle;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.ProofCheck;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.TilePath;
import io.kiroku.evidence.log.TreeReader;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Sha256;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The collector's own operator cannot take back what others have seen: agents by their receipts, witnesses by the log. */
final class Promise5HistoryCannotBeRewrittenIT {
    private static final long MEBI = 1 << 20;
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();

    private static void write(Site site, PretendContainer container, long bytes) throws Exception {
        try (PacedWriter writer = PacedWriter.start(container, site.seed(), 80 * MEBI, bytes)) {
            writer.await(60);
        }
    }

    private Octets get(Site site, String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/%s".formatted(site.http(), path)))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        return Octets.of(answer.body());
    }

    private Octets tile(Site site, TilePath path) throws IOException {
        try {
            return get(site, path.toString());
        } catch (InterruptedException end) {
            throw new IOException(end);
        }
    }

    private static Frame.Receipt receipt(Site site) throws Exception {
        ByteBuffer frame = ByteBuffer.wrap(Files.readAllBytes(site.state().resolve("receipt")));
        return (Frame.Receipt) FrameCodec.decode(frame.position(Integer.BYTES));
    }

    @Test
    void whatWasWitnessedAndAcknowledgedIsInEveryLaterLogAndAnotherLogIsRefused() throws Exception {
        List<Running> witnesses = new ArrayList<>();
        try (Site site = new Site(Files.createDirectory(directory.resolve("site")))) {
            site.startCollector();
            Path policyFile = Witnesses.start(site, directory, witnesses);
            assertThat(site.collector().terminate(BOUND)).isZero();
            site.collectorOptions("--witnesses", policyFile.toString());
            site.startCollector();
            site.startAgent();
            site.awaitFirstSegment();
            PretendContainer container = site.node(new Rotation(10 * MEBI, 5, Duration.ofSeconds(1), Duration.ZERO))
                    .startPod("shop", "web")
                    .start("app");
            write(site, container, 8 * MEBI);
            site.awaitCaptured(BOUND);

            Policy policy = Policy.parse(Files.readAllBytes(policyFile));
            Path witnessedFile = site.data().resolve("log/witnessed");
            Await.until(BOUND, "a witnessed checkpoint", site::tails, () -> Files.exists(witnessedFile));
            SignedNote witnessed = SignedNote.parse(Files.readAllBytes(witnessedFile));
            assertThat(policy.check(witnessed).holds()).isTrue();
            write(site, container, 4 * MEBI);
            site.awaitCaptured(BOUND);
            assertThat(site.agent().terminate(BOUND)).isZero();
            assertIsContinued(site, Checkpoint.parse(witnessed.text()), receipt(site));

            // The operator writes history anew, with all of his keys and another node's segments. Those of the same
            // node would
            // come in the same order, and make the same log.
            assertThat(site.collector().terminate(BOUND)).isZero();
            for (String derived : List.of("volumes", "catalogue", "log", "aside")) {
                Shell.bash("rm -rf -- \"$1\"", site.data().resolve(derived));
            }
            Shell.bash("rm -rf -- \"$1\"", site.state());
            site.startCollector();
            site.startAgent();
            Await.until(
                    BOUND,
                    "the collector to be told of the contradiction",
                    site::tails,
                    () -> site.tails().contains("contradicts what witness"));
            assertThat(witnessedFile).doesNotExist();
            site.shutDown();
        } finally {
            witnesses.forEach(Running::close);
        }
    }

    /** As anybody sees it over HTTP. */
    private void assertIsContinued(Site site, Checkpoint witnessed, Frame.Receipt receipt) throws Exception {
        SignedNote note = SignedNote.parse(get(site, "checkpoint").toArray());
        Checkpoint now = Checkpoint.parse(note.text());
        String keys = new String(get(site, "log.vkey").toArray(), StandardCharsets.UTF_8);
        assertThat(keys).isEqualTo(Files.readString(site.data().resolve("log.vkey")));
        TreeReader tree = new TreeReader(now.size(), path -> tile(site, path));
        assertThat(tree.root(now.size())).isEqualTo(now.root());
        assertThat(ProofCheck.consistency(
                        witnessed.size(),
                        now.size(),
                        witnessed.root(),
                        now.root(),
                        tree.consistency(witnessed.size(), now.size())))
                .isTrue();
        assertThat(ProofCheck.consistency(
                        receipt.tree().size(),
                        now.size(),
                        receipt.tree().root(),
                        now.root(),
                        tree.consistency(receipt.tree().size(), now.size())))
                .isTrue();
        Octets entry = EntryBundle.entry(receipt.index(), now.size(), path -> tile(site, path));
        assertThat(Sha256.of(ByteBuffer.wrap(entry.toArray()))).isEqualTo(receipt.hash());
    }
}
