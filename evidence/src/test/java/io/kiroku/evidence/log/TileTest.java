package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Property;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TileTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 256, tile/0/000",
        "0, 1234067, 256, tile/0/x001/x234/067",
        "1, 1000, 1, tile/1/x001/000.p/1",
        "-1, 5, 255, tile/entries/005.p/255",
        "7, 0, 127, tile/7/000.p/127",
        "0, 36028797018963966, 256, tile/0/x036/x028/x797/x018/x963/966"
    })
    void aPathIsWrittenAndRead(int level, long index, int width, String path) throws Exception {
        TilePath tile = new TilePath(level, index, width);
        assertThat(tile).hasToString(path);
        assertThat(TilePath.parse(path)).isEqualTo(tile);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile/0/0",
                "/tile/0/000",
                "tile/00/000",
                "tile/8/000",
                "tile/-1/000",
                "tile/0/x000/000",
                "tile/0/001/000",
                "tile/0/x001",
                "tile/0/000.p/0",
                "tile/0/000.p/256",
                "tile/0/000.p/01",
                "tile/0/000.p/",
                "tile/7/000",
                "tile/0/\u0660\u0660\u0660",
                "tile/entries/000/",
                "tile/data/000",
                "tile/0/x999/x999/x999/x999/x999/999",
                "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/x001/001"
            })
    void anythingElseIsNoPath(String path) {
        assertThatThrownBy(() -> TilePath.parse(path))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("expected a path such as");
    }

    @Test
    void thereAreNoTilesBeyondTheLargestTree() {
        assertThatThrownBy(() -> new TilePath(8, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TilePath(7, 0, 128)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TilePath(0, -1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TilePath(0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TilePath(0, 0, 257)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTileOfAnotherLengthIsRefused() throws Exception {
        TilePath three = new TilePath(0, 0, 3);
        assertThat(Tile.read(three, Octets.zero(96)).bytes()).isEqualTo(Octets.zero(96));
        assertThat(Tile.read(three, Octets.zero(8192)).hashes()).hasSize(3);
        for (int length : new int[] {0, 64, 95, 97, 8192 + 32}) {
            assertThatThrownBy(() -> Tile.read(three, Octets.zero(length)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessage("expected 96 bytes in tile/0/000.p/3, found " + length);
        }
    }

    @Test
    void aBundleIsWrittenAndRead() {
        Property.holds(200, dice -> {
            TilePath path = new TilePath(TilePath.ENTRIES, 7, dice.between(1, 20));
            List<Octets> entries = IntStream.range(0, path.width())
                    .mapToObj(_ -> dice.octets(dice.oneIn(30) ? EntryBundle.MOST_ENTRY : dice.below(300)))
                    .toList();
            EntryBundle bundle = new EntryBundle(path, entries);
            assertThat(EntryBundle.read(path, bundle.bytes())).isEqualTo(bundle);
            TilePath narrower = new TilePath(TilePath.ENTRIES, 7, dice.between(1, path.width()));
            assertThat(EntryBundle.read(narrower, bundle.bytes()).entries())
                    .isEqualTo(entries.subList(0, narrower.width()));
        });
    }

    @Test
    void aBundleThatIsCutOffOrTooLongIsRefused() {
        TilePath path = new TilePath(TilePath.ENTRIES, 0, 2);
        assertThatThrownBy(() -> EntryBundle.read(path, Octets.parse("00014100")))
                .hasMessage("expected a whole entry at offset 3 of tile/entries/000.p/2, found its beginning");
        assertThatThrownBy(() -> EntryBundle.read(path, Octets.parse("0001410002ff")))
                .hasMessage("expected a whole entry at offset 3 of tile/entries/000.p/2, found its beginning");
        assertThatThrownBy(() -> EntryBundle.read(path, Octets.parse("000141")))
                .hasMessage("expected 2 entries in tile/entries/000.p/2, found 1");
        assertThatThrownBy(() -> EntryBundle.read(path, Octets.zero(2 * 257)))
                .hasMessage("expected at most 256 entries in tile/entries/000.p/2, found more");
        assertThatThrownBy(() -> new BundleWriter().add(Octets.zero(65_536)))
                .hasMessage("an entry has at most 65535 bytes, this one has 65536");
    }
}
