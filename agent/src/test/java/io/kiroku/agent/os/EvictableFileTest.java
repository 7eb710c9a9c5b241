package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictableFileTest {
    private static final int LENGTH = 4 << 20;

    @TempDir
    Path directory;

    @Test
    void whatIsEvictedLeavesMemoryAndNothingElseDoes() throws Exception {
        assumeThat(Files.getFileStore(directory).type())
                .as("on tmpfs nothing can leave memory")
                .isNotEqualTo("tmpfs");
        Path path = Files.createFile(directory.resolve("ring"));
        try (EvictableFile file = EvictableFile.open(path)) {
            ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
            bytes.put(LENGTH - 1, (byte) 7);
            file.write(bytes, 0);
            file.sync();
            assertThat(isInMemory(path, 0)).isTrue();
            file.evict(0, LENGTH / 2);
            assertThat(isInMemory(path, 0)).as("what was evicted").isFalse();
            assertThat(isInMemory(path, LENGTH / 2)).as("what was not").isTrue();
            ByteBuffer read = ByteBuffer.allocate(LENGTH);
            assertThat(file.read(read, 0)).isEqualTo(LENGTH);
            assertThat(read.flip()).isEqualTo(bytes.rewind());
        }
    }

    /** mincore(2). */
    private static boolean isInMemory(Path path, long from) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, from, LENGTH / 2).isLoaded();
        }
    }
}
