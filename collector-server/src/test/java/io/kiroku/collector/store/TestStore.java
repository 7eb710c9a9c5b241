package io.kiroku.collector.store;

import io.kiroku.collector.PretendAgent;
import io.kiroku.evidence.verify.Finding;
import io.kiroku.evidence.verify.Report;
import io.kiroku.evidence.verify.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A store in memory, and short words for what tests do with one. */
final class TestStore {
    static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));
    static final String FIRST = StoreFiles.volumeName(1);
    static final String FIRST_CATALOGUE = StoreFiles.catalogueName(1);

    final ForgetfulDirectory volumes;
    final ForgetfulDirectory catalogue;
    final ForgetfulDirectory aside;

    TestStore() {
        this(new ForgetfulDirectory(), new ForgetfulDirectory(), new ForgetfulDirectory());
    }

    TestStore(ForgetfulDirectory volumes, ForgetfulDirectory catalogue, ForgetfulDirectory aside) {
        this.volumes = volumes;
        this.catalogue = catalogue;
        this.aside = aside;
    }

    TestStore copy() {
        return new TestStore(volumes.copy(), catalogue.copy(), aside.copy());
    }

    StoreFiles files() {
        return new StoreFiles(volumes, catalogue, aside);
    }

    Store open() throws IOException {
        return Store.open(files(), CLOCK, () -> 0L);
    }

    Store open(long mostVolume) throws IOException {
        return Store.open(files(), CLOCK, () -> 0L, mostVolume);
    }

    StoreReader reader() {
        return StoreReader.open(files(), () -> false);
    }

    List<CatalogueEntry> entries() throws IOException {
        List<CatalogueEntry> entries = new ArrayList<>();
        reader().scan(Position.START, entries::add);
        return entries;
    }

    /** What verification says, and what it notes. */
    record Verified(Report report, List<String> notes) {
        List<Finding> integrity() {
            return findings(report.integrity());
        }

        List<Finding> completeness() {
            return findings(report.completeness());
        }

        private static List<Finding> findings(Verdict verdict) {
            return switch (verdict) {
                case Verdict.Holds _ -> List.of();
                case Verdict.Fails fails -> fails.findings();
            };
        }
    }

    Verified verify() throws IOException {
        return verify(false);
    }

    Verified verify(boolean live) throws IOException {
        List<String> notes = new ArrayList<>();
        Report report = StoreVerification.verify(files(), live, new StoreVerification.Observer() {
            @Override
            public void progress(long doneBytes, long totalBytes) {}

            @Override
            public void note(String sentence) {
                notes.add(sentence);
            }
        });
        return new Verified(report, notes);
    }

    /** Stores segments, each with a commit of its own. */
    static void store(Store store, ByteBuffer... segments) throws StoreUnavailableException {
        for (ByteBuffer segment : segments) {
            store.append(PretendAgent.segment(segment));
            store.sync();
        }
    }
}
