package io.kiroku.collector.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.ingest.Intake;
import io.kiroku.collector.log.TestLog;
import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.store.ForgetfulDirectory;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StorageDirectory;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.store.StoreUnavailableException;
import io.kiroku.collector.store.StoreVerification;
import io.kiroku.evidence.durable.StorageFile;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.trust.Revocation;
import io.kiroku.evidence.trust.Revocations;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.SegmentCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnStreamTest {
    private static final FilePath PATH = FilePath.of("/kiroku/notes");

    @TempDir
    private Path data;

    private ForgetfulDirectory volumes = new ForgetfulDirectory();
    private ForgetfulDirectory log = new ForgetfulDirectory();
    private final ForgetfulDirectory catalogue = new ForgetfulDirectory();
    private volatile CountDownLatch syncMayEnd = new CountDownLatch(0);
    private Revocations revoked = Revocations.NONE;

    /** A collector as far as its own streams need one. */
    private final class Running implements AutoCloseable {
        private final Store store = Store.open(files(), InstantSource.system(), System::nanoTime);
        private final TransparencyLog transparency = TestLog.of(log, store, StoreReader.open(files(), () -> false));
        private final Intake intake = Intake.open(store, transparency, () -> revoked);
        private final OwnStream stream;

        private Running(Duration patience) throws IOException {
            stream = OwnStream.open(data, "notes", PATH, intake, InstantSource.system(), System::nanoTime, patience);
        }

        private void add(String... lines) throws IOException {
            stream.add(Arrays.stream(lines)
                    .map(line -> line.getBytes(StandardCharsets.UTF_8))
                    .toList());
        }

        @Override
        public void close() throws IOException {
            stream.close();
            intake.close();
            store.close();
        }
    }

    private Running start() throws IOException {
        return new Running(Duration.ofSeconds(30));
    }

    private StoreFiles files() {
        return new StoreFiles(hanging(volumes), catalogue, new ForgetfulDirectory());
    }

    /** The same, but syncs of files that are written wait until they may end. */
    private StorageDirectory hanging(ForgetfulDirectory directory) {
        return proxy(StorageDirectory.class, (method, arguments) -> {
            Object result = method.invoke(directory, arguments);
            return method.getName().equals("open") ? hanging((StorageFile) result) : result;
        });
    }

    private StorageFile hanging(StorageFile file) {
        return proxy(StorageFile.class, (method, arguments) -> {
            if (method.getName().equals("sync")) {
                syncMayEnd.await();
            }
            return method.invoke(file, arguments);
        });
    }

    private interface Handler {
        Object invoke(Method method, Object[] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return handler.invoke(method, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getTargetException();
                    }
                }));
    }

    /** What the store holds of each stream, in the order of the streams' beginnings. */
    private List<List<String>> stored() throws IOException {
        Map<Octets, StringBuilder> streams = new LinkedHashMap<>();
        StoreReader reader = StoreReader.open(files(), () -> false);
        SegmentCheck check = new SegmentCheck();
        reader.scan(Position.START, entry -> {
            try {
                Segment segment = reader.read(entry.place());
                assertThat(check.check(segment)).isInstanceOfSatisfying(SegmentCheck.Outcome.Sound.class, sound -> {
                    ByteBuffer bytes = sound.log();
                    byte[] text = new byte[bytes.remaining()];
                    bytes.get(text);
                    streams.computeIfAbsent(entry.header().stream(), _ -> new StringBuilder())
                            .append(new String(text, StandardCharsets.UTF_8));
                });
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (MalformedException damaged) {
                throw new AssertionError(damaged);
            }
        });
        return streams.values().stream()
                .map(text -> text.toString().lines().toList())
                .toList();
    }

    private Report verified() throws IOException {
        Report report = StoreVerification.verify(files(), false, (_, _) -> {});
        assertThat(report.integrity().holds()).as("%s", report.integrity()).isTrue();
        assertThat(report.completeness().holds())
                .as("%s", report.completeness())
                .isTrue();
        return report;
    }

    private static List<String> numbered(String word, int count) {
        return Stream.iterate(1, i -> i + 1)
                .limit(count)
                .map(i -> word + " " + i)
                .toList();
    }

    @Test
    void whatManyAddAtOnceIsOnRecordOnceAndSharesCommits() throws Exception {
        int callers = 24;
        int each = 20;
        try (Running running = start();
                ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            List<Future<?>> futures = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                String word = "caller " + caller + " line";
                futures.add(threads.submit(() -> {
                    for (String line : numbered(word, each)) {
                        long before = running.store.lastRecord();
                        running.add(line);
                        assertThat(running.transparency.published().tree().size())
                                .as("the log has what add has returned for")
                                .isGreaterThan(before);
                    }
                    return null;
                }));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        }
        List<String> lines = stored().getFirst();
        assertThat(lines).hasSize(callers * each).doesNotHaveDuplicates();
        for (int caller = 0; caller < callers; caller++) {
            String word = "caller " + caller + " line ";
            assertThat(lines).filteredOn(line -> line.startsWith(word)).isEqualTo(numbered(word.strip(), each));
        }
        Report report = verified();
        assertThat(report.counts().segments()).isLessThan(callers * each / 2);
        assertThat(report.counts().epochs()).isEqualTo(1);
    }

    @Test
    void aRestartGoesOnInTheSameEpochAndWithoutTheKeyInTheNext() throws Exception {
        try (Running running = start()) {
            running.add("one", "two");
        }
        try (Running running = start()) {
            running.add("three");
        }
        assertThat(verified().counts().epochs()).isEqualTo(1);
        for (Path file : keys()) {
            if (file.toString().endsWith(".ratchet")) {
                Files.delete(file);
            }
        }
        try (Running running = start()) {
            running.add("four");
        }
        Report report = verified();
        assertThat(report.counts().epochs()).isEqualTo(2);
        assertThat(report.counts().streams()).isEqualTo(1);
        assertThat(stored()).containsExactly(List.of("one", "two", "three", "four"));
    }

    private List<Path> keys() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("own/notes"))) {
            return files.toList();
        }
    }

    @Test
    void keysAreForTheirOwnerAlone() throws Exception {
        try (Running running = start()) {
            running.add("one");
        }
        assertThat(keys())
                .hasSize(2)
                .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------"));
        for (String directory : List.of("own", "own/notes")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(directory))))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void withoutItsIdentityAndAfterARevocationAnotherStreamBegins() throws Exception {
        try (Running running = start()) {
            running.add("one");
        }
        Files.delete(data.resolve("own/notes/identity.key"));
        Octets second;
        try (Running running = start()) {
            running.add("two");
            second = running.store.ends().stream()
                    .filter(end -> end.number() == 2)
                    .findFirst()
                    .orElseThrow()
                    .lineage()
                    .current();
            revoked = Revocations.of(List.of(new Revocation(second, Instant.EPOCH, "stolen")));
            assertThatThrownBy(() -> running.add("lost"))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("revoked");
        }
        try (Running running = start()) {
            running.add("three");
        }
        assertThat(stored()).containsExactly(List.of("one"), List.of("two"), List.of("three"));
        verified();
    }

    @Test
    void aFullDiskIsToldAndTheStreamGoesOnByItself() throws Exception {
        try (Running running = start()) {
            running.add("one");
            volumes.fill(100);
            assertThatThrownBy(() -> running.add("two"))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("No space left on device");
            volumes.fill(Long.MAX_VALUE);
            volumes.failSyncs("Input/output error");
            assertThatThrownBy(() -> running.add("three")).hasMessageContaining("Input/output error");
            volumes.failSyncs(null);
            running.add("four");
        }
        assertThat(stored()).containsExactly(List.of("one", "four"));
        assertThat(verified().counts().epochs()).isEqualTo(1);
    }

    @Test
    void whatIsStoredAndCouldNotBePublishedIsNotSaidTwice() throws Exception {
        try (Running running = start()) {
            running.add("one");
            log.failSyncs("Input/output error");
            assertThatThrownBy(() -> running.add("two")).isInstanceOf(StoreUnavailableException.class);
            log.failSyncs(null);
            running.add("three");
            assertThat(running.transparency.published().tree().size()).isEqualTo(3);
        }
        try (Running running = start()) {
            running.add("four");
        }
        assertThat(stored()).containsExactly(List.of("one", "two", "three", "four"));
        verified();
    }

    @Test
    void aStoreThatHangsIsWaitedForABoundedTimeAndNothingIsLostOrRepeated() throws Exception {
        try (Running running = new Running(Duration.ofMillis(300))) {
            running.add("one");
            CountDownLatch hang = new CountDownLatch(1);
            syncMayEnd = hang;
            assertThatThrownBy(() -> running.add("two"))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("has not answered");
            assertThatThrownBy(() -> running.add("never")).isInstanceOf(StoreUnavailableException.class);
            hang.countDown();
            running.add("three");
        }
        assertThat(stored()).containsExactly(List.of("one", "two", "three"));
        verified();
    }

    /** Whatever of the last commit the power failure takes, the keys are those of some moment around it. */
    @Test
    void aPowerFailureBetweenStoreAndAnswerLosesNothingThatWasAnswered() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> answered = new ArrayList<>();
        for (int round = 1; round <= 40; round++) {
            try (Running running = start()) {
                Map<Path, byte[]> before = keyFiles();
                running.add("answered " + round);
                answered.add("answered " + round);
                if (random.nextBoolean()) {
                    volumes.failSyncs("power fails");
                    assertThatThrownBy(() -> running.add("unanswered")).isInstanceOf(IOException.class);
                }
                volumes = volumes.afterCrash(random);
                log = log.afterCrash(random);
                if (random.nextInt(4) == 0) {
                    for (Map.Entry<Path, byte[]> file : before.entrySet()) {
                        Files.write(file.getKey(), file.getValue());
                    }
                }
            }
            assertThat(stored().getFirst().stream()
                            .filter(line -> !line.equals("unanswered"))
                            .toList())
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(answered);
        }
        assertThat(verified().counts().streams()).isEqualTo(1);
    }

    private Map<Path, byte[]> keyFiles() throws IOException {
        Map<Path, byte[]> contents = new TreeMap<>();
        for (Path file : keys()) {
            contents.put(file, Files.readAllBytes(file));
        }
        return contents;
    }

    @Test
    void whatIsTooMuchOrNoLineIsRefused() throws Exception {
        try (Running running = start()) {
            byte[] longest = new byte[OwnLines.MOST_LINE];
            Arrays.fill(longest, (byte) 'x');
            running.stream.add(List.of(longest));
            assertThatThrownBy(() -> running.stream.add(List.of(new byte[OwnLines.MOST_LINE + 1])))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> running.stream.add(Collections.nCopies(4, longest)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> running.add("two\nlines")).isInstanceOf(IllegalArgumentException.class);
            running.stream.add(List.of());
            running.add("last");
        }
        assertThat(stored().getFirst()).hasSize(2).last().isEqualTo("last");
        verified();
    }

    @Test
    void whoComesWhileTooManyWaitIsToldSo() throws Exception {
        try (Running running = start();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch hang = new CountDownLatch(1);
            syncMayEnd = hang;
            List<Future<Boolean>> kept = new ArrayList<>();
            int callers = OwnStream.MOST_WAITING + 600;
            CountDownLatch refused = new CountDownLatch(1);
            for (int i = 0; i < callers; i++) {
                String line = "line " + i;
                kept.add(threads.submit(() -> {
                    try {
                        running.add(line);
                        return true;
                    } catch (StoreUnavailableException full) {
                        assertThat(full).hasMessageContaining("others wait");
                        refused.countDown();
                        return false;
                    }
                }));
            }
            refused.await();
            hang.countDown();
            int count = 0;
            for (Future<Boolean> one : kept) {
                count += one.get() ? 1 : 0;
            }
            assertThat(count).isGreaterThanOrEqualTo(OwnStream.MOST_WAITING).isLessThan(callers);
            assertThat(running.store.lastRecord()).isPositive();
            assertThat(stored().getFirst()).hasSize(count);
        }
    }
}
