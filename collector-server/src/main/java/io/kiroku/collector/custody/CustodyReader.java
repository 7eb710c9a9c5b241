package io.kiroku.collector.custody;

import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.store.CatalogueEntry;
import io.kiroku.collector.store.OwnNode;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.trust.LogAgreement;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.segment.Segment;
import io.kiroku.evidence.verify.Location;
import io.kiroku.evidence.verify.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads the custody log from a store, which may be written meanwhile, and verifies it in passing. For one reading. */
public final class CustodyReader {
    private final StoreReader store;
    private final LogAgreement agreement;
    private final CustodyCalls calls;
    private final Verifier verifier = new Verifier(Verifier.Scope.WHOLE);
    private final Set<Octets> streams = new LinkedHashSet<>();
    private long unreadable;
    private long last;

    private CustodyReader(StoreReader store, LogAgreement agreement, CustodyRequest request) {
        this.store = store;
        this.agreement = agreement;
        this.calls = new CustodyCalls(request);
    }

    /**
     * Reads the custody log in a collector's data directory.
     *
     * @throws IOException if the files cannot be read; what is damaged in them is for the verdict
     */
    public static CustodyReport read(Path data, CustodyRequest request) throws IOException {
        // The checkpoint first: so the store has all that it counts.
        LogAgreement agreement = LogAgreement.of(data);
        try (StoreReader store = StoreReader.open(data)) {
            CustodyReader reader = new CustodyReader(store, agreement, request);
            store.scan(Position.START, reader::take);
            return reader.report();
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }

    private void take(CatalogueEntry entry) {
        last = Math.max(last, entry.number());
        Octets stream = entry.header().stream();
        if (isCustody(entry.entries())) {
            streams.add(stream);
        }
        if (streams.contains(stream)) {
            read(entry);
        }
    }

    private static boolean isCustody(List<Entry> entries) {
        return OwnNode.states(entries)
                && entries.stream()
                        .anyMatch(said ->
                                said instanceof Entry.File file && file.source().equals(OwnNode.CUSTODY));
    }

    private void read(CatalogueEntry entry) {
        Location at = entry.place().location();
        Octets stream = entry.header().stream();
        long sequence = entry.header().sequence();
        try {
            Segment segment = store.read(entry.place());
            agreement
                    .objection(entry.number(), segment.headerBytes())
                    .ifPresent(sentence -> verifier.damaged(at, stream, sequence, sentence));
            verifier.segment(at, segment.bytes()).ifPresent(sound -> records(sound.log()));
        } catch (MalformedException damaged) {
            verifier.damaged(at, stream, sequence, String.valueOf(damaged.getMessage()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void records(ByteBuffer log) {
        byte[] bytes = new byte[log.remaining()];
        log.get(bytes);
        new String(bytes, StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                calls.add(CustodyRecord.read(line));
            } catch (IOException noRecord) {
                unreadable++;
            }
        });
    }

    private CustodyReport report() {
        agreement.objections(last).forEach(sentence -> verifier.missing(null, null, 0, sentence));
        return new CustodyReport(calls.calls(), calls.leftOut(), unreadable, List.copyOf(streams), verifier.report());
    }
}
