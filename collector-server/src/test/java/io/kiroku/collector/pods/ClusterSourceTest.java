package io.kiroku.collector.pods;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.query.Scribe;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.Dice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterSourceTest {
    @TempDir
    Path data;

    private final PodTable read = new PodTable();

    private ClusterSource.Tally read() throws IOException {
        try (StoreReader store = StoreReader.open(data)) {
            return ClusterSource.read(store, read);
        }
    }

    private static byte[] lines(List<Observation> observations) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Observation observation : observations) {
            for (byte[] line : ObservationJson.lines(observation)) {
                bytes.writeBytes(line);
                bytes.write('\n');
            }
        }
        return bytes.toByteArray();
    }

    private static void same(PodTable one, PodTable other) {
        assertThat(one.pods()).isEqualTo(other.pods());
        for (int i = 0; i < 50; i++) {
            assertThat(one.eventsOf("u" + i)).isEqualTo(other.eventsOf("u" + i));
            assertThat(one.preservationsOf("u" + i)).isEqualTo(other.preservationsOf("u" + i));
        }
        assertThat(one.watches()).isEqualTo(other.watches());
    }

    @Test
    void aTableIsReadAgainFromWhatWasStored() throws IOException {
        Dice dice = new Dice(7);
        PodTable kept = new PodTable();
        try (Store store = Scribe.open(data)) {
            Scribe own = new Scribe(store, OwnNode.NAME);
            own.file(1, "/kiroku/custody").file(2, "/kiroku/cluster/test");
            for (int batch = 0; batch < 30; batch++) {
                List<Observation> observations = new ArrayList<>();
                for (int i = dice.below(40); i > 0; i--) {
                    observations.add(RandomPods.observation(dice));
                }
                observations.forEach(kept::add);
                own.log(1, "{}\n").log(2, lines(observations)).seal();
            }
        }
        ClusterSource.Tally tally = read();
        assertThat(tally.inWords()).isEmpty();
        assertThat(tally.lines()).isGreaterThan(100);
        same(read, kept);
    }

    @Test
    void nobodyElseCanTell() throws IOException {
        byte[] line = lines(List.of(new Observation.PodSeen(Scribe.START, RandomPods.pod(new Dice(1)))));
        try (Store store = Scribe.open(data)) {
            new Scribe(store, "node-1")
                    .file(1, "/kiroku/cluster/test")
                    .log(1, line)
                    .seal();
            new Scribe(store, OwnNode.NAME)
                    .file(1, "/kiroku/audit")
                    .log(1, line)
                    .seal();
        }
        assertThat(read()).isEqualTo(new ClusterSource.Tally(0, 0, 0));
        assertThat(read.pods()).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsCountedAndPassedOver() throws IOException {
        Dice dice = new Dice(3);
        byte[] first = lines(List.of(new Observation.PodSeen(Scribe.START, RandomPods.pod(dice))));
        byte[] second = lines(List.of(new Observation.Watch(Scribe.START, true, "it began")));
        try (Store store = Scribe.open(data)) {
            Scribe own = new Scribe(store, OwnNode.NAME).file(1, "/kiroku/cluster/test");
            own.log(1, first)
                    .log(1, "no line of ours\n")
                    .log(1, new byte[ObservationJson.MOST_LINE + 5])
                    .log(1, "\n")
                    .log(1, "{\"at\":\"2026-03-01T10:00:00Z\",\"wa")
                    .seal();
            own.skip(1, 100).log(1, "ng\"}}\n").log(1, second).seal();
        }
        assertThat(read()).isEqualTo(new ClusterSource.Tally(2, 3, 0));
        assertThat(read.pods()).hasSize(1);
        assertThat(read.watches()).hasSize(1);
    }

    @Test
    void aDamagedSegmentIsNotBelieved() throws IOException {
        byte[] line = lines(List.of(new Observation.Watch(Scribe.START, true, "it began, says the line")));
        byte[] other = lines(List.of(new Observation.Watch(Scribe.START, false, "it broke, says another")));
        try (Store store = Scribe.open(data)) {
            Scribe own = new Scribe(store, OwnNode.NAME).file(1, "/kiroku/cluster/test");
            own.log(1, line).seal().log(1, other).seal();
        }
        try (Stream<Path> files = Files.walk(data)) {
            Path volume = files.filter(file -> file.toString().endsWith(".vol"))
                    .findFirst()
                    .orElseThrow();
            String bytes = Files.readString(volume, StandardCharsets.ISO_8859_1);
            try (RandomAccessFile raw = new RandomAccessFile(volume.toFile(), "rw")) {
                raw.seek(bytes.indexOf("says the line"));
                raw.write('S');
            }
        }
        assertThat(read()).isEqualTo(new ClusterSource.Tally(1, 0, 1));
        assertThat(read.watches())
                .singleElement()
                .satisfies(watch -> assertThat(watch.sentence()).isEqualTo("it broke, says another"));
    }
}
