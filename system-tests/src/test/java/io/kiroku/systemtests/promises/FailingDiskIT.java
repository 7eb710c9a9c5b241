package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.cli.demo.PacedWriter;
import io.kiroku.cli.demo.PretendContainer;
import io.kiroku.cli.demo.Rotation;
import io.kiroku.cli.demo.Written;
import io.kiroku.systemtests.faults.SystemCallFault;
import io.kiroku.systemtests.faults.SystemCallFault.Effect;
import io.kiroku.systemtests.process.Await;
import io.kiroku.systemtests.process.Running;
import io.kiroku.systemtests.store.VolumeScan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whichever write, sync, rename or link of the real programs fails, or is the last before they are killed: the process goes
 * on as it should or stops with one sentence, and once it runs without faults again everything is there.
 */
final class FailingDiskIT {
    private static final long MEBI = 1 << 20;
    private static final Duration BOUND = Duration.ofSeconds(30);

    /** Rotated, also while an agent is down, and so slowly that what could not be pinned outlives a start of the agent. */
    private static final Rotation ROTATION = Rotation.atOnce(4 * MEBI, Duration.ofMillis(2));

    /** Who has captured or stored so much of what was written after a fault goes on. */
    private static final long GOES_ON = 64 << 10;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Site site;

    @BeforeEach
    void open() throws Exception {
        Wanting.program("what becomes of a disk's failures", "strace");
        site = new Site(directory);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    @Test
    void agentOutlivesTheFailuresOfItsFirstStart() throws Exception {
        List<SystemCallFault> faults = new ArrayList<>(List.of(
                agents("fallocate", "ring.new", Effect.ENOSPC, 1),
                agents("fdatasync", "ring.new", Effect.EIO, 1),
                agents("rename", "ring.new", Effect.KILL, 1)));
        if (Site.FULL) {
            for (Effect effect : Effect.values()) {
                faults.add(agents("fallocate", "ring.new", effect, 1));
                faults.add(agents("pwrite64", "ring.new", effect, 1));
                faults.add(agents("fdatasync", "ring.new", effect, 1));
                faults.add(agents("rename", "ring.new", effect, 1));
                faults.add(agents("fsync", "", effect, 1));
                faults.add(anywhere("rename", effect, 1));
            }
        }
        site.startCollector();
        // Nothing is there at first, and every one of these faults leaves it so.
        for (SystemCallFault fault : faults) {
            Path trace = trace();
            site.agentPrefix(fault.prefix(trace).toArray(String[]::new));
            Running agent = startAgent();
            agent.await(BOUND);
            assertThat(fault.happened(trace))
                    .as("%s happened%n%s", fault, agent.tail())
                    .isTrue();
            assertEndedWell(fault, agent);
        }
        site.agentPrefix();
        startAgent();
        site.awaitFirstSegment();
        try (PacedWriter writer = write(MEBI)) {
            writer.await(30);
        }
        assertAllThere();
    }

    @Test
    void agentOutlivesTheFailuresOfItsDisk() throws Exception {
        List<Supplier<SystemCallFault>> faults = new ArrayList<>(List.of(
                () -> agents("pwrite64", "ring", Effect.ENOSPC, 4),
                () -> agents("fdatasync", "ring", Effect.EIO, 2),
                () -> agents("fdatasync", "ring", Effect.KILL, 3),
                () -> agents("pwrite64", "ring", Effect.KILL, 5),
                () -> keys("pwrite64", Effect.KILL, 2),
                () -> anywhere("rename", Effect.EIO, 1),
                () -> anywhere("linkat", Effect.EIO, 1)));
        if (Site.FULL) {
            for (Effect effect : Effect.values()) {
                for (String call : List.of("linkat", "symlink", "rename", "fsync")) {
                    faults.add(() -> anywhere(call, effect, 1));
                }
                faults.add(() -> anywhere("unlink", effect, 2));
                for (int when : List.of(1, 2, 3, 4, 5, 6, 7, 12, 25)) {
                    faults.add(() -> agents("pwrite64", "ring", effect, when));
                    faults.add(() -> agents("fdatasync", "ring", effect, when));
                    faults.add(() -> keys("pwrite64", effect, when));
                }
            }
        }
        site.startCollector();
        startAgent();
        site.awaitFirstSegment();
        try (PacedWriter _ = write(Long.MAX_VALUE)) {
            for (Supplier<SystemCallFault> planned : faults) {
                SystemCallFault fault = planned.get();
                if (happenTo(site.agent(), fault)) {
                    continue;
                }
                assertEndedWell(fault, site.agent());
                startAgent();
                awaitMore(fault);
            }
        }
        assertAllThere();
    }

    @Test
    void collectorOutlivesTheFailuresOfItsDisk() throws Exception {
        List<Supplier<SystemCallFault>> faults = new ArrayList<>(List.of(
                () -> volumes("pwrite64", Effect.ENOSPC, 3),
                () -> volumes("fdatasync", Effect.KILL, 2),
                () -> volumes("fdatasync", Effect.EIO, 3),
                () -> catalogues("pwrite64", Effect.EIO, 2)));
        if (Site.FULL) {
            for (Effect effect : Effect.values()) {
                for (int when : List.of(1, 2, 3, 4, 7)) {
                    faults.add(() -> volumes("pwrite64", effect, when));
                    faults.add(() -> volumes("fdatasync", effect, when));
                    faults.add(() -> catalogues("pwrite64", effect, when));
                }
            }
        }
        // It does not start before it can write down that it does.
        for (SystemCallFault first : List.of(
                collectors("link", "collector.key", Effect.ENOSPC, 1),
                collectors("link", "own/custody/identity.key", Effect.ENOSPC, 1),
                collectors("link", "volumes/00000001.vol", Effect.EIO, 1))) {
            Path trace = trace();
            site.collectorPrefix(first.prefix(trace).toArray(String[]::new));
            assertEndedWell(first, site.launchCollector());
            assertThat(first.happened(trace)).as("%s happened", first).isTrue();
        }
        site.collectorPrefix();
        site.startCollector();
        try (PacedWriter _ = write(Long.MAX_VALUE)) {
            for (Supplier<SystemCallFault> planned : faults) {
                SystemCallFault fault = planned.get();
                if (happenTo(site.collector(), fault)) {
                    continue;
                }
                assertEndedWell(fault, site.collector());
                site.startCollector();
                awaitMore(fault);
            }
        }
        assertAllThere();
    }

    /** In its state directory. */
    private SystemCallFault agents(String call, String file, Effect effect, int when) {
        return new SystemCallFault(call, Optional.of(site.state().resolve(file)), effect, when);
    }

    private static SystemCallFault anywhere(String call, Effect effect, int when) {
        return new SystemCallFault(call, Optional.empty(), effect, when);
    }

    /** In its directory. */
    private SystemCallFault collectors(String call, String file, Effect effect, int when) {
        return new SystemCallFault(call, Optional.of(site.data().resolve(file)), effect, when);
    }

    /** On the ratchet's keys. */
    private SystemCallFault keys(String call, Effect effect, int when) {
        try (Stream<Path> files = Files.list(keys())) {
            return new SystemCallFault(call, Optional.of(files.findFirst().orElseThrow()), effect, when);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private Path keys() {
        return directory.resolve("keys");
    }

    /** On the volume that is written at the moment. */
    private SystemCallFault volumes(String call, Effect effect, int when) {
        return collectors(call, "volumes/" + newestVolume() + ".vol", effect, when);
    }

    /** On the catalogue of that volume. */
    private SystemCallFault catalogues(String call, Effect effect, int when) {
        return collectors(call, "catalogue/" + newestVolume() + ".cat", effect, when);
    }

    private String newestVolume() {
        try {
            String name =
                    String.valueOf(VolumeScan.volumes(site.data()).getLast().getFileName());
            return name.substring(0, name.indexOf('.'));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private Path trace() throws Exception {
        return Files.createTempFile(directory, "strace-", ".out");
    }

    private Running startAgent() throws Exception {
        return site.startAgent("--ring-size", "64MiB", "--keys", keys().toString());
    }

    private PacedWriter write(long enough) throws Exception {
        PretendContainer container =
                site.node(ROTATION).startPod("shop", "web-1").start("web");
        return PacedWriter.start(container, site.seed(), MEBI, enough);
    }

    /** Lets the fault happen to a process, and waits until it has ended or shown that it goes on. True if it does. */
    private boolean happenTo(Running process, SystemCallFault fault) throws Exception {
        Path trace = trace();
        try (SystemCallFault.Attached _ = fault.attach(process.pid(), trace)) {
            if (!site.hasAgent()) {
                startAgent();
            }
            Await.until(BOUND, fault + " to happen", process::tail, () -> !process.isAlive() || fault.happened(trace));
            // What was written from now on only somebody who goes on can capture and store.
            Written log = site.written().getFirst();
            Await.until(
                    BOUND,
                    "an end or more in the store after " + fault,
                    site::tails,
                    () -> !process.isAlive() || site.captured().look().bytesOf(log.live()) > log.length() + GOES_ON);
        }
        assertThat(fault.happened(trace))
                .as("%s happened%n%s", fault, process.tail())
                .isTrue();
        return process.isAlive();
    }

    private void awaitMore(SystemCallFault fault) throws Exception {
        Written log = site.written().getFirst();
        Await.until(
                BOUND,
                "more in the store after " + fault,
                site::tails,
                () -> site.captured().look().bytesOf(log.live()) > log.length() + GOES_ON);
    }

    /** It was killed, or says in one sentence why it stopped. */
    private static void assertEndedWell(SystemCallFault fault, Running process) throws Exception {
        int exit = process.await(BOUND);
        if (fault.effect() == Effect.KILL) {
            assertThat(exit).as("exit status after %s", fault).isEqualTo(137);
            return;
        }
        assertThat(exit).as("exit status after %s%n%s", fault, process.tail()).isEqualTo(1);
        assertThat(process.output())
                .as("what it says of %s", fault)
                .contains("kiroku: ")
                .doesNotContain("this should not have happened")
                .doesNotContain("\tat ");
    }

    private void assertAllThere() throws Exception {
        site.awaitCaptured(Duration.ofSeconds(60));
        site.assertBitExact();
        site.assertVerifiedWithoutGaps();
        site.shutDown();
    }
}
