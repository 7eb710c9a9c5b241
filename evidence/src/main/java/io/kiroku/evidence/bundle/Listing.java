package io.kiroku.evidence.bundle;

import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a manifest lists, beside the archive's files in their order. For use by one thread, once. */
final class Listing {
    private final Iterator<BundleManifest.Listed> files;
    private final Consumer<String> problems;
    private BundleManifest.@Nullable Listed ahead;

    /** @param problems takes what is wrong with the list, as what it lists */
    Listing(Iterable<BundleManifest.Listed> files, Consumer<String> problems) {
        this.files = files.iterator();
        this.problems = problems;
        advance("");
    }

    private void advance(String before) {
        ahead = files.hasNext() ? files.next() : null;
        if (ahead != null && ahead.name().compareTo(before) <= 0) {
            problems.accept("%s behind %s".formatted(ahead.name(), before));
            ahead = null;
        }
    }

    /** What it says of a file; null if it does not list it. */
    BundleManifest.@Nullable Listed of(BundleFile file) {
        skip(file.name());
        BundleManifest.@Nullable Listed one = ahead;
        if (one == null || !one.name().equals(file.name())) {
            return null;
        }
        advance(one.name());
        return one;
    }

    /** Says what it lists before that name, or at all. */
    private void skip(@Nullable String until) {
        while (ahead != null && (until == null || ahead.name().compareTo(until) < 0)) {
            problems.accept("%s, which is not there".formatted(ahead.name()));
            advance(ahead.name());
        }
    }

    /** Says what it lists behind all that was asked for. */
    void end() {
        skip(null);
    }
}
