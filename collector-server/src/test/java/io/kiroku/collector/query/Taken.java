package io.kiroku.collector.query;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Keeps an answer. */
final class Taken implements LogOutput {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<String> notes = new ArrayList<>();
    private volatile boolean open = true;

    @Override
    public synchronized void bytes(byte[] from, int offset, int length) {
        bytes.write(from, offset, length);
    }

    @Override
    public synchronized void note(String sentence) {
        notes.add(sentence);
    }

    @Override
    public void flush() {}

    @Override
    public boolean isOpen() {
        return open;
    }

    void close() {
        open = false;
    }

    synchronized byte[] toBytes() {
        return bytes.toByteArray();
    }

    synchronized String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized List<String> notes() {
        return List.copyOf(notes);
    }
}
