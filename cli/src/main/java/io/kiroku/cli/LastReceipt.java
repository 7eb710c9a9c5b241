package io.kiroku.cli;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The last receipt that an agent has kept beside its ring. */
final class LastReceipt {
    private static final String FILE = "receipt";

    private LastReceipt() {}

    /** The sequence that it acknowledges; empty if there is none that can be read. */
    static OptionalLong in(Path state) throws IOException {
        Path file = state.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(read(file).sequence());
        } catch (MalformedException damaged) {
            return OptionalLong.empty();
        }
    }

    /**
     * Reads a file with a receipt: the frame, its length first.
     *
     * @throws MalformedException if it holds anything else
     */
    static Frame.Receipt read(Path file) throws IOException, MalformedException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(5 + FrameCodec.MOST_FROM_COLLECTOR);
        }
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        if (frame.remaining() < 4
                || frame.getInt() != frame.remaining()
                || !(FrameCodec.decode(frame) instanceof Frame.Receipt receipt)) {
            throw new MalformedException("expected a receipt in %s, found something else".formatted(file));
        }
        return receipt;
    }
}
