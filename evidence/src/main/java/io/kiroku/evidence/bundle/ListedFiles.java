package io.kiroku.evidence.bundle;

import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.segment.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The list of files in a manifest. It may name a million, so none is kept: whoever looks at them reads them in the archive
 * again, which has to be open, and gets an {@link UncheckedIOException} where that fails.
 */
final class ListedFiles implements Iterable<BundleManifest.Listed> {
    private final ZipReader zip;
    private final BundleFile manifest;
    private final long at;

    /** @param at where the list begins in the manifest */
    ListedFiles(ZipReader zip, BundleFile manifest, long at) {
        this.zip = zip;
        this.manifest = manifest;
        this.at = at;
    }

    /** Takes the whole list, and keeps nothing of it. */
    static void check(JsonReader in) throws IOException, MalformedException {
        in.expect('[');
        boolean first = true;
        while (next(in, first) != null) {
            first = false;
        }
    }

    /** The next file; null behind the last. */
    private static BundleManifest.@Nullable Listed next(JsonReader in, boolean first)
            throws IOException, MalformedException {
        if (!in.more(first, ']')) {
            return null;
        }
        in.expect('{');
        in.name("name");
        String name = in.string(BundleFile.MOST_NAME);
        in.nextName("length");
        long length = in.number();
        in.nextName("sha256");
        BundleManifest.Listed listed = new BundleManifest.Listed(name, length, BundleManifest.hex(in, Sha256.LENGTH));
        in.expect('}');
        return listed;
    }

    @Override
    public Iterator<BundleManifest.Listed> iterator() {
        JsonReader in = new JsonReader(zip.window(manifest, at), BundleManifest.NAME);
        try {
            in.expect('[');
            BundleManifest.Listed first = next(in, true);
            return new Iterator<>() {
                private BundleManifest.@Nullable Listed ahead = first;

                @Override
                public boolean hasNext() {
                    return ahead != null;
                }

                @Override
                public BundleManifest.Listed next() {
                    BundleManifest.Listed one = ahead;
                    if (one == null) {
                        throw new NoSuchElementException();
                    }
                    try {
                        ahead = ListedFiles.next(in, false);
                    } catch (IOException | MalformedException changed) {
                        throw failed(changed);
                    }
                    return one;
                }
            };
        } catch (IOException | MalformedException changed) {
            throw failed(changed);
        }
    }

    private static UncheckedIOException failed(Exception failure) {
        return new UncheckedIOException(
                failure instanceof IOException io
                        ? io
                        : new IOException("the bundle changed while it was read: " + failure.getMessage(), failure));
    }
}
