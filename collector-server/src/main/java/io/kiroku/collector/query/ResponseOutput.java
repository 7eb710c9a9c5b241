package io.kiroku.collector.query;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponseWriter;
import java.io.IOException;
import java.io.Serial;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes an answer into an HTTP response, no faster than the client takes it, and not at all to one that takes nothing
 * for a minute. As log frames, or as log bytes alone with two trailing headers: {@code kiroku-notes}, how many notes
 * were left out, and {@code kiroku-whole}, whether all was shown.
 */
final class ResponseOutput implements LogOutput {
    /** The client is gone, or takes nothing. */
    static final class GoneException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        GoneException(String sentence) {
            super(sentence);
        }
    }

    private static final int BUFFER = 64 << 10;
    private static final long PATIENCE_SECONDS = 60;

    private final HttpResponseWriter response;
    private final boolean framed;
    private final byte[] buffer = new byte[BUFFER];
    private int length;
    private long notes;

    ResponseOutput(HttpResponseWriter response, boolean framed) {
        this.response = response;
        this.framed = framed;
    }

    @Override
    public void bytes(byte[] from, int offset, int count) throws IOException {
        int at = offset;
        int left = count;
        while (left > 0) {
            int part = Math.min(left, BUFFER - length);
            System.arraycopy(from, at, buffer, length, part);
            length += part;
            at += part;
            left -= part;
            if (length == BUFFER) {
                flush();
            }
        }
    }

    @Override
    public void note(String sentence) throws IOException {
        notes++;
        if (framed) {
            flush();
            send(LogFrames.note(sentence));
        }
    }

    @Override
    public void flush() throws IOException {
        if (length == 0) {
            return;
        }
        byte[] bytes = Arrays.copyOf(buffer, length);
        length = 0;
        if (framed) {
            send(LogFrames.head(LogFrames.BYTES, bytes.length));
        }
        send(bytes);
    }

    /** The answer is at its end. */
    void end(boolean whole) throws IOException {
        flush();
        if (framed) {
            send(LogFrames.end(whole));
        } else if (!response.tryWrite(HttpHeaders.of("kiroku-notes", notes, "kiroku-whole", whole))) {
            throw new GoneException("the client is gone");
        }
    }

    private void send(byte[] bytes) throws IOException {
        if (!response.tryWrite(HttpData.wrap(bytes))) {
            throw new GoneException("the client is gone");
        }
        try {
            response.whenConsumed().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException gone) {
            throw new GoneException("the client is gone");
        } catch (TimeoutException slow) {
            throw new GoneException("the client took nothing for %d s".formatted(PATIENCE_SECONDS));
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
            throw new GoneException("the collector ends");
        }
    }

    @Override
    public boolean isOpen() {
        return response.isOpen();
    }
}
