package io.kiroku.evidence.log;

import io.kiroku.evidence.record.Octets;
import java.io.IOException;

/** Where a log's tiles and bundles come from. What it gives is believed by nobody: only proofs and roots are. */
public interface TileSource {
    /**
     * The bytes at the path. Where a partial tile is not kept any more, those of a wider one at the same place will do.
     *
     * @throws IOException if there is nothing there, or it cannot be read
     */
    Octets read(TilePath path) throws IOException;
}
