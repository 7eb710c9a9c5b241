package io.kiroku.collector.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.LogSigners;
import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.log.Witnessing;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.Checkpoint;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.log.WitnessRequest;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log and its witnesses, over HTTP on loopback. */
class WitnessesTest {
    private static final String LOG = "logs.example.com/kiroku";
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000L));

    @TempDir
    private Path directory;

    private final LogSigners signers =
            new LogSigners(LOG, List.of(NoteSigner.ed25519(LOG, SigningKey.generate(new SecureRandom()))));

    private TransparencyLog log(Path at) throws IOException {
        return TransparencyLog.open(new LogFiles(new DiskDirectory(at)), signers, (_, _) -> {}, 0, CLOCK);
    }

    private static void grow(TransparencyLog log, int from, int to, String what) throws IOException {
        for (int number = from; number <= to; number++) {
            log.add(number, Octets.of((what + number).getBytes(StandardCharsets.US_ASCII)));
        }
        log.publish();
    }

    private final List<Witness> opened = new ArrayList<>();

    @AfterEach
    void closeWitnesses() throws IOException {
        for (Witness witness : opened) {
            witness.close();
        }
    }

    private WitnessServer witness(String name) throws IOException {
        Path state = Files.createDirectories(directory.resolve(name));
        Witness witness = Witness.open(
                state.resolve("logs"),
                WitnessKeys.in(state, name, new SecureRandom()),
                signers.verifierKeys(),
                InstantSource.system());
        opened.add(witness);
        keys = witness.verifierKeys();
        return WitnessServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), witness);
    }

    /** Of the witness that was started last, a line each: Ed25519, then ML-DSA-44. */
    private String keys = "";

    private Policy policy(String... witnesses) throws Exception {
        StringBuilder text = new StringBuilder("log " + signers.verifierKeys().getFirst() + "\n");
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < witnesses.length; i++) {
            text.append("witness w%d %s\n".formatted(i, witnesses[i]));
            names.append(" w").append(i);
        }
        text.append("group g all%s\nquorum g\n".formatted(names));
        return Policy.parse(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private String line(int key, WitnessServer server) {
        return keys.lines().toList().get(key) + " http://127.0.0.1:" + server.port();
    }

    private static void await(Witnessing witnessing, long size) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (witnessing.witnessed() < size && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(witnessing.witnessed()).isEqualTo(size);
    }

    @Test
    void twoWitnessesCosignWhatGrowsAndWhoeverHasThePolicyCanTell() throws Exception {
        Path at = directory.resolve("log");
        TransparencyLog log = log(at);
        grow(log, 1, 300, "a");
        try (WitnessServer one = witness("one.example.org/w");
                WitnessServer two = witness("two.example.org/w")) {
            String second = line(1, two);
            keys = keysOf("one.example.org/w");
            Policy policy = policy(line(0, one), second);
            try (Witnessing witnessing = Witnessing.start(
                    log,
                    new LogFiles(new DiskDirectory(at)),
                    policy,
                    at,
                    Duration.ofMillis(20),
                    InstantSource.system())) {
                await(witnessing, 300);
                grow(log, 301, 1000, "a");
                await(witnessing, 1000);
            }
            SignedNote witnessed = SignedNote.parse(Files.readAllBytes(at.resolve("witnessed")));
            assertThat(Checkpoint.parse(witnessed.text()).size()).isEqualTo(1000);
            assertThat(policy.check(witnessed).holds()).isTrue();
            assertThat(witnessed.signatures()).hasSize(3);
        }
    }

    private String keysOf(String name) throws IOException {
        Path state = directory.resolve(name);
        StringBuilder lines = new StringBuilder();
        WitnessKeys.in(state, name, new SecureRandom())
                .forEach(signer -> lines.append(signer.verifierKey()).append('\n'));
        return lines.toString();
    }

    /** The operator puts back an older state and goes on from there, with his own key: another tree under the same name. */
    @Test
    void aLogThatWasRewrittenIsRefusedAndTheProofIsKept() throws Exception {
        Path at = directory.resolve("log");
        TransparencyLog log = log(at);
        grow(log, 1, 10, "a");
        Path forged = directory.resolve("forged");
        TransparencyLog other = log(forged);
        grow(other, 1, 12, "b");
        try (WitnessServer witness = witness("one.example.org/w")) {
            Policy policy = policy(line(0, witness));
            LogFiles files = new LogFiles(new DiskDirectory(at));
            try (Witnessing witnessing =
                    Witnessing.start(log, files, policy, at, Duration.ofMillis(20), InstantSource.system())) {
                await(witnessing, 10);
            }
            LogFiles forgedFiles = new LogFiles(new DiskDirectory(forged));
            try (Witnessing witnessing = Witnessing.start(
                    other, forgedFiles, policy, forged, Duration.ofMillis(20), InstantSource.system())) {
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                while (refused() == 0 && System.nanoTime() < end) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
                assertThat(witnessing.witnessed()).isZero();
            }
            assertThat(refused()).isPositive();
            assertThat(forged.resolve("witnessed")).doesNotExist();
        }
    }

    private long refused() throws IOException {
        try (var files = Files.list(directory.resolve("one.example.org/w").resolve("logs"))) {
            return files.filter(file -> file.toString().endsWith(".refused")).count();
        }
    }

    private void witnessTen(TransparencyLog log, Path at) throws Exception {
        grow(log, 1, 10, "a");
        LogFiles files = new LogFiles(new DiskDirectory(at));
        try (WitnessServer witness = witness("one.example.org/w");
                Witnessing witnessing = Witnessing.start(
                        log, files, policy(line(0, witness)), at, Duration.ofMillis(20), InstantSource.system())) {
            await(witnessing, 10);
        }
    }

    @Test
    void aWitnessRemembersAcrossARestart() throws Exception {
        Path at = directory.resolve("log");
        TransparencyLog log = log(at);
        witnessTen(log, at);
        Path state = directory.resolve("one.example.org/w");
        List<NoteSigner> cosigners = WitnessKeys.in(state, "one.example.org/w", new SecureRandom());
        assertThatThrownBy(() ->
                        Witness.open(state.resolve("logs"), cosigners, signers.verifierKeys(), InstantSource.system()))
                .as("two that cosign by one memory")
                .isInstanceOf(IOException.class)
                .hasMessageContaining("for this process alone");
        closeWitnesses();
        Witness again = Witness.open(
                state.resolve("logs"),
                WitnessKeys.in(state, "one.example.org/w", new SecureRandom()),
                signers.verifierKeys(),
                InstantSource.system());
        opened.add(again);
        byte[] fromTheStart = new WitnessRequest(
                        0, List.of(), SignedNote.parse(log.published().note().toArray()))
                .bytes();
        assertThat(again.addCheckpoint(fromTheStart)).isEqualTo(new Witness.Reply(409, "text/x.tlog.size", "10\n"));
        assertThat(again.addCheckpoint(new byte[] {1}).status()).isEqualTo(400);
    }

    /** What only the sender can be blamed for must not crowd out what the log has signed against itself. */
    @Test
    void aForkIsKeptHoweverManyBadProofsAreSent() throws Exception {
        Path at = directory.resolve("log");
        TransparencyLog log = log(at);
        witnessTen(log, at);
        Path forged = directory.resolve("forged");
        TransparencyLog other = log(forged);
        grow(other, 1, 10, "b");
        SignedNote last = SignedNote.parse(log.published().note().toArray());
        Witness witness = opened.getLast();
        for (int i = 0; i < 150; i++) {
            byte[] nonsense = new WitnessRequest(10, List.of(Octets.zero(32)), last).bytes();
            assertThat(witness.addCheckpoint(nonsense).status()).isEqualTo(422);
        }
        byte[] fork = new WitnessRequest(
                        10, List.of(), SignedNote.parse(other.published().note().toArray()))
                .bytes();
        assertThat(witness.addCheckpoint(fork).status()).isEqualTo(422);
        assertThat(witness.addCheckpoint(fork).status()).isEqualTo(422);
        try (var files = Files.list(directory.resolve("one.example.org/w/logs"))) {
            List<Path> kept = files.toList();
            assertThat(kept.stream().filter(file -> file.toString().endsWith(".fork")))
                    .singleElement()
                    .satisfies(file -> assertThat(Files.readAllBytes(file)).isEqualTo(fork));
            assertThat(refused()).isEqualTo(100);
        }
    }

    @Test
    void aWitnessWhoseMemoryIsDamagedDoesNotStart() throws Exception {
        Path at = directory.resolve("log");
        witnessTen(log(at), at);
        closeWitnesses();
        Path state = directory.resolve("one.example.org/w");
        try (var files = Files.list(state.resolve("logs"))) {
            Files.write(
                    files.filter(file -> file.toString().endsWith(".checkpoint"))
                            .findFirst()
                            .orElseThrow(),
                    new byte[] {'x'});
        }
        List<VerifierKey> known = signers.verifierKeys();
        List<NoteSigner> cosigners = WitnessKeys.in(state, "one.example.org/w", new SecureRandom());
        assertThatThrownBy(() -> Witness.open(state.resolve("logs"), cosigners, known, InstantSource.system()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the checkpoint of " + LOG + " that was cosigned last");
    }
}
