package io.kiroku.systemtests.promises;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.os.LinuxKernel;
import io.kiroku.agent.tail.PathPattern;
import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.LogKeys;
import io.kiroku.collector.query.Source;
import io.kiroku.collector.query.Sources;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.durable.ChannelFile;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.NodeClock;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.systemtests.direct.DirectAgent;
import io.kiroku.systemtests.direct.DirectCollector;
import io.kiroku.systemtests.process.Program;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose clock is wrong: the chain says so, and so does whatever shows its times. */
class ClocksIT {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long BOOTED = 1_790_000_000L * SECOND;
    private static final int EXTENT = 4 << 20;
    private static final int EXTENTS = 4;

    @TempDir
    Path directory;

    /** Time goes on by a millisecond each time that somebody looks. */
    private long sinceBoot = 60 * SECOND;

    private long behind = 90 * SECOND;

    private Timestamp nodeClock() {
        sinceBoot += MILLI;
        return new Timestamp(BOOTED + sinceBoot - behind, sinceBoot);
    }

    private Timestamp collectorClock() {
        sinceBoot += MILLI;
        return new Timestamp(BOOTED + sinceBoot, sinceBoot);
    }

    @Test
    void aClockThatIsOffIsSaidToBe() throws Exception {
        Path logs = Files.createDirectory(directory.resolve("logs"));
        Path data = Files.createDirectory(directory.resolve("data"));
        capture(logs, data);

        NodeClock.Standing clock = sources(data).getFirst().clock();
        assertIsTrue(Objects.requireNonNull(clock.farthest()).clock(), 90 * SECOND);
        assertIsTrue(Objects.requireNonNull(clock.last()).clock(), 0);
        assertThat(clock.steps()).isEqualTo(1);
        assertThat(clock.firstSteps())
                .singleElement()
                .satisfies(step -> assertThat(step.detail()).isEqualTo("by 90000 ms"));
        assertIsShown(data);
    }

    private void capture(Path logs, Path data) throws IOException {
        Path log = logs.resolve("app.log");
        Files.writeString(log, "before the step\n");
        Path pins = Files.createDirectory(directory.resolve("pins"));
        try (LinuxKernel kernel = LinuxKernel.open()) {
            DirectAgent.Place place = new DirectAgent.Place(
                    kernel,
                    List.of(PathPattern.below(logs.toString(), "*.log")),
                    FilePath.of(pins.toString()),
                    ChannelFile.open(Files.createFile(directory.resolve("ring"))),
                    ChannelFile.open(Files.createFile(directory.resolve("keys"))));
            place.ring().write(ByteBuffer.allocate(1), (long) EXTENT * (EXTENTS + 1));
            try (DirectAgent agent = new DirectAgent(place, EXTENT, EXTENTS, new SecureRandom(), this::nodeClock);
                    DirectCollector collector = new DirectCollector(
                            StoreFiles.of(data),
                            new LogFiles(new DiskDirectory(data.resolve("log"))),
                            LogKeys.in(data, Optional.empty(), new SecureRandom()),
                            1 << 30,
                            new SecureRandom(),
                            this::collectorClock)) {
                pass(agent, collector);
                behind = 0;
                Files.writeString(log, "behind it\n", StandardOpenOption.APPEND);
                pass(agent, collector);
            }
        }
    }

    private void pass(DirectAgent agent, DirectCollector collector) throws IOException {
        for (int i = 0; i < 25; i++) {
            agent.turn();
            agent.sync();
            agent.ship(collector);
            sinceBoot += SECOND;
        }
    }

    private static void assertIsTrue(Entry.Clock stated, long offset) {
        assertThat(stated.uncertaintyNanos()).isLessThan(100 * MILLI);
        assertThat(Math.abs(stated.offsetNanos() - offset)).isLessThanOrEqualTo(stated.uncertaintyNanos());
    }

    private static List<Source> sources(Path data) throws IOException {
        Sources sources = new Sources();
        try (StoreReader store = StoreReader.open(data)) {
            store.scan(Position.START, sources::add);
        }
        return sources.list(Instant.now());
    }

    private void assertIsShown(Path data) throws Exception {
        Program kiroku = new Program(Files.createDirectory(directory.resolve("outputs")));
        Program.Outcome verified = kiroku.run("verify", data.toString());
        assertThat(verified.exit()).as(verified.toString()).isZero();
        assertThat(verified.text())
                .contains("clocks        1 stream measured, 1 step")
                .containsPattern("its clock was (90\\.0|89\\.9).* s behind the collector's, give or take 0\\.0")
                .contains("by the last measurement its clock is 0.0", "its clock stepped by 90000 ms");
        Program.Outcome logs = kiroku.run("logs", "--data", data.toString(), "--path", "*.log", "--timestamps");
        assertThat(logs.stderr())
                .contains("the times are those of node", "whose clock was ", " s behind the collector's");
        Program.Outcome json = kiroku.run("sources", "--data", data.toString(), "--json");
        assertThat(json.text()).contains("\"steps\" : 1", "\"how\" : \"by 90000 ms\"", "\"uncertaintyNanos\"");
        Program.Outcome table = kiroku.run("sources", "--data", data.toString());
        assertThat(table.stderr()).as("it is right now").doesNotContain("clock of node");
    }
}
