package io.kiroku.cli;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.FrameCodec;
import java.io.IOException;
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
        if (!Files.isRegularFile(file) || Files.size(file) > 4 + FrameCodec.MOST_FROM_COLLECTOR) {
            return OptionalLong.empty();
        }
        ByteBuffer frame = ByteBuffer.wrap(Files.readAllBytes(file));
        if (frame.remaining() < 4 || frame.getInt() != frame.remaining()) {
            return OptionalLong.empty();
        }
        try {
            return FrameCodec.decode(frame) instanceof Frame.Receipt receipt
                    ? OptionalLong.of(receipt.sequence())
                    : OptionalLong.empty();
        } catch (MalformedException damaged) {
            return OptionalLong.empty();
        }
    }
}
