package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Dice;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Bytes of an enemy, for all that is read of a log: they give a value or a {@link MalformedException}, and a value that
 * was read is written as the same bytes. {@code -Dkiroku.fuzz.seconds=N} makes each of these tests last so long.
 */
class HostileTextTest {
    private static final NoteSigner LOG =
            NoteSigner.ed25519("example.com/log", SigningKey.generate(new CountedRandom("log")));
    private static final NoteSigner WITNESS =
            NoteSigner.ed25519Cosigner("witness.example/w", SigningKey.generate(new CountedRandom("witness")));
    private static final List<VerifierKey> KEYS = List.of(LOG.verifierKey(), WITNESS.verifierKey());

    private interface Reading {
        /** Reads the bytes, and writes what was read. */
        byte[] again(byte[] bytes) throws MalformedException;
    }

    private static void read(byte[] bytes, Reading reading) {
        try {
            assertThat(reading.again(bytes)).isEqualTo(bytes);
        } catch (MalformedException malformed) {
            assertThat(malformed).hasMessageContaining("expected");
            assertThat(malformed.getMessage()).hasSizeLessThan(600);
        }
    }

    private static byte[] hostile(Dice dice, byte[] valid) {
        return dice.oneIn(8) ? dice.text(200).getBytes(StandardCharsets.UTF_8) : dice.spoil(valid);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(Object text) {
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    static Checkpoint checkpoint(Dice dice) {
        return new Checkpoint(
                "example.com/log",
                dice.numberFrom(0),
                dice.octets(MerkleTree.HASH),
                dice.oneIn(3) ? List.of("extension") : List.of());
    }

    @Test
    void notes() {
        Property.holdsForSomeTime(dice -> {
            String text = checkpoint(dice).text();
            SignedNote valid = SignedNote.sign(text, dice.numberFrom(0), LOG, WITNESS);
            read(hostile(dice, valid.bytes()), bytes -> {
                SignedNote note = SignedNote.parse(bytes);
                // Signatures may have been cut or moved; a text that was not signed never holds.
                assertThat(note.verify(KEYS).holds() && !note.text().equals(text))
                        .isFalse();
                return note.bytes();
            });
        });
    }

    @Test
    void proofs() {
        Property.holdsForSomeTime(dice -> {
            InclusionProof valid = new InclusionProof(
                    dice.oneIn(2) ? Optional.of(dice.octets(dice.below(40))) : Optional.empty(),
                    dice.numberFrom(0),
                    hashes(dice),
                    SignedNote.sign(checkpoint(dice).text(), 0, LOG));
            assertThat(InclusionProof.parse(valid.bytes())).isEqualTo(valid);
            read(
                    hostile(dice, valid.bytes()),
                    bytes -> InclusionProof.parse(bytes).bytes());
        });
    }

    @Test
    void requestsToWitnesses() {
        Property.holdsForSomeTime(dice -> {
            WitnessRequest valid = new WitnessRequest(
                    dice.numberFrom(0),
                    hashes(dice),
                    SignedNote.sign(checkpoint(dice).text(), 0, LOG));
            assertThat(WitnessRequest.parse(valid.bytes())).isEqualTo(valid);
            WitnessState state = new WitnessState("example.com/log", KEYS, dice.below(2), MerkleTree.EMPTY);
            read(hostile(dice, valid.bytes()), bytes -> {
                WitnessRequest request = WitnessRequest.parse(bytes);
                assertThat(state.step(request).status()).isBetween(200, 422);
                return request.bytes();
            });
        });
    }

    private static List<Octets> hashes(Dice dice) {
        return IntStream.range(0, dice.below(5))
                .mapToObj(_ -> dice.octets(MerkleTree.HASH))
                .toList();
    }

    @Test
    void policies() {
        byte[] valid = bytes("log %s\nwitness a %s\ngroup g 1 a\n# comment\nquorum g\n"
                .formatted(LOG.verifierKey(), WITNESS.verifierKey()));
        Property.holdsForSomeTime(dice -> read(hostile(dice, valid), bytes -> {
            assertThat(Policy.parse(bytes).witnesses().size()).isBetween(0, 1);
            return bytes;
        }));
    }

    @Test
    void checkpoints() {
        Property.holdsForSomeTime(dice -> read(
                hostile(dice, bytes(checkpoint(dice).text())),
                bytes -> bytes(Checkpoint.parse(text(bytes)).text())));
    }

    @Test
    void verifierKeys() {
        Property.holdsForSomeTime(
                dice -> read(hostile(dice, bytes(dice.pick(KEYS))), bytes -> bytes(VerifierKey.parse(text(bytes)))));
    }

    @Test
    void paths() {
        Property.holdsForSomeTime(dice -> {
            TilePath path = new TilePath(dice.between(-1, 2), dice.below(2_000_000), dice.between(1, 256));
            assertThat(TilePath.parse(path.toString())).isEqualTo(path);
            read(hostile(dice, bytes(path)), bytes -> bytes(TilePath.parse(text(bytes))));
        });
    }

    @Test
    void tilesAndBundles() {
        Property.holdsForSomeTime(dice -> {
            int width = dice.between(1, 10);
            List<Octets> entries = IntStream.range(0, width)
                    .mapToObj(_ -> dice.octets(dice.below(20)))
                    .toList();
            TilePath place = new TilePath(TilePath.ENTRIES, 0, width);
            Octets bundle =
                    Octets.of(dice.spoil(new EntryBundle(place, entries).bytes().toArray()));
            Octets tile = Octets.of(dice.spoil(new byte[width * MerkleTree.HASH]));
            try {
                assertThat(bundle.toString())
                        .startsWith(EntryBundle.read(place, bundle).bytes().toString());
                assertThat(tile.toString())
                        .startsWith(Tile.read(new TilePath(0, 0, width), tile)
                                .bytes()
                                .toString());
            } catch (MalformedException malformed) {
                assertThat(malformed).hasMessageContaining("expected");
            }
        });
    }
}
