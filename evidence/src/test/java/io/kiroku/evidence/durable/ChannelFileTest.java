package io.kiroku.evidence.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelFileTest {
    @TempDir
    private Path directory;

    private Path file() throws IOException {
        return Files.createFile(directory.resolve("file"));
    }

    @Test
    void whatIsWrittenIsReadWhereverItLies() throws IOException {
        try (ChannelFile file = ChannelFile.open(file())) {
            ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3});
            file.write(bytes, 5);
            assertThat(bytes.hasRemaining()).isFalse();
            file.sync();
            assertThat(file.size()).isEqualTo(8);
            ByteBuffer into = ByteBuffer.allocate(10).position(2);
            assertThat(file.read(into, 4)).isEqualTo(4);
            assertThat(into.array()).containsExactly(0, 0, 0, 1, 2, 3, 0, 0, 0, 0);
            assertThat(file.read(ByteBuffer.allocate(2), 8)).isZero();
            file.truncate(6);
            assertThat(file.size()).isEqualTo(6);
        }
    }

    @Test
    void aFileIsOpenedNotMade() {
        assertThatThrownBy(() -> ChannelFile.open(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> ChannelFile.openForReading(directory.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileForReadingIsNotWritten() throws IOException {
        try (ChannelFile file = ChannelFile.openForReading(file())) {
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0))
                    .isInstanceOf(NonWritableChannelException.class);
        }
    }

    @Test
    void theLockIsForOne() throws IOException {
        Path path = file();
        ChannelFile first = ChannelFile.open(path);
        try (ChannelFile second = ChannelFile.open(path)) {
            assertThat(first.lock()).isTrue();
            assertThat(second.lock()).isFalse();
            first.close();
            assertThat(second.lock()).isTrue();
        }
    }
}
