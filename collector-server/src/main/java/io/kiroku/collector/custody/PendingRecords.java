package io.kiroku.collector.custody;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.own.OwnLines;
import io.kiroku.evidence.durable.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of what commands did to a collector's data without asking the collector, a file each in {@code own/custody/pending}:
 * the chain has one writer, so a command leaves its records, and the collector takes them, within seconds or at its next start.
 * It takes each at least once: a crash between taking and deleting makes it take one again, which reading tells.
 */
public final class PendingRecords {
    /** Who vouches for the caller in such a record: nobody but the account that the command ran in. */
    public static final String VOUCHER = "offline";

    /** Files that are taken at a time. */
    private static final int MOST_AT_ONCE = 64;

    private static final String EXTENSION = ".json";
    private static final Logger LOG = LoggerFactory.getLogger(PendingRecords.class);

    private final Path directory;

    /** @param data the collector's data directory */
    public PendingRecords(Path data) {
        this.directory = data.resolve("own").resolve("custody").resolve("pending");
    }

    /** Takes records into the chain. */
    @FunctionalInterface
    interface Taker {
        void take(List<CustodyRecord> records) throws IOException;
    }

    /**
     * Leaves a record. When this returns, it is on stable storage.
     *
     * @throws IOException if it cannot be left: then what it tells of must not be done
     */
    public void leave(CustodyRecord record) throws IOException {
        if (!record.voucher().equals(VOUCHER)) {
            throw new IllegalArgumentException("expected a record of what was done offline");
        }
        try {
            Durable.createDirectories(directory);
            String name =
                    "%020d-%s-%s%s".formatted(record.when().toEpochMilli(), record.call(), record.stage(), EXTENSION);
            Durable.create(directory.resolve(name), record.json().getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new IOException(
                    "expected to leave a record for the custody log in %s, found that this cannot be written: %s"
                            .formatted(directory, failure.getMessage()),
                    failure);
        }
    }

    /** Takes what was left, the oldest first. What is no record is put aside under another name, and said. */
    void sweep(Taker taker) throws IOException {
        List<Path> files = files();
        while (!files.isEmpty()) {
            List<CustodyRecord> records = new ArrayList<>();
            List<Path> read = new ArrayList<>();
            int bytes = 0;
            for (Path file : files) {
                long size = Files.size(file);
                if (bytes + size >= OwnLines.MOST_AT_ONCE) {
                    break;
                }
                try {
                    records.add(record(file, size));
                    read.add(file);
                    bytes += (int) size + 1;
                } catch (IOException noRecord) {
                    LOG.warn("{} is no record of a command: {}.", file, noRecord.getMessage());
                    Files.move(file, Path.of(file + ".unreadable"), StandardCopyOption.ATOMIC_MOVE);
                }
            }
            if (!records.isEmpty()) {
                taker.take(records);
                for (Path file : read) {
                    Files.deleteIfExists(file);
                }
                Durable.syncDirectory(directory);
            }
            files = files();
        }
    }

    private List<Path> files() throws IOException {
        TreeSet<Path> oldest = new TreeSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*" + EXTENSION)) {
            for (Path file : all) {
                oldest.add(file);
                if (oldest.size() > MOST_AT_ONCE) {
                    oldest.removeLast();
                }
            }
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        return List.copyOf(oldest);
    }

    private static CustodyRecord record(Path file, long size) throws IOException {
        if (size > OwnLines.MOST_LINE) {
            throw new IOException("expected at most %d bytes, found %d".formatted(OwnLines.MOST_LINE, size));
        }
        CustodyRecord record = CustodyRecord.read(Files.readString(file, StandardCharsets.UTF_8));
        if (!record.voucher().equals(VOUCHER)) {
            throw new IOException("expected the voucher " + VOUCHER + ", found another");
        }
        if (record.json().getBytes(StandardCharsets.UTF_8).length > OwnLines.MOST_LINE / 2) {
            throw new IOException("expected a shorter record");
        }
        return record;
    }
}
