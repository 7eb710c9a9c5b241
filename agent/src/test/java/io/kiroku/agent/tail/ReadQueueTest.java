package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimKernel;
import io.kiroku.evidence.record.FileIdentity;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.evidence.record.Fingerprint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What may soon be gone is read first, and nobody is starved. */
class ReadQueueTest {
    private final SimKernel kernel = new SimKernel(new SimFiles(() -> 0));
    private final ReadQueue queue = new ReadQueue();
    private int ids;

    private LogFile file(boolean urgent, boolean compressed) {
        int id = ++ids;
        FilePath path = FilePath.of("/logs/" + id + ".log");
        LogFile file = new LogFile(
                id,
                id,
                compressed ? Content.compressed(kernel, id) : Content.plain(kernel, id),
                path,
                path,
                new FileIdentity(1, id, 1),
                0,
                Fingerprint.NONE);
        file.urgent = urgent;
        queue.addLast(file);
        return file;
    }

    private Map<LogFile, Integer> turns(int count) {
        Map<LogFile, Integer> turns = new HashMap<>();
        for (int i = 0; i < count; i++) {
            LogFile file = queue.poll();
            assertThat(file).isNotNull();
            turns.merge(file, 1, Integer::sum);
            queue.addLast(file);
        }
        return turns;
    }

    @Test
    void oneFloodingFileDoesNotStarveAThousandQuietOnes() {
        LogFile flood = file(true, false);
        for (int i = 0; i < 1000; i++) {
            file(false, false);
        }
        Map<LogFile, Integer> turns = turns(2000 * 8 / 3);
        assertThat(turns).hasSize(1001);
        assertThat(turns.get(flood)).isBetween(2500, 3500);
    }

    @Test
    void aThousandUrgentFilesDoNotStarveAnotherOne() {
        for (int i = 0; i < 1000; i++) {
            file(true, false);
        }
        LogFile other = file(false, false);
        assertThat(turns(800).get(other)).isEqualTo(300);
    }

    @Test
    void compressedFilesAreReadToTheirEndOneAfterTheOther() {
        List<LogFile> compressed = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            compressed.add(file(false, true));
        }
        file(true, false);
        file(false, false);
        Map<LogFile, Integer> turns = turns(80);
        // The last that was added goes on, as one that is being read does.
        assertThat(turns.get(compressed.getLast())).isEqualTo(10);
        assertThat(turns).doesNotContainKeys(compressed.get(0), compressed.get(1));
    }

    @Test
    void aWaitingFileThatBecomesUrgentIsNext() {
        for (int i = 0; i < 100; i++) {
            file(false, false);
        }
        LogFile late = file(false, false);
        queue.poll();
        late.urgent = true;
        queue.promote(late);
        assertThat(List.of(queue.poll(), queue.poll())).contains(late);
    }

    @Test
    void aFileIsUrgentBeforeItReachesTheSizeAtWhichItIsRotated() {
        RotationForecast forecast = new RotationForecast();
        long mebi = 1 << 20;
        assertThat(forecast.isNear(9 * mebi, 9 * mebi, 1_000_000_000L)).isFalse();
        assertThat(forecast.isNear(9 * mebi, 9 * mebi - 200_000, 1_000_000_000L))
                .isTrue();
        assertThat(forecast.isNear(10 * mebi, 10 * mebi, 1_000_000_000L)).isTrue();
        forecast.renamed(2 * mebi);
        assertThat(forecast.isNear(2 * mebi, 2 * mebi, 0)).isTrue();
        forecast.renamed(100);
        assertThat(forecast.isNear(mebi, mebi, 0)).isFalse();
    }
}
