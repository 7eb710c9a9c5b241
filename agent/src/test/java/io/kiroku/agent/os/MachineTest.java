package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MachineTest {
    @Test
    void bootIdIsTheKernelsUuidByteForByte() throws IOException {
        String text =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        assertThat(Machine.bootId()).hasSize(16);
        assertThat(HexFormat.of().formatHex(Machine.bootId())).isEqualTo(text.replace("-", ""));
    }

    @Test
    void bootTimeIsTheUptimeAndOnlyGrows() throws IOException {
        long before = uptimeCentis();
        long first = Machine.bootTimeNanos();
        long second = Machine.bootTimeNanos();
        long after = uptimeCentis();
        assertThat(first / 10_000_000).isBetween(before, after);
        assertThat(second).isBetween(first, (after + 1) * 10_000_000);
    }

    @Test
    void wallTimeIsThatOfTheJdk() {
        long before = System.currentTimeMillis();
        long wall = TimeUnit.NANOSECONDS.toMillis(Machine.wallNanos());
        assertThat(wall).isBetween(before, System.currentTimeMillis());
    }

    @Test
    void hostNameIsWhatUnameSays() throws IOException, InterruptedException {
        assertThat(Machine.hostName()).isNotEmpty().isEqualTo(Shell.run(Path.of("/"), "uname -n"));
    }

    private static long uptimeCentis() throws IOException {
        String seconds = Files.readString(Path.of("/proc/uptime")).split(" ", -1)[0];
        return Long.parseLong(seconds.replace(".", ""));
    }
}
